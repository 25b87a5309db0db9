"""The steps of a message that changes a picture: each is a clause with one cue, and what that is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.starter.lexicon.hearing import hearing
from engine.starter.orders.segments import Unit
from engine.starter.orders.word_kinds import CUES, SETTINGS, SWAPS, Kind

_CONTENT = (Kind.THING, Kind.COUNT, Kind.COLOR, Kind.SIZE, Kind.SIDE, Kind.UNKNOWN, *SETTINGS)
_ENDING = (Kind.ADD, Kind.PUT, Kind.REMOVE, Kind.SET)
"""What ends a step where verbs come last."""


def in_place(units: Sequence[Unit], code: str) -> Sequence[Unit]:
    """Return the units with a refusal before all others as what sets another thing in the place of the one shown."""
    if not units or units[0].text.lower() not in hearing(code).refusals:
        return units
    marked = len(units) > 1 and units[1].kind == Kind.BREAK
    if units[0].kind == Kind.REMOVE and not marked:
        return units  # "no bear" takes one away
    return [replace(units[0], kind=Kind.SET), *units[2 if marked else 1 :]]


def only_snow(units: Sequence[Unit], code: str) -> Sequence[Unit]:
    """Return the units of a clause that says nothing but "snow" with what falls in place of where it lies."""
    idle = [unit for unit in units if unit.kind in (Kind.FILLER, Kind.SET)]  # "let there be snow"
    told = [unit for unit in units if unit not in idle or unit.text.lower() in hearing(code).placing]
    bare = len(told) == 1 and (told[0].kind, told[0].value, told[0].particle) == (Kind.PLACE, "snow", "")
    if not bare or told[0].text.lower() not in hearing(code).snow:
        return units
    return [replace(unit, kind=Kind.SKY, value="snowfall") if unit is told[0] else unit for unit in units]


def clauses(units: Sequence[Unit], code: str) -> list[list[Unit]]:
    """Return the steps of a message: a clause has one cue, and a replacement both of its things."""
    found: list[list[Unit]] = []
    for piece in _pieces(units, code):
        last = found[-1] if found else []
        if last and not _has_content(last) and any(unit.kind == Kind.REMOVE for unit in last):
            found[-1] = piece  # "no, make it blue" takes nothing away
        elif last and _is_half(last, piece):
            found[-1] = [*last, Unit(Kind.AND, "", "", piece[0].start, piece[0].start), *piece]
        elif last and not (_has_content(piece) and _has_content(last)):
            found[-1] = [*last, *piece]
        else:
            found.append(piece)
    return found


def _is_half(last: Sequence[Unit], piece: Sequence[Unit]) -> bool:
    """Whether a piece says what comes in the place of the one thing before: "instead of a dog, a cat"."""
    asks = any(unit.kind in CUES and unit.kind != Kind.SET for unit in piece)  # "rather a cat" sets nothing else
    swaps = any(unit.kind in SWAPS for unit in last) and not asks
    return swaps and _count(last) == 1 and _count(piece) > 0


def _pieces(units: Sequence[Unit], code: str) -> list[list[Unit]]:
    """Cut at marks, at "and", and where another cue begins, or in languages whose verbs come last, ends."""
    found: list[list[Unit]] = [[]]
    for at, unit in enumerate(units):
        cues = [one.kind for one in found[-1] if one.kind in CUES]
        first_word = unit.text.lower().partition(" ")[0]
        contrasts = Kind.REMOVE in cues and _has_content(found[-1]) and first_word in hearing(code).contrasting
        if unit.kind in (Kind.AND, Kind.BREAK) or contrasts:
            found.append([])
            continue
        is_new = unit.kind in CUES and cues and unit.kind not in cues and _has_content(found[-1])
        if is_new and code not in ("ja", "ko") and not _says_whose_place(units, at, found[-1]):
            found.append([])
        found[-1].append(unit)
        if (
            unit.kind in (Kind.ADD, Kind.PUT, Kind.REMOVE, Kind.SET)
            and code in ("ja", "ko")
            and _has_content(found[-1])
        ):
            found.append([])
    return [piece for piece in found if piece]


def _says_whose_place(units: Sequence[Unit], at: int, piece: Sequence[Unit]) -> bool:
    """Whether the unit there says what the thing before it takes the place of: "put a tree instead of the dog"."""
    after = next((unit for unit in units[at + 1 :] if unit.kind != Kind.FILLER), None)
    follows = any(unit.kind == Kind.THING for unit in piece)
    return units[at].kind == Kind.INSTEAD and follows and after is not None and after.kind == Kind.THING


def _count(units: Sequence[Unit]) -> int:
    """Return how many things are named; where none is, how many colours and settings."""
    kinds = [unit.kind for unit in units]
    return kinds.count(Kind.THING) or sum(kind in (Kind.COLOR, *SETTINGS) for kind in kinds)


def _has_content(units: Sequence[Unit]) -> bool:
    return any(unit.kind in _CONTENT for unit in units)
