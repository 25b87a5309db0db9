"""The doctor's word on memory is the engine's own placement, for cards of many sizes; no model is loaded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.cli.doctor.accelerator import check_memory
from bot.cli.doctor.finding import Finding
from bot.cli.doctor.inputs import Discord, Inputs
from bot.cli.doctor.probes import Probes
from bot.domain.model_offers import RESERVED, Gpu
from bot.settings import Settings
from engine.api.model_catalog import entry_of
from engine.api.model_inventory import ModelEntry, ModelInventory
from engine.api.placement import NOTHING, Format, Room, Size, place

EVERY = frozenset(Format)
GB = 1_000_000_000
KLEIN = "black-forest-labs/FLUX.2-klein-4B"


def finding(
    gib: float,
    *,
    name: str = KLEIN,
    formats: frozenset[Format] = EVERY,
    used: int = RESERVED,
    host: int = 64 * GB,
    weights: str = "auto",
    editor: str | None = None,
) -> Finding:
    """Return what the doctor says of a model on a card of this size."""
    total = round(gib * 2**30 * 0.98)
    models = {"LIMNER_MODEL": entry(name), **({"LIMNER_EDITOR": entry(editor)} if editor else {})}
    probes: Any = SimpleNamespace(memory=lambda: (host, host), formats=lambda: formats)
    settings: Any = SimpleNamespace(engines=(), locale="en-US")
    inventory = ModelInventory(models, "2.13", "13.0", weights)
    gpu = Gpu("a card", "580", total, total - used)
    [found] = check_memory(Inputs(cast(Settings, settings), cast(Probes, probes), inventory, (("0", gpu),), Discord()))
    return found


def entry(name: str) -> ModelEntry:
    known = entry_of(name)
    assert known
    return ModelEntry(name, name, "download", parts=known.sizes)


@pytest.mark.parametrize("gib", range(4, 26, 2))
@pytest.mark.parametrize("formats", [EVERY, frozenset({Format.FULL})], ids=["with the packages", "without"])
def test_it_agrees_with_placement_in_both_directions(gib: int, formats: frozenset[Format]) -> None:
    known = entry_of(KLEIN)
    assert known
    placement = place(known.sizes, NOTHING, Room(round(gib * 2**30 * 0.98) - RESERVED, 64 * GB, formats))
    found = finding(gib, formats=formats)
    assert found.verdict == ("ok" if placement else "fails")
    if placement is not None:
        assert (
            dict(found.facts)["fits"]
            == {
                "together full": "fits",
                "together int8": "fits in int8",
                "together 4bit": "fits in 4 bits",
                "parts full": "fits part by part",
            }[f"{placement.where.value} {placement.weights.value}"]
        )


@pytest.mark.parametrize(
    ("gib", "fits"), [(8, "fits in 4 bits"), (12, "fits in int8"), (16, "fits in int8"), (24, "fits")]
)
def test_cards_that_people_have(gib: int, fits: str) -> None:
    found = finding(gib)
    assert (found.verdict, dict(found.facts)["fits"]) == ("ok", fits)


def test_what_takes_turns_must_fit_the_machine_s_memory() -> None:
    plain = frozenset({Format.FULL})
    assert finding(12, formats=plain, host=17 * GB).verdict == "ok"
    found = finding(12, formats=plain, host=15 * GB)
    assert (found.verdict, found.key) == ("fails", "doctor-memory-host")


def test_memory_that_is_taken_now_is_a_warning_where_the_placement_would_be_another() -> None:
    assert finding(24, used=RESERVED + GB).verdict == "ok"
    assert finding(24, used=12 * GB).key == "doctor-memory-taken"


def test_the_setting_and_an_editor_count() -> None:
    assert finding(24, weights="4bit").facts["fits"] == "fits in 4 bits"
    assert finding(6, weights="int8", host=64 * GB).verdict == "fails"
    both = finding(24, name="stabilityai/stable-diffusion-xl-base-1.0", editor=KLEIN)
    assert both.facts["fits"] == "fits in int8"


def test_sizes_travel_to_the_doctor_unchanged() -> None:
    import msgspec

    inventory = ModelInventory({"LIMNER_MODEL": ModelEntry("a", "a", "here", parts={"unet": Size(10, 4, 2)})})
    assert msgspec.json.decode(msgspec.json.encode(inventory), type=ModelInventory) == inventory
