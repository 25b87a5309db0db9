"""Which words that no table knows are things somebody asks for, and which only say more of a thing or of the picture.

Two kinds of signs decide: what a word is (a listed noun and its family, or an article or number before it), and where
it stands: alone, beside another thing, over, under or in front of it, or in its hands. A word with neither is a detail.
"""

# ruff: noqa: SIM905 (lists of words)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.starter.lexicon.families import BUILDING, DETAIL, FOOD, ROOM, STRUCTURE, WORN, families_of
from engine.starter.orders.noun_phrases import GENITIVES, SAID_OF, NounPhrases
from engine.starter.orders.reading import NOUN_FIRST, ONE, POSTFIX, WITH, Reading, parts
from engine.starter.orders.segments import Unit
from engine.starter.orders.word_kinds import RELATIONS, SWAPS, Kind, Role

_OWN: Final = frozenset(
    "its his her their my your our sein seine seinen seinem ihr ihre ihren ihrem zijn haar hun su sus son sa ses leur "
    "leurs suo sua suoi sue seu его её ее их свой своя своей своим jego jej swój swoim swoją".split()
)
"""What makes a thing another's: a cat and its shadow."""
_NO_NOUN: Final = re.compile(r"(?:\w+ing|\w+ly|\w+ed)$")
"""English verbs and adverbs."""
_SUBJECT: Final = {"ja": ("が", "は"), "ko": ("이", "가", "은", "는")}
_ATTRIBUTES: Final = ("の", "的")
_PARTICLES: Final = ("を", "に", "で", "が", "の", "的", "와", "과")
"""What may stand between a thing and what is done to it, or where it stands."""
_PLACING: Final = ("に", "で", "에", "에서", "에는", "에서는")
"""Particles of where something is."""
_ON: Final = frozenset("上 上面 里 里面 中 内 下 旁 위 위에 위의 안 안에 속 속에 옆".split())
"""What stands behind that which another is on, or in."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A thing that no table knows, as it was written; `family` is empty where it is no listed noun."""

    name: str
    family: str = ""


def strangers(units: Sequence[Unit], reading: Reading, code: str, text: str) -> list[Stranger]:
    """Return the unknown things that units ask for, in order; `text` is what the units are of."""
    seen = _Seen(units, reading, code)
    found: dict[str, Stranger] = {}
    for start, end, is_gone in parts(units):
        for at in range(start, end):
            if units[at].kind == Kind.UNKNOWN and not is_gone and seen.is_thing(at, start, end):
                first, last = seen.phrases.span(at, start, end)
                several = unicodedata.normalize("NFC", text)[
                    units[first].start : units[last].start + len(units[last].text)
                ]
                name = several if first < last else units[at].text
                found.setdefault(name.casefold(), Stranger(name, units[at].value or units[last].value))
                seen.taken.append(at)
    return list(found.values())


