"""Families of things: which of a gallery are alike, and to which family a noun belongs that no gallery need have."""

# ruff: noqa: SIM905 (lists of words)

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

DETAIL: Final = "detail"
"""What a thing has, or how a picture is: eyes, smoke, a mood, a resolution."""
WORN: Final = "worn"
FIGURE: Final = "figure"
"""What is of a thing without being one: a statue of a cat."""
FOOD: Final = frozenset("fruit vegetable sweet meal".split())
BUILDING: Final = "building"
ROOM: Final = "room"
STRUCTURE: Final = "structure"
"""What may be a part of a building: a wall, a tower."""

_FOLDER: Final = Path(__file__).parent


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / "families.toml").read_text(encoding="utf-8"))


@cache
def nouns(code: str) -> Mapping[str, tuple[str, ...]]:
    """Return the nouns of a language by family."""
    read = tomllib.loads((_FOLDER / "nouns" / f"{code}.toml").read_text(encoding="utf-8"))
    return {family: tuple(word.replace("_", " ") for word in words.split()) for family, words in read.items()}


def own_colors(thing: str) -> frozenset[str]:
    """Return the colours that the drawing of a thing has."""
    return frozenset(_tables()["colors"].get(thing, ()))


def of_family(family: str) -> Iterator[str]:
    """Yield the things of a family, then those of families like it."""
    for one in (family, *_tables()["like"].get(family, ())):
        yield from _tables()["things"].get(one, ())


def families_of(thing: str) -> frozenset[str]:
    """Return the families that a thing of the gallery belongs to."""
    return frozenset(family for family, things in _tables()["things"].items() if thing in things)


def at_home(place: str) -> Iterable[str]:
    """Return the things that are at home in a place."""
    found: Iterable[str] = _tables()["places"].get(place, ())
    return found
