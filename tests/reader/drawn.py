"""The reader of the twelve drawn things: by the card that their planner is trained with, whichever pair is shipped."""

from __future__ import annotations

from functools import cache

from engine.models.source import STARTER
from engine.starter.reader.read import Reader
from training.world.lexicon import card

FOLDER = STARTER / "planner"
"""Where the classifier of replies lies, which is of no one world."""


@cache
def words() -> list[str]:
    """Return every word that the planner understands."""
    found = card()["words"]
    assert isinstance(found, list)
    return found


@cache
def knows() -> dict[str, list[str]]:
    """Return what can be drawn, by language."""
    found = card()["knows"]
    assert isinstance(found, dict)
    return found


@cache
def reader(*, classified: bool = False, offers: bool = False) -> Reader:
    """Return a reader, with the classifier of replies, and with things to offer in place of what is unknown."""
    return Reader(words(), FOLDER if classified else None, knows() if offers else {})
