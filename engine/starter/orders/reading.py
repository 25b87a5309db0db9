"""What a text says, from its units: things with their numbers, colours and sizes, how they stand, and the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from engine.starter.lexicon.hearing import hearing
from engine.starter.lexicon.order import MOST
from engine.starter.orders.segments import Unit
from engine.starter.orders.word_kinds import CUES, RELATIONS, SETTINGS, Kind, Shade

EDGES = (Kind.AND, Kind.BREAK, *RELATIONS, Kind.ADD, Kind.PUT, Kind.REMOVE, Kind.REPLACE, Kind.INSTEAD)
"""What parts one thing and its attributes from the next."""
NOUN_FIRST = ("es", "fr", "it", "pt")
"""Languages that mostly put a colour behind its thing."""
ONE = {
    "en": ("a", "an"),
    "de": ("ein", "eine", "einen", "einem", "einer", "eines", "nem", "nen", "ne"),
    "es": ("un", "una"),
    "fr": ("un", "une"),
    "it": ("un", "una", "uno"),
    "pt": ("um", "uma"),
    "nl": ("een",),
}
"""Articles before one thing."""
_THERE = ("엔", "에는")
"""Endings of a Korean side that say what stands there, and not where the thing before it does."""
_TAKEN = (Kind.THING, Kind.UNKNOWN, *SETTINGS)
WITH = ("with", "mit", "con", "avec", "com", "met", "z", "ze", "с", "со")
"""What joins a thing to one that it has, and not to one beside it."""
POSTFIX = ("zh", "ja", "ko")
"""Languages that put "in front of" behind the thing that stands behind."""


@dataclass(slots=True)
class Said:
    """A thing that a text names; what it does not say of it is empty."""

    thing: str
    at: int
    """Its place among the units."""

    count: int = 0
    color: str = ""
    size: str = ""
    side: str = ""
    is_one: bool = False
    """Whether it has the article of one."""

    is_many: bool = False
    """Whether it is named in the plural."""


@dataclass(slots=True)
class Reading:
    """All that a text says."""

    said: list[Said] = field(default_factory=list)
    gone: list[Said] = field(default_factory=list)
    """Things that it wants not to be there."""

    loose: Said = field(default_factory=lambda: Said("", -1))
    """Number, colour, size and side of what it does not name: "make it red"."""

    colors: list[str] = field(default_factory=list)
    """Every colour that is said of what it does not name."""

    relations: list[tuple[Kind, Said | None, Said]] = field(default_factory=list)
    """How one thing stands to another; None for "it"."""

    settings: dict[str, list[str]] = field(default_factory=dict)
    """By name every value that is said, in order."""

    gone_settings: dict[str, list[str]] = field(default_factory=dict)
    lying: bool = False
    """Whether it says that snow falls and lies."""

    unknown: list[str] = field(default_factory=list)
    cues: list[Kind] = field(default_factory=list)
    swapping: bool = False
    """Whether it says that things change places, or that one takes another's."""

    fewer: bool = False
    """Whether it says that there are to be fewer, not none."""

    everything: bool = False
    excepting: bool = False
    """Whether what is named stays, and all else goes."""


def read(units: Sequence[Unit], code: str) -> Reading:
    """Return what units of a language say."""
    found = Reading(cues=[unit.kind for unit in units if unit.kind in CUES])
    found.swapping = any(unit.shade == Shade.SWAPPING for unit in units)
    found.fewer = any(unit.shade == Shade.FEWER for unit in units)
    found.excepting = any(unit.kind == Kind.EXCEPT for unit in units)
    found.everything = any(unit.kind == Kind.ALL for unit in units)
    pieces = parts(units)
    said = [_part(units, start, end, code) for start, end, _ in pieces]
    for (_, _, is_gone), things in zip(pieces, said, strict=True):
        (found.gone if is_gone else found.said).extend(one for one in things if one.thing)
    for at, ((start, end, is_gone), things) in enumerate(zip(pieces, said, strict=True)):
        forward = end < len(units) and units[end].kind == Kind.AND and code not in NOUN_FIRST
        for one in things:
            found.colors += [one.color] if one.color and not one.thing else []
            if not one.thing and not is_gone and not _is_of_unknown(found, units, start, end):
                _attach(one, _beside(said, at, forward=forward), found.loose)
    nearest: dict[str, list[str]] = {}
    for start, end, is_gone in pieces:
        for at in range(start, end):
            _note(found, units[at], nearest, is_gone=is_gone)
    for name, values in nearest.items():
        found.settings.setdefault(name, values)
    if Kind.ADD in found.cues and found.settings.get("place") == ["snow"]:
        del found.settings["place"]  # what is added falls, and where it falls stays: "add snow"
        found.settings.setdefault("sky", ["snowfall"])
    found.relations = _relations(units, found.said, code)
    return found