class _Seen:
    """Decides by what stands around the words of one message."""

    def __init__(self, units: Sequence[Unit], reading: Reading, code: str) -> None:
        self._units, self._reading, self._code = units, reading, code
        self._swaps = any(cue in reading.cues for cue in SWAPS)
        self._adds = Kind.ADD in reading.cues or Kind.PUT in reading.cues
        self.phrases = NounPhrases(units, code)
        self._strange = [at for at, unit in enumerate(units) if unit.kind == Kind.UNKNOWN]
        self.taken: list[int] = []

    def is_thing(self, at: int, start: int, end: int) -> bool:
        unit, phrases = self._units[at], self.phrases
        if phrases.is_measure(at) or (unit.value in (DETAIL, WORN) and self._is_had(at, start, end)):
            return False
        if self._is_part(at, start):
            return False
        if phrases.is_put_on(at, start):
            return True
        if phrases.is_figure(at, start, end) or phrases.is_compound(at, start) or phrases.is_listed(at, start, end):
            return True
        if phrases.describes(at) or phrases.is_of_another(at, start):
            return False
        if self._stands_alone(at, start, end):
            return self._is_apart(at, start, end)
        return self._is_beside(at, start, end)

    def _edge(self, start: int) -> Unit | None:
        """Return what parts a part from the one before."""
        return self._units[start - 1] if start else None

    def _part_before(self, start: int) -> tuple[int, int] | None:
        return next((one[:2] for one in parts(self._units) if one[1] == start - 1), None)

    def _follows_one(self, start: int) -> bool:
        """Whether a part before this names a thing, known or not."""
        return any(one.at < start for one in self._reading.said) or any(one < start for one in self.taken)

    def _has_one(self, at: int) -> bool:
        """Whether the message names another thing: one that has this, or is in it."""
        others = any(self.phrases.is_noun(one) for one in self._strange if one != at)
        return bool(self._reading.said) or others or bool(self.taken)

    def _is_part(self, at: int, start: int) -> bool:
        """Whether it is of what another thing is made: a castle with towers, a pizza with cheese."""
        edge, value = self._edge(start), self._units[at].value
        has = edge is not None and (edge.text.lower() in WITH or self._goes_on_with(start))
        owners = [one for one in self._reading.said if one.at < at]
        if not has and not (self.phrases.role(at, start) == Role.PLACING and value in FOOD):
            return False
        owned = families_of(owners[-1].thing) if owners else frozenset[str]()
        return (value == STRUCTURE and BUILDING in owned) or (value in FOOD and not owned.isdisjoint(FOOD))

    def _is_had(self, at: int, start: int, end: int) -> bool:
        """Whether a detail is another thing's, or what is worn an unknown one's, and not what a change asks for."""
        if self._units[at].value == WORN and self._reading.said:
            return False
        edge = self._edge(start)
        beside = edge is not None and (edge.kind in RELATIONS or edge.text.lower() in WITH)
        is_own = self.phrases.span(at, start, end)[1] > at and not self._reading.said  # a hat of a wizard
        return self._has_one(at) and not is_own and (beside or not (self._adds or self._swaps))

    def _stands_alone(self, at: int, start: int, end: int) -> bool:
        """Whether no known thing stands in its part, or a change names it first: add a zeppelin to the castle."""
        things = [one for one in self._units[start:end] if one.kind == Kind.THING]
        if any(start <= one < at for one in self.taken):
            return False
        if not things or self._swaps:
            return True
        return self._adds and self._code not in POSTFIX and things[0].start > self._units[at].start

    def _is_apart(self, at: int, start: int, end: int) -> bool:
        """Whether what stands alone is no mere detail of what was said before."""
        edge, value = self._edge(start), self._units[at].value
        part = self._units[start:end]
        counted = any(self.phrases.counts(one) for one in part)
        has_thing = any(one.kind == Kind.THING for one in part)
        if not has_thing and Kind.SET in self._reading.cues and self._code in ONE and not counted:
            return False  # "make it more dramatic"
        if self._swaps:
            return True
        if edge is not None and (edge.text.lower() in WITH or self._goes_on_with(start)):
            return self.phrases.is_noun(at) or not self._follows_one(start)
        if self._adds:
            return True
        if self.phrases.role(at, start) == Role.PLACING and self._has_one(at):
            return self.phrases.is_noun(at)
        if edge is None or not self._follows_one(start):
            return self.phrases.is_clear(at, start) or not (self._leads(end) or self._joins_adjective(end))
        if edge.kind == Kind.BREAK:
            return self.phrases.is_noun(at) or (counted and value != DETAIL)
        is_clear = self.phrases.is_clear(at, start)
        if edge.kind in RELATIONS:
            is_side = edge.kind in (Kind.LEFT_OF, Kind.RIGHT_OF)
            return is_clear or (value != DETAIL and (is_side or self.phrases.is_led_by_article(at, start)))
        return is_clear or not self._is_no_noun(at, start)

    def _leads(self, end: int) -> bool:
        """Whether a word before the first mark is a heading or a mood of what is named behind: "cozy, a cat"."""
        return end < len(self._units) and self._units[end].kind == Kind.BREAK and bool(self._reading.said)

    def _joins_adjective(self, end: int) -> bool:
        """Whether "and" joins a word to an adjective of a thing: "величественный и гордый лев"."""
        kinds = [one.kind for one in self._units[end + 1 : end + 3]]
        return self._code in GENITIVES and len(kinds) == 2 and kinds[0] in SAID_OF and kinds[1] == Kind.THING

    def _goes_on_with(self, start: int) -> bool:
        """Whether "and" joins it to what another thing has: smoke and windows."""
        edge, before = self._edge(start), self._part_before(start)
        if edge is None or edge.kind != Kind.AND or before is None or not before[0]:
            return False
        has_thing = any(one.kind == Kind.THING for one in self._units[before[0] : before[1]])
        return not has_thing and self._units[before[0] - 1].text.lower() in WITH

    def _is_no_noun(self, at: int, start: int) -> bool:
        """Whether "and" joins a verb, an adjective to one before it, or something to its owner."""
        if self._code == "en" and _NO_NOUN.match(self._units[at].text.lower()):
            return True
        begin, before = self.phrases.begin(at, start), self._part_before(start)
        if begin > start and self._units[begin - 1].text.lower() in _OWN:
            return True
        rest = self._units[before[0] : before[1]] if before else ()
        if self._code in NOUN_FIRST and rest and rest[-1].kind in SAID_OF:
            return True  # "un leone maestoso e fiero"
        if before is None or not before[0] or self._units[before[0] - 1].kind != Kind.BREAK:
            return False
        taken = any(before[0] <= one < before[1] for one in self.taken)
        return not taken and all(one.kind != Kind.THING for one in rest)

    def _is_beside(self, at: int, start: int, end: int) -> bool:
        """Whether it is a thing though a known one stands in its part."""
        begin = self.phrases.begin(at, start)
        if self._is_subject(at, begin, start, end):
            return True
        if not self.phrases.is_clear(at, start):
            return False
        if self._code in POSTFIX and self._is_landmark(at):
            return True
        edge, role = self._edge(start), self.phrases.role(at, start)
        if begin == start and edge is not None:
            stands = edge.kind in RELATIONS and self._code not in POSTFIX
            return stands or (edge.text.lower() in WITH and self.phrases.is_noun(at))
        if role:
            return self.phrases.is_noun(at) or role == Role.BEARING
        is_verb = begin > start and self._units[begin - 1].kind == Kind.UNKNOWN
        return is_verb and self.phrases.is_noun(at) and self.phrases.is_counted(at, start) and self._code in ONE

    def _is_subject(self, at: int, begin: int, start: int, end: int) -> bool:
        """Whether it does or holds what follows: a knight riding a horse."""
        unit = self._units[at]
        if not self.phrases.is_clear(at, start) or unit.value in (DETAIL, WORN):
            return False
        if self._code in _SUBJECT:
            after = self._units[at + 1].text if at + 1 < end else ""
            return self.phrases.is_noun(at) and (unit.particle or after) in _SUBJECT[self._code]
        if any(one.kind in (Kind.THING, Kind.UNKNOWN) or one.value for one in self._units[start:begin]):
            return False
        after_it = next((one for one in self._units[at + 1 : end] if one.kind != Kind.FILLER or one.value), None)
        does = after_it is not None and after_it.kind == Kind.UNKNOWN and after_it.value == "" and unit.value != ""
        return does or (after_it is not None and after_it.kind == Kind.FILLER)

    def _ends_phrase(self, at: int) -> bool:
        """Whether all before is said of it: 放风筝的男孩."""
        after = self._units[at + 1].kind if at + 1 < len(self._units) else Kind.BREAK
        return at > 0 and self._units[at - 1].text in _ATTRIBUTES and after == Kind.BREAK

    def _is_landmark(self, at: int) -> bool:
        """Whether "beside", "in front of" or "under" follows it, or what is done to it."""
        unit, touching = self._units[at], self._units[at + 1] if at + 1 < len(self._units) else None
        if unit.particle in _PLACING or (touching is not None and touching.text.startswith(_PLACING)):
            return True
        if self._code in POSTFIX and self._ends_phrase(at):
            return True
        if unit.value in (BUILDING, ROOM) and (
            unit.particle == "의" or (touching is not None and touching.text == "の")
        ):
            return True
        rest = [one for one in self._units[at + 1 :] if one.text not in _PARTICLES]
        if not rest or touching is None:
            return False
        after = rest[0]
        if after.text in _ON:
            return True
        if after.kind == Kind.AND and touching is not after and touching.text not in _ATTRIBUTES:
            return False  # 花にとまる has no と
        bears = after.kind == Kind.FILLER and after.value in (Role.BEARING, Role.HAVING)
        return bears or after.kind in (Kind.AND, *RELATIONS)
