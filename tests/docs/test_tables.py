"""The documents' tables hold what the program holds: settings, models, commands, and its own sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from discord import app_commands
from dotenv import dotenv_values

from engine.api.model_catalog import CATALOG, GPUS, OWN_READERS, PAINTERS, PEAKS, PLANNERS, REFERENCE_CHIP, CatalogEntry
from engine.api.placement import NOTHING, WORKING, Format, Placement, Room, Size, Where, place
from engine.models.device import Device
from engine.models.model_choice import choose_painter, choose_planner
from engine.models.source import Source, read_source
from tests.docs.reading import HOSTS, MEMBERS, MODERATORS, README, ROOT, documents, spans, table, tables
from tests.docs.sentences import failures, refusals_to_start, remedies
from tests.integration.conftest import World

DOCS = ROOT / "docs"
EXAMPLE = {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()}
CODE = re.compile(r"`([^`]+)`")


def settings(file: Path) -> dict[str, str]:
    """Return the settings that a document's tables tell, with their defaults."""
    found: dict[str, str] = {}
    for rows in tables(file):
        if len(rows[0]) == 3 and "DISCORD_TOKEN" not in rows[0][0] and rows[0][2] in ("default", "默认值"):
            for names, _, default in rows[1:]:
                found |= dict.fromkeys(CODE.findall(names), default.strip("`"))
    return found


def test_every_setting_is_in_the_table_with_its_default_and_no_other() -> None:
    assert settings(DOCS / "settings.md") == EXAMPLE


def test_the_hosts_table_tells_the_same_defaults() -> None:
    told = settings(HOSTS)
    assert len(told) > 5
    assert told == {name: EXAMPLE[name] for name in told}


@pytest.mark.parametrize("file", documents(), ids=lambda file: str(file.relative_to(ROOT)))
def test_no_document_names_a_setting_that_there_is_not(file: Path) -> None:
    others = {"LIMNER_DISCORD_OPENAPI", "LIMNER_FUZZ"}  # for the tests alone
    named = {
        name for span in spans(file) for name in re.findall(r"\b(?:LIMNER|ENGINE|PLANNER|DISCORD)_[A-Z_]+\b", span.text)
    }
    assert named - set(EXAMPLE) - others == set()


# Models, by the catalog's own decisions.


def device(gb: int) -> Device:
    """Return a GPU as it is sold, which nothing else uses but a desktop; its driver keeps a fiftieth."""
    total = round(gb * 2**30 * 0.98)
    return Device("cuda", torch.bfloat16, "a GPU", total - 500_000_000, total)


EVERY, PLAIN = frozenset(Format), frozenset({Format.FULL})
"""The formats that can be loaded with the packages of limner[small], and without them."""


def chosen(gb: int, formats: frozenset[Format]) -> tuple[str, str, Placement]:
    """Return what `auto` takes on such a GPU: painter, language model, and how their weights are kept."""
    where = device(gb)
    room = Room(where.free, formats=formats)
    painter, planner = (read_source(f"LIMNER_{name}", "auto", name.lower()) for name in ("PAINTER", "PLANNER"))
    painter = choose_painter(painter, where, room, lambda _: False)
    if painter.is_starter:
        return "the starter pair", "the starter pair", Placement()
    known = by_name(PAINTERS, painter)
    if known.name in OWN_READERS:
        return known.name, "its own text encoder", placed(known.sizes, NOTHING, room)
    planner = choose_planner(planner, known.sizes, where, room, lambda _: False)
    return known.name, planner.name, placed(known.sizes, by_name(PLANNERS, planner).size, room)


def placed(painter: dict[str, Size], planner: Size, room: Room) -> Placement:
    return place(painter, planner, room) or pytest.fail("does not fit")


def by_name(those: tuple[CatalogEntry, ...], source: Source) -> CatalogEntry:
    return next(known for known in those if known.name == source.name)


SAID = {
    Where.TOGETHER: "all on the device",
    Where.TURNS: "the two models in turns, one picture at a time",
    Where.PARTS: "part by part in turns, one picture at a time",
}
WEIGHTS = {Format.FULL: "in full", Format.INT8: "in int8", Format.FOUR_BIT: "in 4 bits"}
SHORT = {"stabilityai/stable-diffusion-xl-base-1.0": "SDXL"}


def memory_row(memory: str, formats: frozenset[Format]) -> list[str]:
    """Return a row of the table of GPUs; all sizes in its first cell must come to the same."""
    rows = set()
    for size in map(int, re.findall(r"\d+", memory)):
        name, reader, placement = chosen(size, formats)
        kept = "" if name == "the starter pair" else f"{WEIGHTS[placement.weights]}, "
        rows.add((SHORT.get(name, name.rpartition("/")[2]), reader.rpartition("/")[2], kept + SAID[placement.where]))
    assert len(rows) == 1, f"{memory}: {rows}"
    return [memory, *rows.pop()]