def _is_of_unknown(reading: Reading, units: Sequence[Unit], start: int, end: int) -> bool:
    """Whether attributes are of a thing that no table knows: of "a red zeppelin" nothing else gets red.

    In a change such a thing is a listed noun, or what is changed: "make it really red" has none, 把灯换成红色 has one.
    """
    changes = Kind.SET in reading.cues or Kind.REPLACE in reading.cues
    if any(unit.kind == Kind.UNKNOWN and (unit.value or not changes) for unit in units[start:end]):
        return True
    if not start or units[start - 1].kind != Kind.REPLACE:
        return False
    kinds = [unit.kind for unit in units[: start - 1]]
    return Kind.UNKNOWN in kinds and Kind.THING not in kinds


def parts(units: Sequence[Unit]) -> list[tuple[int, int, bool]]:
    """Return where each thing with its attributes begins and ends, and whether it is not to be there."""
    found: list[tuple[int, int, bool]] = []
    begin, gone = 0, False
    for at, unit in enumerate(units):
        if unit.kind in EDGES:
            found.append((begin, at, gone or _takes_away(units, begin, at)))
            begin = at + 1
            if unit.kind != Kind.AND:
                gone = unit.kind == Kind.REMOVE
    return [*found, (begin, len(units), gone)]


def _takes_away(units: Sequence[Unit], begin: int, at: int) -> bool:
    """Whether the unit there takes away what stands before it: "take the dog away", "the rain stops", 猫を消して."""
    rest = takewhile(lambda unit: unit.kind not in (Kind.AND, Kind.BREAK), units[at + 1 :])
    before = any(unit.kind in _TAKEN for unit in units[begin:at])
    return units[at].kind == Kind.REMOVE and before and all(unit.kind == Kind.FILLER for unit in rest)


def _beside(said: Sequence[Sequence[Said]], at: int, *, forward: bool) -> list[Said]:
    """Return the thing that attributes alone are said of: the one before, or where more of them follow the next."""
    before = [one for several in said[:at] for one in several if one.thing]
    after = [one for several in said[at + 1 :] for one in several if one.thing]
    return (after[:1] or before[-1:]) if forward else (before[-1:] or after[:1])


def _note(found: Reading, unit: Unit, nearest: dict[str, list[str]], *, is_gone: bool) -> None:
    """Note a setting, or a word that is unknown; to `nearest` comes what gives way to a setting of that kind."""
    if unit.kind in SETTINGS and unit.shade == Shade.NEAREST and not is_gone:
        nearest.setdefault(SETTINGS[unit.kind], []).append(unit.value)
        found.unknown.append(unit.text)
        return
    found.lying = found.lying or (unit.shade == Shade.LYING and not is_gone)
    if unit.kind in SETTINGS:
        settings = found.gone_settings if is_gone else found.settings
        settings.setdefault(SETTINGS[unit.kind], []).append(unit.value)
        return
    too_many = unit.kind == Kind.COUNT and int(unit.value) > MOST
    if too_many or (unit.kind in (Kind.UNKNOWN, Kind.QUALITY) and not is_gone):
        found.unknown.append(unit.text)


