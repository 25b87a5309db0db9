"""The pages about the code name files, functions and tests that there are; their ways through the code are ways."""

from __future__ import annotations

import ast
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.reading import ROOT, headings, spans, table, tables

DOCS = ROOT / "docs"
PAGES = [ROOT / "CONTRIBUTING.md", *(DOCS / f"{name}.md" for name in ("architecture", "decisions", "faults"))]
PATH = re.compile(r"(?:\.?[\w-]+/)+(?:[\w.-]+)?|[\w-]+\.(?:py|toml|txt|md)")
WAYS = [rows[1:] for rows in tables(DOCS / "architecture.md") if rows[0] == ["file", "function", "what happens"]]
FROM_OUTSIDE = ("From Discord:", "Over the wire:", "At the next request:")
FAULTS = table(DOCS / "faults.md", "fault | what happens")


def code(cell: str) -> str:
    return cell.strip("`")


def exists(path: str) -> bool:
    """Tell whether a path is the repository's; a test's may begin within tests/, or within tests/survival/."""
    return any((ROOT / folder / path).exists() for folder in ("", "tests", "tests/survival"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_path_that_is_named_is_there(page: Path) -> None:
    named = {span.text for span in spans(page) if PATH.fullmatch(span.text)}
    assert named
    assert {path for path in named if not exists(path)} == set()


@cache
def functions(path: Path) -> dict[str, ast.AST]:
    """Return the functions of a file, and its classes' methods as Class.method."""
    found: dict[str, ast.AST] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}": each for each in node.body if hasattr(each, "name")}
    return found


STEPS = [pytest.param(row, way[:number], id=code(row[1])) for way in WAYS for number, row in enumerate(way)]
"""Each step of a way, with those above it."""


def test_there_are_three_ways_and_each_crosses_rooms() -> None:
    assert len([text for level, text in headings(DOCS / "architecture.md") if level == 3]) == len(WAYS) == 3
    for way in WAYS:
        assert len({Path(code(row[0])).parent for row in way}) >= 4


@pytest.mark.parametrize(("step", "above"), STEPS)
def test_a_step_is_a_function_that_a_file_above_it_names(step: list[str], above: list[list[str]]) -> None:
    path, name = code(step[0]), code(step[1])
    assert name in functions(ROOT / path)
    if not step[2].startswith(FROM_OUTSIDE):
        called = re.compile(rf"\b{name.rpartition('.')[2]}\b")
        callers = [code(row[0]) for row in above if called.search((ROOT / code(row[0])).read_text("utf-8"))]
        assert callers, f"{name}: none of the files above names it"


def test_every_room_has_its_row() -> None:
    told = {span.text.strip("/") for span in spans(DOCS / "architecture.md")}
    rooms = {
        f"{package}/{folder.name}"
        for package in ("bot", "engine")
        for folder in (ROOT / package).iterdir()
        if (folder / "__init__.py").exists()
    }
    assert rooms - told == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda row: row[0])
def test_what_a_fault_does_is_under_the_test_that_its_row_names(fault: list[str]) -> None:
    named = re.findall(r"`([\w/.]+)`(?:: ([^;`]*))?", fault[2])
    assert named
    for file, phrases in named:
        path = ROOT / "tests" / file if "/" in file else ROOT / "tests" / "survival" / file
        assert path.exists()
        tests = [name.replace("_", " ") for name in functions(path)] if path.is_file() else []
        for phrase in filter(None, (part.strip().lower() for part in phrases.split(","))):
            assert any(phrase in name for name in tests), f"{file} has no test of {phrase!r}"


def test_decisions_are_dated_and_the_newest_is_first() -> None:
    dates = [text for level, text in headings(DOCS / "decisions.md") if level == 2]
    assert len(dates) > 2
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date in dates)
    assert all(later > earlier for later, earlier in pairwise(dates))


def test_contributing_is_short() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= 80
