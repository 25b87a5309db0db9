"""One language's words and patterns for asking for a gallery's things, read from `tongues/CODE.toml`."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

from engine.starter.lexicon.order import NONE, Group

Table: TypeAlias = dict[str, list[str]]

CODES: Final = ("en", "zh", "es", "ja", "de", "fr", "it", "pt", "ru", "ko", "pl", "nl")
UNSPACED: Final = ("zh", "ja")
"""Languages that put no space between words."""

_FOLDER: Final = Path(__file__).parent / "tongues"


@dataclass(frozen=True, slots=True)
class Tongue:
    """The first form of each table is the plainest; gendered languages list every form, for they are read, not said."""

    code: str
    counts: Table
    sizes: Table
    colors: Table
    places: Table
    times: Table
    skies: Table
    styles: Table
    sides: Table
    phrase: str
    """A group: a pattern of {count}, {size}, {color} and {noun}."""

    one: list[str]
    """What stands for {count} before a single thing; its article."""

    joint: list[str]
    """Between two groups."""

    front: list[str]
    """Patterns of {first}, which stands before {second}."""

    before: list[str]
    after: list[str]
    """What people put around a request."""

    changes: Table
    """Patterns by kind of change: add, remove, replace, color, count, set. {new} and {old} are groups or settings."""

    undo: list[str]
    chat: list[str]
    strangers: list[str]
    """Things that no gallery has, for learning to name what is unknown."""

    settings_first: bool = field(default=False)
    """Whether place, time and weather stand before what they belong to."""

    def join(self, parts: list[str], mark: str = " ") -> str:
        """Words one after the other, as the language writes them."""
        return ("" if self.code in UNSPACED else mark).join(part for part in parts if part)

    def group(self, group: Group, nouns: list[str], random: Random, *, article: bool = True) -> str:
        """A group in words; `nouns` are the forms of its thing, in the number that is meant."""
        count = random.choice(self.counts[str(group.count)]) if group.count > 1 else ""
        if group.count == 1 and article:
            count = random.choice(self.one)
        slots = {
            "count": count,
            "size": "" if group.size == NONE else random.choice(self.sizes[group.size]),
            "color": "" if group.color == NONE else random.choice(self.colors[group.color]),
            "noun": random.choice(nouns),
        }
        return " ".join(self.phrase.format(**slots).split())


@cache
def tongue(code: str) -> Tongue:
    """The language with this code; KeyError for one that has no table."""
    if code not in CODES:
        raise KeyError(code)
    read = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    changes = {kind: read.pop(kind) for kind in ("add", "remove", "replace", "color", "count", "set")}
    return Tongue(code, joint=read.pop("and"), changes=changes, **read)