@pytest.mark.parametrize(
    ("page", "heading", "formats"),
    [
        (README, "GPU memory (GB) | paints | reads the words | weights", EVERY),
        (DOCS / "sizing.md", "GPU memory (GB), without limner[small]", PLAIN),
    ],
    ids=["with the packages", "without them"],
)
def test_the_models_by_memory_are_those_that_the_catalog_chooses(
    page: Path, heading: str, formats: frozenset[Format]
) -> None:
    told = table(page, heading)
    sizes = [int(size) for row in told for size in re.findall(r"\d+", row[0])]
    assert sizes == sorted(sizes)
    assert {4, 8, 12, 16, 24, 48, 80} <= set(sizes)
    rows = [memory_row(row[0], formats) for row in told]
    assert told == rows, "\n".join(f"| {' | '.join(row)} |" for row in rows)


def known_row(known: CatalogEntry) -> list[str]:
    """Return a model's row as the document shows it."""
    about = "" if known.measured else "about "
    seconds = "–" if known.seconds is None else f"{about}{round(known.seconds, 1):g} s"
    chosen_by_auto = f"from {known.from_gb:g} GB" if known.from_gb else "yes"
    if not known.devices & GPUS:
        chosen_by_auto = "without a GPU, once it is here"
    return [
        f"[{known.name}](https://huggingface.co/{known.name})",
        "paints" if known.paints else "reads",
        f"{known.fetch_bytes / 1e9:.1f} GB",
        " / ".join(
            "–" if known.keeps_full and weights is not Format.FULL else f"{known.memory_in(weights) / 1e9:.1f}"
            for weights in Format
        )
        + " GB",
        seconds,
        known.licence,
        chosen_by_auto if known.is_free else "no: its licence",
    ]


def test_each_known_model_has_its_sizes_seconds_licence_and_threshold() -> None:
    page, rows = DOCS / "models.md", [known_row(known) for known in CATALOG]
    assert table(page, "model | paints") == rows, "\n".join(f"| {' | '.join(row)} |" for row in rows)
    assert f"about {WORKING / 1e9:.1f} GB beside them" in page.read_text()
    assert f"a picture on an {REFERENCE_CHIP}" in page.read_text()
    assert f"{PEAKS[REFERENCE_CHIP] / 1e12:g} TFLOP/s" in page.read_text()
    assert round(PEAKS[REFERENCE_CHIP] / PEAKS["RTX 4090"]) == 6


def test_what_was_measured_stands_among_the_results() -> None:
    line = next(
        line for line in (ROOT / "bench" / "RESULTS.md").read_text().splitlines() if "alone, its usual steps" in line
    )
    told = sorted(float(seconds) for seconds in re.findall(r"([\d.]+) s \(", line))
    assert told == sorted(known.seconds for known in CATALOG if known.seconds and known.measured)


# Limner's own sentences.


def test_hosts_read_of_the_doctor_in_its_own_sentences() -> None:
    rows = table(HOSTS, "check | what it says")
    assert len(rows) >= 8
    known = remedies("en")
    for check, fact, remedy in rows:
        assert known.get((check, fact)) == remedy, f"{check}: {fact}"


def test_the_failures_that_hosts_read_of_are_those_that_people_read() -> None:
    section = HOSTS.read_text("utf-8").partition("## When something is wrong")[2].partition("\n## ")[0]
    told = re.findall(r"^- (.+)$", section, flags=re.MULTILINE)
    assert len(told) >= 3
    assert set(told) <= set(failures("en"))


def test_troubleshooting_has_every_sentence_and_no_other() -> None:
    page = DOCS / "troubleshooting.md"
    known = [[check, fact, remedy] for (check, fact), remedy in remedies("en").items()]
    told = table(page, "check | what it says")
    assert told == known, "\n".join(f"| {' | '.join(row)} |" for row in known if row not in told)
    items = re.findall(r"^- (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    sentences = [*failures("en"), *refusals_to_start("en")]
    assert items == sentences, "\n".join(f"- {item}" for item in sentences if item not in items)


# Commands.


def told_commands(file: Path, head: str) -> set[str]:
    """Return the slash commands in a table's first column."""
    cells = [row[0] for rows in tables(file) if rows[0][0] == head for row in rows[1:]]
    return {re.sub(r" \w+:.*", "", name)[1:] for cell in cells for name in CODE.findall(cell) if name.startswith("/")}


async def test_every_command_is_in_the_tables_and_no_other(world: World) -> None:
    tree = world.bot.tree
    known = {command.qualified_name for command in tree.walk_commands() if isinstance(command, app_commands.Command)}
    everyones, moderators = (told_commands(file, "command") for file in (MEMBERS, MODERATORS))
    assert everyones | moderators == known
    assert not everyones & moderators
    menus = [menu.name for menu in tree.get_commands() if isinstance(menu, app_commands.ContextMenu)]
    assert menus
    for menu in menus:
        assert f"*Apps → {menu}*" in MEMBERS.read_text("utf-8")


async def test_every_option_of_imagine_is_told(world: World) -> None:
    command = world.bot.tree.get_command("imagine")
    assert isinstance(command, app_commands.Command)
    (row,) = [row for rows in tables(MEMBERS) for row in rows if row[0].startswith("`/imagine")]
    assert {parameter.name for parameter in command.parameters} == {"prompt", *CODE.findall(row[1])}
