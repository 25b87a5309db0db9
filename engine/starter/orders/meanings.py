"""Chooses what a word means that could mean two things, by what stands beside it; joins what no table knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from engine.starter.lexicon.families import DETAIL, families_of
from engine.starter.orders.noun_phrases import OF
from engine.starter.orders.reading import NOUN_FIRST, POSTFIX
from engine.starter.orders.segments import Unit
from engine.starter.orders.spelling import folded
from engine.starter.orders.word_kinds import CUES, RELATIONS, SWAPS, Kind
from engine.starter.orders.words import Meaning, Words

_CLAUSE = (Kind.AND, Kind.BREAK, *CUES, *RELATIONS)
_SIGNS = (Kind.COLOR, Kind.SIZE, Kind.THING, Kind.AND, Kind.COUNT)
HAN: Final = re.compile(r"[\u3400-\u9fff]$")
_KANA_END: Final = re.compile(r"[\u3041-\u3096]$")
"""A sign behind it begins another word: 踊る猫."""
_KANA_WITHIN: Final = "いおしたて"
"""Signs that are words for themselves, and oftener parts of one."""
_SHORTEST: Final = 3
"""Letters of a shorter name."""
_FLAVORS: Final = frozenset(("fruit", "vegetable"))
_FLAVORED: Final = frozenset(("sweet", "meal"))
"""Families of food that is made of another."""
_BEFORE_ITS_FOOD: Final = ("en", "zh", "ja", "ko")
_NOUNS = (Kind.THING, Kind.UNKNOWN)
_ZH_TURNED: Final = ("换成", "变成", "改成")
"""What sets a thing, and with 把 before it lets it become another: 把自行车换成公交车."""
_OPEN = (Kind.FILLER, Kind.COLOR, Kind.SIZE)


def settle(
    units: Sequence[Unit], words: Words, text: str, *, shown: Collection[str] = (), edit: bool = False
) -> list[Unit]:
    """Return the units each in one meaning. `shown` are the things of the picture that an `edit` speaks of."""
    found = _joined(_strange(list(units), words), text, words.code)
    if words.code in POSTFIX:
        found = _beside_landmarks(found)
    found = _with_joining(found, words)
    if edit:
        found = [_adding(unit, at, found) for at, unit in enumerate(found)]
        found = [_lessening(unit, found) for unit in found]
    adds = any(unit.kind in (Kind.ADD, Kind.PUT) for unit in found)
    for at, unit in enumerate(found):
        shorter = edit and not adds and unit.kind in (Kind.THING, Kind.UNKNOWN)
        found[at] = _shorter(unit, words, shown) if shorter else unit
        if found[at].also and (thing := _of_shown(unit, shown).could_be(Kind.THING)):
            counted = at > 0 and found[at - 1].kind == Kind.COUNT and not words.is_indefinite(found[at - 1].text)
            found[at] = _thing_or(unit, thing, at, found, shown, edit=edit, counted=counted)
    found = [_doubted(unit, at, found) for at, unit in enumerate(found)]
    found = _without_absent(found, words.code, several=len(shown) > 1) if edit and shown else found
    return [_flavored(unit, at, found, words.code, text) for at, unit in enumerate(found)]


def _flavored(unit: Unit, at: int, units: Sequence[Unit], code: str, text: str) -> Unit:
    """Read a fruit right before a cake as what it tastes of, which is told: of a strawberry cake the cake is drawn."""
    of = code in NOUN_FIRST and at > 1 and units[at - 1].text.lower() in OF
    beside = units[at - 2] if of else units[at + 1] if code in _BEFORE_ITS_FOOD and at + 1 < len(units) else None
    if beside is None or {unit.kind, beside.kind} != {Kind.THING} or unit.particle or (unit.is_many and not of):
        return unit
    tastes = not _FLAVORS.isdisjoint(families_of(unit.value))
    if not tastes or _FLAVORED.isdisjoint(families_of(beside.value)):
        return unit
    first, last = (beside, unit) if of else (unit, beside)
    return replace(unit, kind=Kind.QUALITY, also=(), text=text[first.start : last.start + len(last.text)])


def _adding(unit: Unit, at: int, units: Sequence[Unit]) -> Unit:
    """Read a word for "and" that can also add, 加 or "plus", as a cue where it joins no two things: "dos gatos más"."""
    adds = unit.could_be(Kind.ADD) if unit.kind == Kind.AND else None
    joins = at > 0 and units[at - 1].kind in _NOUNS and any(one.kind in _NOUNS for one in units[at + 1 :])
    return unit if adds is None or joins else adds


def _lessening(unit: Unit, units: Sequence[Unit]) -> Unit:
    """Read a word for "except" that is also "less", "menos", as the second where nothing is to be excepted from."""
    less = unit.could_be(Kind.REMOVE) if unit.kind == Kind.EXCEPT else None
    return unit if less is None or any(one.kind in (Kind.ALL, Kind.REMOVE) for one in units) else less


def _without_absent(units: Sequence[Unit], code: str, *, several: bool) -> list[Unit]:
    """Return the units with an unknown thing that another is to replace as a detail.

    It is not in the picture, and nobody wants it there: of "replace the bicycle with a bus" only the bus is added.
    """
    nouns = [at for at, unit in enumerate(units) if unit.kind in _NOUNS]
    swap = next((at for at, unit in enumerate(units) if unit.kind in SWAPS or unit.text in _ZH_TURNED), None)
    if swap is None or len(nouns) != 2:
        return list(units)
    behind = units[swap].kind == Kind.INSTEAD and code not in POSTFIX
    old = next((at for at in nouns if at > swap), nouns[0]) if behind else nouns[0]
    new = nouns[1] if old == nouns[0] else nouns[0]
    is_other = several or units[old].value not in ("", DETAIL)  # a listed noun is no other name of what is there
    if (units[old].kind, units[new].kind) != (Kind.UNKNOWN, Kind.THING) or not is_other:
        return list(units)
    kinds = {old: Kind.QUALITY, swap: Kind.FILLER}
    return [replace(unit, kind=kinds[at], also=()) if at in kinds else unit for at, unit in enumerate(units)]


def _doubted(unit: Unit, at: int, units: Sequence[Unit]) -> Unit:
    """Read a doubtful name of a thing as said of another where it stands by one: a pirate ship has no parrot."""
    if unit.kind != Kind.THING or unit.is_sure:
        return unit
    near = [one for one in units[max(0, at - 1) : at + 2] if one is not unit]
    other = any(one.kind == Kind.UNKNOWN or (one.kind == Kind.THING and one.is_sure) for one in near)
    return replace(unit, kind=Kind.QUALITY) if other else unit


def _shorter(unit: Unit, words: Words, shown: Collection[str]) -> Unit:
    """Return what of the picture is meant by the end of its name: the tree, where only a Christmas tree stands."""
    name = folded(unit.text)
    if unit.value in shown or len(name) < _SHORTEST:
        return unit
    longer = [thing for thing in shown if any(one.endswith(name) for one in words.names_of(thing))]
    return replace(unit, kind=Kind.THING, value=longer[0], also=(), is_sure=True) if len(longer) == 1 else unit


def _of_shown(unit: Unit, shown: Collection[str]) -> Unit:
    """Return the unit with the thing of the picture first, where several things are called so."""
    values = [one.value for one in (Meaning(unit.kind, unit.value), *unit.also) if one.kind == Kind.THING]
    if not values:
        return unit
    thing = next((value for value in values if value in shown), values[0])
    also = tuple(one for one in unit.also if one.kind != Kind.THING)
    if unit.kind == Kind.THING:
        return replace(unit, value=thing, also=also)
    return replace(unit, also=(*also, Meaning(Kind.THING, thing)))


def _thing_or(
    unit: Unit, thing: Unit, at: int, units: Sequence[Unit], shown: Collection[str], *, edit: bool, counted: bool
) -> Unit:
    """Decide between a thing and a colour or a sky of the same name: an orange, the sun."""
    color, sky = unit.could_be(Kind.COLOR), unit.could_be(Kind.SKY)
    if color is not None:
        clause = _clause(units, at)
        others = [one for one in clause if one is not unit and one.kind == Kind.THING]
        is_shown = thing.value in shown and not any(one.value in shown for one in others)
        instead = any(one.kind == Kind.INSTEAD for one in units)
        adds = any(one.kind in (Kind.ADD, Kind.PUT) for one in units[:at])
        return color if not (is_shown or instead) and (others or (edit and not adds)) else thing
    if sky is not None:
        if edit:
            return thing if counted or thing.value in shown else sky
        others = [one for one in units if one is not unit and one.kind == Kind.THING]
        settings = [one for one in units if one.kind in (Kind.PLACE, Kind.TIME)]
        joined = any(one.kind == Kind.AND for one in _beside(units, at))
        return thing if counted or (joined and others) or not (others or settings) else sky
    return next((one for one in (unit, *(unit.could_be(one.kind) for one in unit.also))
                 if one and one.kind != Kind.THING), thing)  # fmt: skip


def _clause(units: Sequence[Unit], at: int) -> Sequence[Unit]:
    start = max((i + 1 for i in range(at) if units[i].kind in _CLAUSE), default=0)
    end = min((i for i in range(at, len(units)) if units[i].kind in _CLAUSE), default=len(units))
    return units[start:end]


def _beside(units: Sequence[Unit], at: int) -> list[Unit]:
    """Return the next units on both sides that are no fillers."""
    before = [one for one in units[:at] if one.kind not in _OPEN]
    after = [one for one in units[at + 1 :] if one.kind not in _OPEN]
    return [*before[-1:], *after[:1]]


def _strange(units: list[Unit], words: Words) -> list[Unit]:
    """Return the units with those unknown that are parts of a longer unknown word, where no blanks part words."""
    if words.code not in ("zh", "ja"):
        return units
    found: list[Unit] = []
    for at, unit in enumerate(units):
        after = units[at + 1] if at + 1 < len(units) else None
        last = found[-1] if found else None
        if unit.kind == Kind.UNKNOWN and last and last.kind == Kind.THING and last.end == unit.start and (
            unit.text in words.hearing.suffixes
        ):  # fmt: skip
            found[-1] = replace(last, kind=Kind.UNKNOWN)
        is_short = len(unit.text) == 1 and unit.kind in _SIGNS
        touches = last is not None and last.kind == Kind.UNKNOWN and last.end == unit.start
        followed = after is not None and after.kind in (Kind.THING, Kind.COLOR)
        within = after is not None and after.kind == Kind.UNKNOWN and after.start == unit.end
        doubtful = len(unit.text) == 1 and not unit.is_sure and (within or touches)
        begins = last is not None and _KANA_END.search(last.text) is not None and HAN.match(unit.text) is not None
        joins = last is not None and last.value != "" and unit.kind == Kind.AND
        is_part = (is_short and touches and not (followed or begins or joins)) or doubtful
        is_part = is_part or _begins_name(unit, after) or (at > 0 and _begins_name(units[at - 1], unit))
        listed = (last is not None and last.value != "") or (after is not None and after.value != "")
        between = unit.kind == Kind.FILLER and touches and within and HAN.match(unit.text) is not None
        is_part = is_part or (between and not listed)
        is_part = is_part or (last is not None and _ends_name(last, unit, after))
        found.append(replace(unit, kind=Kind.UNKNOWN, also=()) if is_part else unit)
    return found


def _ends_name(last: Unit, unit: Unit, after: Unit | None) -> bool:
    """Whether one sign ends a name that no table knows: 富士山 is one, and the い of あじさい no word."""
    if last.kind != Kind.UNKNOWN or last.value or last.end != unit.start or len(unit.text) > 1:
        return False
    if unit.kind == Kind.PLACE:
        return HAN.match(last.text[-1]) is not None
    within = after is None or after.kind in (Kind.BREAK, Kind.FILLER, Kind.AND, Kind.UNKNOWN)
    return unit.kind == Kind.FILLER and unit.text in _KANA_WITHIN and _KANA_END.search(last.text) is not None and within


def _begins_name(unit: Unit, after: Unit | None) -> bool:
    """Whether one sign for a place is a part of a name: 山羊 is no sheep in the mountains, and 河马 no horse."""
    if unit.kind != Kind.PLACE or len(unit.text) > 1 or after is None or after.start != unit.end:
        return False
    is_one = after.kind == Kind.UNKNOWN or (after.kind == Kind.THING and len(after.text) == 1)
    return is_one and all(HAN.match(sign) for sign in (unit.text, after.text[:1]))


def _joined(units: Sequence[Unit], text: str, code: str) -> list[Unit]:
    """Return the units with neighbours that are unknown as one, which is no sure noun; a particle ends a phrase."""
    found: list[Unit] = []
    for unit in _owned(units, text) if code == "en" else units:
        last = found[-1] if found else None
        touches = last and last.kind == unit.kind == Kind.UNKNOWN and not last.particle
        if last and touches and not text[last.end : unit.start].strip(" -'’") and not _does(last, unit, code):
            whole = text[last.start : unit.start + len(unit.text)]
            value = last.value or unit.value if code in NOUN_FIRST else unit.value or last.value
            found[-1] = replace(unit, text=whole, start=last.start, value=value, is_sure=False)
        else:
            found.append(unit)
    return found


def _owned(units: Sequence[Unit], text: str) -> list[Unit]:
    """Return the units with the "s" between an unknown owner and what it has as a part of their name."""
    found = list(units)
    for before, unit, after in zip(units, units[1:], units[2:], strict=False):
        is_owner = unit.text == "s" and text[before.end : unit.start] in ("'", "’")
        if is_owner and before.kind == after.kind == Kind.UNKNOWN:
            found[found.index(unit)] = replace(unit, kind=Kind.UNKNOWN, value="")
    return found


def _does(noun: Unit, unit: Unit, code: str) -> bool:
    """Whether a word behind a noun says what it does, and so is no part of its name: "capivara tomando banho"."""
    if code == "de":
        return noun.text[:1].isupper() and unit.text[:1].islower()
    verb = _VERBS.get(code)
    word = unit.text.split()[0].lower()
    return verb is not None and not unit.value and verb.match(word) is not None


_VERBS: Final = {
    code: re.compile(rf"\w{{2,}}(?:{ends})$")
    for code, ends in {
        "en": "ing", "es": "ando|iendo|yendo", "pt": "ando|endo|indo", "it": "ando|endo", "fr": "ant", "nl": "end",
        "ru": "ает|яет|ует|ит|ют|ят|ается|ится|ющий|ющая|ящий|ящая", "pl": "uje|ają|ący|ąca|ące",
    }.items()
}  # fmt: skip
"""Forms by which a word behind a noun says what it does."""


def _beside_landmarks(units: list[Unit]) -> list[Unit]:
    """Read a side that follows a thing as said of it: left of the castle, not on the left."""
    sides = {"left": Kind.LEFT_OF, "right": Kind.RIGHT_OF}
    found: list[Unit] = []
    for unit in units:
        last = found[-1] if found else None
        if last and last.kind == Kind.FILLER and last.text in ("的", "の") and len(found) > 1:
            last = found[-2]
        things = [one for one in units if one.kind == Kind.THING]
        named = last is not None and (last.kind == Kind.THING or last.value not in ("", DETAIL))
        close = last is not None and named and last.kind in _NOUNS and last.particle in ("", "의")
        several = len(things) > (last is not None and last.kind == Kind.THING)
        of_it = unit.kind == Kind.SIDE and unit.value in sides and close and several and not _has_own(units)
        found.append(replace(unit, kind=sides[unit.value]) if of_it else unit)
    return found


def _has_own(units: Sequence[Unit]) -> bool:
    """Whether every thing has its own side: the cat left, the dog right."""
    return sum(unit.kind == Kind.SIDE for unit in units) > 1


def _with_joining(units: Sequence[Unit], words: Words) -> list[Unit]:
    """Return the units with an "and" for each particle that means one."""
    found: list[Unit] = []
    for unit in units:
        found.append(unit)
        if unit.particle in words.hearing.joining and unit.particle:
            found.append(Unit(Kind.AND, "", unit.particle, unit.end, unit.end))
    return found
