"""`make layers` fails where it should: in a copy of the packages, rooms get stray modules, turned arrows, circles."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SERVING = ("bot", "engine", "training")
PACKAGES = (*SERVING, "harness", "bench", "tests")
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
    "contracts"
]
LAYERS: dict[str, list[str]] = {
    room: contract["layers"]
    for contract in CONTRACTS
    if contract["type"] == "layers" and contract.get("exhaustive")
    for room in contract["containers"]
}
"""Each room with layers that name all of its modules, the highest first."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what import-linter reads."""
    folder = tmp_path_factory.mktemp("layers")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=lambda at, names: [*_no_code(Path(at), names)])
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _no_code(folder: Path, names: list[str]) -> Iterator[str]:
    for name in names:
        if name == "__pycache__" or not ((folder / name).is_dir() or name.endswith(".py")):
            yield name


def lint(folder: Path) -> tuple[int, str]:
    """Run what `make layers` runs; return its exit status and what it printed."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "300", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return run.returncode, run.stdout + run.stderr


@contextmanager
def added(file: Path, line: str) -> Iterator[None]:
    """Let a file begin with another line, or be there with it alone."""
    before = file.read_bytes() if file.exists() else None
    file.write_bytes(f"{line}\n".encode() + (before or b""))
    yield
    if before is None:
        file.unlink()
    else:
        file.write_bytes(before)


def module(folder: Path, name: str) -> Path:
    """Return the file of a module, or of a package's first lines."""
    path = folder.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def names(layer: str) -> list[str]:
    """Return the modules of a layer."""
    return [name.strip(" ()") for name in layer.replace("|", ":").split(":")]


def test_every_room_has_layers_that_name_all_its_modules() -> None:
    rooms = {
        f"{package}.{folder.name}"
        for package in SERVING
        for folder in (ROOT / package).iterdir()
        if (folder / "__init__.py").exists() and len([*folder.glob("*.py"), *folder.glob("*/__init__.py")]) > 1
    }
    assert set(LAYERS) == rooms | set(SERVING)


def test_as_it_is_nothing_is_wrong(copy: Path) -> None:
    status, output = lint(copy)
    assert status == 0, output


def test_modules_that_no_layer_names_fail(copy: Path) -> None:
    """One in each room."""
    with ExitStack() as strays:
        for room in LAYERS:
            strays.enter_context(added(copy.joinpath(*room.split("."), "stray.py"), '"""Nobody named it."""'))
        status, output = lint(copy)
    assert status == 1
    assert [room for room in LAYERS if f"- {room}.stray" not in output] == []


def turned_arrows() -> Iterator[tuple[str, str, str]]:
    """Yield each room with, for each of its layers but the highest, a module and one of the layer above."""
    for room, layers in LAYERS.items():
        for above, below in pairwise(layers):
            yield room, f"{room}.{names(below)[0]}", f"{room}.{names(above)[0]}"


def test_arrows_that_are_turned_fail(copy: Path) -> None:
    """In each room, a module of each layer imports one of the layer above."""
    turned = [(lower, higher) for _, lower, higher in turned_arrows()]
    with ExitStack() as arrows:
        for lower, higher in turned:
            arrows.enter_context(added(module(copy, lower), f"import {higher}"))
        status, output = lint(copy)
    assert status == 1
    assert [pair for pair in turned if "{} is not allowed to import {}".format(*pair) not in output] == []


FORBIDDEN = {
    "bot": ("training", "harness", "bench", "tests", "torch"),
    "engine": ("bot", "training", "harness", "bench", "tests", "discord"),
    "training": ("bot", "harness", "bench", "tests"),
    "harness": ("bench", "tests"),
    "bench": ("tests",),
    "tests.unit": ("bench",),
}
"""What the whole packages must not import."""


def test_arrows_between_packages_that_are_turned_fail(copy: Path) -> None:
    with ExitStack() as arrows:
        for package, targets in FORBIDDEN.items():
            lines = "\n".join(f"import {target}" for target in targets)
            arrows.enter_context(added(copy.joinpath(*package.split("."), "stray.py"), lines))
        status, output = lint(copy)
    assert status == 1
    arrows_found = set(re.findall(r"([\w.]+)\.stray -> (\w+)", output))
    assert {(package, target) for package, targets in FORBIDDEN.items() for target in targets} <= arrows_found


def imports_within(graph: grimp.ImportGraph) -> Iterator[tuple[str, str, str]]:
    """Yield each package with two modules of its own of which the first imports the second, where there are such."""
    for package in sorted(graph.modules):
        modules = {name for name in graph.find_children(package) if not graph.find_children(name)}
        imports = [
            (one, other) for one in sorted(modules) for other in graph.find_modules_directly_imported_by(one) & modules
        ]
        if imports and not package.startswith("tests"):
            yield package, *min(imports)


def test_circles_of_hints_at_types_fail(copy: Path) -> None:
    """In each package at whatever depth, also in those whose modules stand in no layers."""
    made = list(imports_within(grimp.build_graph(*PACKAGES, cache_dir=None)))
    assert {"bot.cli.doctor", "engine.starter.reader.words", "training.world", "harness", "bench"} <= {
        package for package, _, _ in made
    }
    with ExitStack() as hints:
        for _, one, other in made:
            line = f"import typing\nif typing.TYPE_CHECKING:\n    import {one}"
            hints.enter_context(added(module(copy, other), line))
        status, output = lint(copy)
    assert status == 1
    assert [package for package, _, _ in made if f"No cycles are allowed in {package}." not in output] == []


@pytest.mark.full  # above, all of them at once
@pytest.mark.parametrize("room", LAYERS)
def test_one_stray_and_one_turned_arrow_fail_alone(copy: Path, room: str) -> None:
    with added(copy.joinpath(*room.split("."), "stray.py"), '"""Nobody named it."""'):
        assert lint(copy)[0] == 1
    _, lower, higher = next(arrow for arrow in turned_arrows() if arrow[0] == room)
    with added(module(copy, lower), f"import {higher}"):
        assert lint(copy)[0] == 1
    assert lint(copy)[0] == 0
