"""The words that belong to a noun that no table knows: its article, its number, and the known thing that it is of."""

# ruff: noqa: SIM905 (lists of words)

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from engine.starter.lexicon.families import DETAIL, FIGURE, WORN
from engine.starter.orders.reading import NOUN_FIRST, ONE, POSTFIX
from engine.starter.orders.segments import Unit
from engine.starter.orders.word_kinds import SETTINGS, Kind, Role

SAID_OF: Final = (Kind.UNKNOWN, Kind.QUALITY)
GENITIVES: Final = ("ru", "pl")
"""Languages without a word for "of"."""
_BEFORE_ITS_NOUN: Final = (Kind.COUNT, Kind.COLOR, Kind.SIZE, Kind.QUALITY)
_THE: Final = {
    "en": ("the",),
    "de": ("der", "die", "das", "den", "dem", "des"),
    "es": ("el", "la", "los", "las"),
    "fr": ("le", "la", "les", "l"),
    "it": ("il", "lo", "la", "i", "gli", "le", "l"),
    "pt": ("o", "a", "os", "as"),
    "nl": ("de", "het"),
    "zh": ("一个", "个"),
}
OF: Final = frozenset("of de du d des di del della dello dell do da dos das von vom van".split())
_ATTRIBUTES: Final = ("的", "の")
_SETS_BEFORE: Final = ("en", "nl")
"""Languages that put a noun before the one that it describes, with a blank between: "a cat statue"."""
_SETS_TOGETHER: Final = ("de", "nl")
"""Languages that write a noun and what it describes as one word, so that two nouns are two things."""
_BLANKLESS: Final = ("zh", "ja")
_BARE: Final = (Kind.THING, Kind.UNKNOWN, *SETTINGS)


