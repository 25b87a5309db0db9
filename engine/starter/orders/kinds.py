"""What kind of message it is: a request, a change, an undo or chat, by what its units say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.starter.lexicon.families import DETAIL
from engine.starter.lexicon.order import Order
from engine.starter.lexicon.tongue import tongue
from engine.starter.orders.noun_phrases import OF
from engine.starter.orders.reading import ONE
from engine.starter.orders.segments import Unit
from engine.starter.orders.word_kinds import CUES, DEEDS, RELATIONS, SETTINGS, Kind, Role
from engine.starter.reader.kinds import kind_of
from engine.starter.reader.words.vocabulary import Vocabulary

_SAYS = (Kind.THING, Kind.COUNT, Kind.COLOR, Kind.SIZE, Kind.SIDE, *SETTINGS)
TABLED = ("en", "zh", "es", "ja", "de")
"""Languages whose undoes and chat the shipped reader knows in more words."""


def says_something(units: Sequence[Unit]) -> bool:
    """Whether any unit is of what can be drawn."""
    return any(unit.kind in _SAYS for unit in units)


def is_chat(words: str, units: Sequence[Unit], code: str) -> bool:
    """Whether a first message asks for nothing."""
    if says_something(units) or _is_bare_noun(units, code) or _begins_with_noun(units, code):
        return False
    if _is_scene(units, code) or _asks_to_draw(words, units, code):
        return False
    if any(unit.kind == Kind.CHAT for unit in units):
        return not any(unit.kind == Kind.UNKNOWN for unit in units)
    return code in TABLED and kind_of(words, Vocabulary(), attached=False)["kind"] == "chat" and not _asks(units)


def _is_bare_noun(units: Sequence[Unit], code: str) -> bool:
    """Whether it is nothing but a listed noun: "pangolin", "a bouquet of flowers", and no "are you a robot"."""
    rest = [unit for unit in units if unit.text.lower() not in (*ONE.get(code, ()), *OF)]
    nouns = any(unit.value not in ("", DETAIL) for unit in rest)
    return nouns and all(unit.kind == Kind.UNKNOWN for unit in rest)


def _begins_with_noun(units: Sequence[Unit], code: str) -> bool:
    """Whether it begins with an article and a listed noun: "a lighthouse on a cliff"."""
    is_led = bool(units) and units[0].text.lower() in ONE.get(code, ())
    return is_led and any(unit.kind == Kind.UNKNOWN and unit.value not in ("", DETAIL) for unit in units[1:3])


def _is_scene(units: Sequence[Unit], code: str) -> bool:
    """Whether it puts one unknown thing beside another, or says what it does: "a naked mole rat next to a piper"."""
    kinds = [unit.kind for unit in units]
    nouns = sum(_is_noun(unit) for unit in units)
    articles = sum(unit.text.lower() in ONE.get(code, ()) for unit in units)
    joined = any(kind in (Kind.AND, *RELATIONS) for kind in kinds[1:-1]) or any(
        unit.kind == Kind.FILLER and unit.value in (Role.BEARING, Role.HAVING) for unit in units
    )
    is_led = bool(units) and (units[0].text.lower() in ONE.get(code, ()) or _is_noun(units[0]))
    return joined and is_led and (nouns > 1 or (articles > 1 and Kind.UNKNOWN in kinds))


def _asks_to_draw(words: str, units: Sequence[Unit], code: str) -> bool:
    """Whether it begins as requests do and names a noun: "quiero una gaita"."""
    begins = [form.strip() for form in tongue(code).before if form.strip()]
    return any(_is_noun(unit) for unit in units) and words.strip().lower().startswith(tuple(begins))


def _is_noun(unit: Unit) -> bool:
    return unit.kind == Kind.UNKNOWN and unit.value not in ("", DETAIL)


def _asks(units: Sequence[Unit]) -> bool:
    return any(unit.kind in CUES for unit in units)


def reply_kind(words: str, units: Sequence[Unit], code: str, before: Order, after: Order) -> dict[str, Any]:
    """Return the kind of a reply to the picture of `before`, which its words would make `after`."""
    says, asks = says_something(units), _asks(units)
    if asks and before != after:
        return {"kind": "change"}
    if not says:
        tabled = kind_of(words, Vocabulary()) if code in TABLED else {"kind": ""}
        if tabled["kind"] == "undo":
            return tabled
        if any(unit.kind == Kind.UNDO for unit in units):
            return {"kind": "undo", "version": -1}
        return {"kind": "change" if asks and _names_unknown(units) else "chat"}
    praises = any(unit.kind == Kind.CHAT for unit in units)
    names = any(unit.kind == Kind.THING for unit in units)
    if (praises and (before == after or (names and not asks))) or (not asks and _is_talk(units)):
        return {"kind": "chat"}
    return {"kind": "change"}


def _names_unknown(units: Sequence[Unit]) -> bool:
    return any(unit.kind in (Kind.UNKNOWN, Kind.QUALITY) or unit.shade in DEEDS for unit in units)


def _is_talk(units: Sequence[Unit]) -> bool:
    """Whether most of the words are of something else."""
    strange = sum(_weight(unit) for unit in units if unit.kind == Kind.UNKNOWN)
    return strange > 2 * sum(unit.kind in _SAYS for unit in units)


def _weight(unit: Unit) -> float:
    """Return how many words a unit has; three signs are about one."""
    return len(unit.text.split()) if unit.text.isascii() or " " in unit.text else max(1, len(unit.text) / 3)
