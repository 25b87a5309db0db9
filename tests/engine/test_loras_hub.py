"""A LoRA that LIMNER_LORAS names on the hub: fetched once, whole, and the engine goes on where it cannot be had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from engine.api.messages import LoraFault
from engine.model_inventory import take_inventory
from engine.models.fitting import fetch_loras
from engine.models.lora_files import Loras, read_places
from harness import tiny_pipelines as tiny
from harness.small_hub import SmallHub
from harness.tiny_loras import save_lora

METADATA = {"modelspec.trigger_phrase": "inkwash", "comment": "x" * 600_000}
PLACE = "artist/inks/styles/ink.safetensors"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallHub]:
    lora = save_lora(tiny.sd15(), tmp_path / "ink.safetensors", metadata=METADATA)
    files = {"styles/ink.safetensors": lora.read_bytes(), "styles/code.py": b"raise SystemExit", "styles/ink.bin": b"x"}
    started = SmallHub({"artist/inks": files})
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "ENDPOINT", started.url)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", started.url + "/{repo_id}/resolve/{revision}/{filename}"
    )
    yield started
    started.stop()


def read(*places: str) -> Loras:
    return fetch_loras(read_places(",".join(places)), lambda event: None)


def test_it_is_fetched_alone_goes_on_after_a_cut_and_is_here_from_then_on(
    hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setenv("LIMNER_LORAS", PLACE)
    assert take_inventory().loras_to_fetch == [PLACE]
    hub.cuts[PLACE] = [300_000, 200_000]
    [lora] = read(PLACE).files
    assert (lora.name, lora.triggers) == ("ink", ("inkwash",))
    assert lora.path.read_bytes() == hub.models["artist/inks"]["styles/ink.safetensors"]
    assert any("bytes=" in asked for asked in hub.asked), "what came before the cut is kept"
    assert not any(part in asked for asked in hub.asked for part in ("code.py", "ink.bin"))
    hub.asked.clear()
    hub.stop()
    assert read(PLACE).files == [lora], "no network is needed"
    assert hub.asked == []
    inventory = take_inventory()
    assert (inventory.loras, inventory.loras_to_fetch) == (["ink"], [])


@pytest.mark.parametrize("fault", ["no such file", "no such model", "damaged", "no hub"])
def test_one_that_cannot_be_fetched_is_left_out_and_those_here_are_used(
    fault: str, hub: SmallHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"no such file": "artist/inks/none.safetensors", "no such model": "nobody/none/ink.safetensors"}.get(
        fault, PLACE
    )
    if fault == "damaged":
        hub.damaged = frozenset({PLACE})
    if fault == "no hub":
        hub.stop()
    here = save_lora(tiny.sd15(), tmp_path / "wax.safetensors")
    found = read(place, str(here))
    assert [lora.name for lora in found.files] == ["wax"]
    [left_out] = found.left_out
    assert str(left_out).startswith(f"LIMNER_LORAS: {place} cannot be fetched from the hub; correct the name, or see")
    assert left_out.fault == LoraFault(place.rpartition("/")[2], "unfetched")