class NounPhrases:
    """Finds what belongs to the noun at `at`, in a part of the units that begins at `start` and ends before `end`."""

    def __init__(self, units: Sequence[Unit], code: str) -> None:
        self._units, self._code = units, code

    def is_noun(self, at: int) -> bool:
        """Whether it is listed, and as no detail."""
        return self._units[at].value not in ("", DETAIL)

    def is_clear(self, at: int, start: int) -> bool:
        """Whether it can be nothing but a noun: it is listed, or has the article of one or a number."""
        return self.is_noun(at) or (self.is_counted(at, start) and self._code in ONE)

    def is_counted(self, at: int, start: int) -> bool:
        """Whether the article of one or a number is said of the noun."""
        return any(self.counts(one) for one in self._units[self.begin(at, start) : at])

    def is_led_by_article(self, at: int, start: int) -> bool:
        """Whether any article stands before the noun."""
        return any(self._is_article(one) for one in self._units[self.begin(at, start) : at])

    def counts(self, unit: Unit) -> bool:
        return unit.kind == Kind.COUNT or unit.text.lower() in ONE.get(self._code, ())

    def begin(self, at: int, start: int) -> int:
        """Return where the words begin that are said of a noun: its article, number, colour and size."""
        while at > start and (self._units[at - 1].kind in _BEFORE_ITS_NOUN or self._is_article(self._units[at - 1])):
            at -= 1
        return at

    def _is_article(self, unit: Unit) -> bool:
        return unit.text.lower() in (*ONE.get(self._code, ()), *_THE.get(self._code, ()))

    def is_measure(self, at: int) -> bool:
        """Whether it is a letter behind a number, 8k, or one alone."""
        unit, before = self._units[at], self._units[at - 1] if at else None
        touches = before is not None and before.text.isdecimal() and before.end == unit.start
        return unit.text.isascii() and (touches or len(unit.text) == 1)

    def describes(self, at: int) -> bool:
        """Whether it is said of the thing beside it, as adjectives are."""
        if self._units[at].particle not in ("", "의"):
            return False
        beside = at - 1 if self._code in NOUN_FIRST else at + 1
        return 0 <= beside < len(self._units) and self._units[beside].kind in (Kind.THING, Kind.COLOR)

    def is_of_another(self, at: int, start: int) -> bool:
        """Whether it follows the "of" of another noun, a hat of a wizard, or in other languages stands before it."""
        begin = self.begin(at, start)
        if self._code in POSTFIX:
            own = self._units[at + 2] if at + 2 < len(self._units) and self._units[at + 1].text in _ATTRIBUTES else None
            return own is not None and own.kind == Kind.UNKNOWN and self.role(at, start) != Role.BEARING
        if begin < start + 2 or self._units[begin - 1].text.lower() not in OF:
            return False
        return self._units[begin - 2].kind in (Kind.THING, Kind.UNKNOWN)

    def is_put_on(self, at: int, start: int) -> bool:
        """Whether it is what a known thing wears, joined by "of": "um abacaxi de óculos"."""
        begin = self.begin(at, start)
        if self._units[at].value != WORN or begin < start + 2 or self._units[begin - 1].text.lower() not in OF:
            return False
        return any(one.kind == Kind.THING for one in self._units[start : begin - 1])

    def span(self, at: int, start: int, end: int) -> tuple[int, int]:
        """Return the first and the last unit of a thing's name: "cat statue", "statue of a cat"."""
        if self.is_compound(at, start) and (self._units[at].value == FIGURE or self._is_led(at - 1, start)):
            return at - 1, at
        if self.is_figure(at, start, end):
            owner = self._owner(at, start)
            return (owner, at) if owner >= 0 else (at, self._after_of(at, end, self._is_known))
        return at, max(at, self._after_of(at, end, self._is_measured))

    def _is_measured(self, after: int) -> bool:
        """Whether a noun is what there is so much of: a piece of cheese."""
        return self._units[after].kind == Kind.UNKNOWN and self.is_noun(after)

    def is_figure(self, at: int, start: int, end: int) -> bool:
        """Whether it is a statue of a known thing."""
        is_one = self._units[at].value == FIGURE
        return is_one and (self._owner(at, start) >= 0 or self._after_of(at, end, self._is_known) >= 0)

    def _is_known(self, after: int) -> bool:
        return self._units[after].kind == Kind.THING

    def _owner(self, at: int, start: int) -> int:
        """Return the thing before a noun that it is of, where a language puts it there; -1 where none is."""
        before = at - 2 if at > start and self._units[at - 1].text in _ATTRIBUTES else at - 1
        is_thing = self._code in POSTFIX and before >= start and self._units[before].kind == Kind.THING
        return before if is_thing else -1

    def _after_of(self, at: int, end: int, fits: Callable[[int], bool]) -> int:
        """Return what stands behind "of" and an article, where it `fits`; -1 where nothing does."""
        after = at + 1
        while after < end and (self._is_article(self._units[after]) or self._units[after].text.lower() in OF):
            after += 1
        joined = after > at + 1 or self._code in GENITIVES
        return after if after < end and joined and fits(after) else -1

    def is_compound(self, at: int, start: int) -> bool:
        """Whether a known thing before it only says of what kind it is: a cat statue."""
        before, unit = self._units[at - 1] if at > start else None, self._units[at]
        if before is None or before.kind != Kind.THING or not (unit.is_sure and self.is_noun(at)):
            return False
        return self._code in _SETS_BEFORE

    def _is_led(self, at: int, start: int) -> bool:
        """Whether an article, a number or a preposition begins what a noun belongs to."""
        return at > start and self._units[at - 1].kind in (*_BEFORE_ITS_NOUN, Kind.FILLER)

    def is_listed(self, at: int, start: int, end: int) -> bool:
        """Whether it is one of several bare nouns: "Leuchtturm Katze Strand"."""
        unit, after = self._units[at], self._units[at + 1] if at + 1 < end else None
        before = self._units[at - 1] if at > start else unit
        if after is None or not self.is_noun(at) or before.kind not in _BARE or after.kind not in _BARE:
            return False
        return self._code in _SETS_TOGETHER or (self._code in _BLANKLESS and unit.end < after.start)

    def role(self, at: int, start: int) -> str:
        """Return what the filler before a noun says of it, as Role."""
        begin = self.begin(at, start)
        unit = self._units[begin - 1] if begin > start else None
        return unit.value if unit is not None and unit.kind == Kind.FILLER else ""
