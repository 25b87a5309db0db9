"""What to draw in the place of a thing that no table knows: things of its family, else those at home in the place."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import chain

from engine.starter.lexicon.families import DETAIL, at_home, of_family

MOST = 3


def alike(family: str, drawn: Collection[str], seen: Collection[str], place: str) -> list[str]:
    """Return at most three of the things that can be `drawn`, the nearest first, and none that is `seen` already.

    Nothing is near a detail.
    """
    if family == DETAIL:
        return []
    ranked: Iterable[str] = chain(of_family(family), at_home(place), drawn)
    return list(dict.fromkeys(name for name in ranked if name in drawn and name not in seen))[:MOST]
