"""What people also call a gallery's things, settings and changes in one language, read from `heard/CODE.toml`."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

Table = dict[str, list[str]]
_FOLDER: Final = Path(__file__).parent / "heard"


@dataclass(frozen=True, slots=True)
class Hearing:
    """Words that are read and never said; each table adds to the one of the same name that the tongue has."""

    fillers: str
    """Words, parted by blanks, that ask for nothing: articles, courtesies, "draw"."""

    qualities: str
    """Words, parted by blanks, for what no picture shows: no thing is called so, though many lists of names say it."""

    bearing: list[str]
    """What stands before a thing that is there beside another, over it, under it or in its hands: "over", "holding"."""

    having: list[str]
    """What stands before what a thing has on: "wearing"."""

    placing: list[str]
    """What stands before a place: "in"."""

    joint: list[str]
    front: list[str]
    behind: list[str]
    left_of: list[str]
    right_of: list[str]
    add: list[str]
    put: list[str]
    """Words that add a thing, or say where one stands that is there already."""

    remove: list[str]
    replace: list[str]
    swap: list[str]
    """Words that replace a thing, and without one let both of a picture change places."""

    instead: list[str]
    set: list[str]
    undo: list[str]
    chat: list[str]
    all: list[str]
    """Words for every thing of the picture."""

    excepting: list[str]
    blizzard: list[str]
    """Falling snow that lies where no place is named: "a snowstorm"."""

    counts: Table
    sizes: Table
    colors: Table
    places: Table
    times: Table
    skies: Table
    styles: Table
    sides: Table
    roughly: Table
    """By a place or a sky, what is nearest to it of all that can be shown: for space a sky with stars. That is told."""

    things: Mapping[str, str]
    """By the word in prompts: everyday names, parted by blanks; a blank within a name is an underline."""

    refusals: Sequence[str] = field(default=())
    """Words before another thing than the one that is shown: "no, a bear"."""

    only: Sequence[str] = field(default=())
    """Words, or particles, by which what is named stays and all other things go: "just the dog"."""

    snow: Sequence[str] = field(default=())
    """Words for snow that say, as a whole reply, that it is to fall: where a picture is stays as it was."""

    comparing: Sequence[str] = field(default=())
    """Words behind a size and before the thing that is compared with: "bigger than"."""

    contrasting: Sequence[str] = field(default=())
    """Words between what is taken away and what comes for it: "not a wolf but a bear"."""

    fewer: Sequence[str] = field(default=())
    """Words that take one of several away, or as many as are said: "less"."""

    indefinite: Sequence[str] = field(default=())
    """Numbers among `counts` that tell none: "many". Of what is in the sky they say only that it is there."""

    counters: Sequence[str] = field(default=())
    """What stands between a number and a thing."""

    measures: Sequence[str] = field(default=())
    """As `counters`; alone these are nouns, or parts of nouns."""

    numbers: Table = field(default_factory=dict)
    """What numbers are before a counter."""

    particles: Sequence[str] = field(default=())
    """What may be written behind a word without a blank."""

    joining: Sequence[str] = field(default=())
    """Particles that mean "and"."""

    suffixes: str = ""
    """Signs that make another thing of the one before: of a violin a violinist."""

    deeds: Mapping[str, str] = field(default_factory=dict)
    """By Shade: words, parted by blanks, for what things do together and no picture shows; "_" for a blank in a phrase.

    Only those that other tables hold as fillers or that would be misread: a word that is in no table is told anyway.
    """

    misnamed: str = ""
    """Words, parted by blanks, that lists of names give to a thing and that are no name of it, "order" of a lion, or
    another's, "pirate" of a parrot; "_" for a blank."""

    names: Mapping[str, str] = field(default_factory=dict)
    """As `things`, where a list of names would mislead: these take a word from the thing that has it there."""


@cache
def hearing(code: str) -> Hearing:
    """The table of the language with this code."""
    return Hearing(**tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8")))
