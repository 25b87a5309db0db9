"""What to draw in the place of a thing that no table knows: things of its family, else what fits the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain

from engine.starter.lexicon.families import DETAIL, at_home, families_of, of_family

MOST = 3
_ANYWHERE = "meadow"
"""Whose things are offered where neither a place nor another thing is named."""


def alike(
    family: str, drawn: Collection[str], seen: Collection[str], place: str, beside: Sequence[str] = ()
) -> list[str]:
    """Return at most three of the things that can be `drawn`, the nearest first, and none that is `seen` already.

    Where no family is known, what is at home in the `place` that was named, else what is like the things `beside` it.
    Nothing is near a detail.
    """
    if family == DETAIL:
        return []
    like = (name for thing in beside for one in sorted(families_of(thing)) for name in of_family(one))
    ranked: Iterable[str] = chain(of_family(family), at_home(place), like, at_home(_ANYWHERE), drawn)
    return list(dict.fromkeys(name for name in ranked if name in drawn and name not in seen))[:MOST]
