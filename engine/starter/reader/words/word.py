"""A word of a request: where it is, what it is, and what keeps it in an English prompt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.starter.reader.words.things import OTHER


class Kind(Enum):
    """`NO` and `GONE` stand before what must not be there or must go, their `_AFTER` behind it."""

    THING = "thing"
    COLOR = "color"
    NUMBER = "number"
    QUOTE = "quote"
    FILLER = "filler"
    NO = "no"
    NO_AFTER = "no after"
    GONE = "gone"
    GONE_AFTER = "gone after"
    INTO = "into"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Word:
    """`start` and `end` are its place in the request. A prompt that holds any of `spellings` has kept it; where there
    are none, it cannot be checked, since it is in a language that the tables do not hold."""

    text: str
    start: int
    end: int
    kind: Kind
    spellings: tuple[str, ...] = ()
    group: str = OTHER
    foreign: bool = False
    """Nobody translated it: neither the tables nor, as far as is known, the model."""