def _part(units: Sequence[Unit], start: int, end: int, code: str) -> list[Said]:
    """Return the things between two edges with their attributes; one without a thing for attributes alone."""
    things, begun = list[Said](), start
    for at, unit in enumerate(units[start:end], start):
        if unit.kind == Kind.THING:
            one = any(before.text.lower() in ONE.get(code, ()) for before in units[begun:at])
            things.append(Said(unit.value, at, is_one=one, is_many=unit.is_many and not one))
            begun = at + 1
    loose = Said("", start)
    for at in range(start, end):
        kind, value = units[at].kind, units[at].value
        if kind not in (Kind.COUNT, Kind.COLOR, Kind.SIZE, Kind.SIDE):
            continue
        before = [one for one in things if one.at < at]
        after = [one for one in things if one.at > at]
        back = _is_behind(units, at, code)
        if _meets_unknown(units[start:at][::-1] if back else units[at + 1 : end], code):
            continue
        if not things and _meets_unknown(units[start:at][::-1], code):  # "mach den Ball gelb" is about no other thing
            continue
        if kind == Kind.COUNT and _is_of_sky(units, at):
            continue
        order = [*before[-1:], *after[:1]] if back else [*after[:1], *before[-1:]]
        target = next((one for one in order if not _has(one, kind)), loose)
        _give(target, kind, value)
    return [*things, loose] if loose.count or loose.color or loose.size or loose.side else things


def _is_behind(units: Sequence[Unit], at: int, code: str) -> bool:
    """Whether an attribute stands behind the thing that it is said of, in a language where others may not."""
    kind = units[at].kind
    if kind == Kind.SIDE:
        return code != "ko" or not units[at].text.endswith(_THERE)
    if kind == Kind.SIZE:
        return _compares(units[at + 1 : at + 2], code)
    return (kind == Kind.COLOR and code in NOUN_FIRST) or (kind == Kind.COUNT and code == "ko")


def _compares(units: Sequence[Unit], code: str) -> bool:
    """Whether what follows a size says what it is measured by: in "the dog bigger than the cat" the dog is big."""
    return any(unit.text.lower() in hearing(code).comparing for unit in units)


def _meets_unknown(units: Sequence[Unit], code: str) -> bool:
    """Whether the first noun among units is one that no table knows: in "a blue bird in a tree" no tree is blue."""
    kinds = (unit.kind for unit in units if unit.kind == Kind.THING or _is_unknown_noun(unit, code))
    return next(kinds, Kind.THING) == Kind.UNKNOWN


def _is_unknown_noun(unit: Unit, code: str) -> bool:
    is_capital = code == "de" and unit.text[:1].isupper() and unit.start > 0
    return unit.kind == Kind.UNKNOWN and (bool(unit.value) or is_capital)


def _is_of_sky(units: Sequence[Unit], at: int) -> bool:
    """Whether a number says how much of the sky's there is: "un camello con mucho sol"."""
    follows_thing = at > 0 and units[at - 1].kind == Kind.THING
    return not follows_thing and at + 1 < len(units) and units[at + 1].kind == Kind.SKY


def _has(one: Said, kind: Kind) -> bool:
    return bool(getattr(one, kind.value))


def _give(one: Said, kind: Kind, value: str) -> None:
    if kind == Kind.COUNT:
        one.count = int(value)
    else:
        setattr(one, kind.value, value)


def _attach(attributes: Said, targets: Sequence[Said], loose: Said) -> None:
    """Give attributes that stand alone to the first thing that lacks them."""
    for name in ("count", "color", "size", "side"):
        if value := getattr(attributes, name):
            target = next((one for one in targets if not getattr(one, name)), loose)
            setattr(target, name, value)


def _relations(units: Sequence[Unit], said: Sequence[Said], code: str) -> list[tuple[Kind, Said | None, Said]]:
    """Return each relation with the thing that stands so and the one that it is said by."""
    found: list[tuple[Kind, Said | None, Said]] = []
    for at, unit in enumerate(units):
        if unit.kind not in RELATIONS:
            continue
        before = [one for one in said if one.at < at]
        after = [one for one in said if one.at > at]
        landmark = next(iter(before[-1:] if code in POSTFIX else after), None)
        if landmark is None or not _near(units, at, landmark.at):
            continue
        others = [one for one in (*before[::-1], *after) if one is not landmark]
        if code in ("ja", "ko"):
            others = [one for one in (*after, *before[::-1]) if one is not landmark]
        found.append((unit.kind, others[0] if others else None, landmark))
    return found


def _near(units: Sequence[Unit], one: int, other: int) -> bool:
    between = units[min(one, other) + 1 : max(one, other)]
    return all(unit.kind not in (Kind.AND, Kind.BREAK, Kind.PLACE, *RELATIONS) for unit in between)
