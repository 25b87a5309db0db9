"""What known things do, and on, in or under what they are, in words that the tables know and no picture shows.

A verb that no table knows is unknown like any other word, so it is told without this.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.starter.orders.noun_phrases import NounPhrases
from engine.starter.orders.reading import parts
from engine.starter.orders.segments import Unit
from engine.starter.orders.word_kinds import DEEDS, PLACED, Kind, Shade

_SAID_BETWEEN: Final = (Kind.FILLER, Kind.COUNT, Kind.COLOR, Kind.SIZE, Kind.QUALITY)
"""What may stand between a verb and its object."""
_VERB_LAST: Final = ("ja", "ko")
_PLACE_LAST: Final = ("zh", "ja", "ko")
"""Languages that put "on" behind what something is on."""
_OBJECT: Final = ("を", "に", "을", "를", "에")
"""Particles of what something is done to."""
_OF: Final = ("的", "の", "의")
_ENDS_VERB: Final = (*_OF, "在")
"""What no object stands behind: 跳舞的熊, 睡在车上."""
_SHOWN: Final = {Shade.FLYING: "air", Shade.OVER: "air", Shade.SWIMMING: "water"}
"""Where a thing is drawn that these need not be told of: a balloon flies over a castle, a dog does not."""


def deeds(units: Sequence[Unit], code: str, text: str, stands: Callable[[str], str], *, shown: bool) -> list[str]:
    """Return what is not drawn of what things do, as `text` says it, with its object: "eating a banana".

    `stands` says of a thing where it is drawn: "air". `shown`: things are in the picture that no unit names.
    """
    found = _Deeds(units, code, unicodedata.normalize("NFC", text), stands, shown=shown)
    return [said for start, end, is_gone in parts(units) if not is_gone for said in found.within(start, end)]


@dataclass(frozen=True, slots=True)
class _Run:
    """Verbs and prepositions that stand together, from `first` to `last`, and where their object is; -1: none."""

    first: int
    last: int
    object: int = -1


class _Deeds:
    """Finds what is done in one message."""

    def __init__(
        self, units: Sequence[Unit], code: str, text: str, stands: Callable[[str], str], *, shown: bool
    ) -> None:
        self._units, self._code, self._text, self._stands, self._shown = units, code, text, stands, shown
        self._phrases = NounPhrases(units, code)

    def within(self, start: int, end: int) -> list[str]:
        """Return the deeds between two edges."""
        found: list[str] = []
        at = start
        while at < end:
            if self._units[at].shade not in DEEDS:
                at += 1
                continue
            run = self._run(at, start, end)
            if said := self._said(run, start, end):
                found.append(said)
            at = max(run.last, run.object) + 1
        return found

    def _run(self, at: int, start: int, end: int) -> _Run:
        last = at
        while last + 1 < end and self._units[last + 1].shade in DEEDS:
            last += 1
        is_placed = self._units[at].shade in PLACED
        behind = self._code in _VERB_LAST or (self._code in _PLACE_LAST and is_placed)
        return _Run(at, last, self._before(at, start, end) if behind else self._after(last, end))

    def _after(self, last: int, end: int) -> int:
        """Return the noun behind, with nothing but its own words between."""
        at = last + 1
        while at < end and self._units[at].kind in _SAID_BETWEEN and self._units[at].text not in _ENDS_VERB:
            at += 1
        return at if at < end and self._is_noun(at) else -1

    def _before(self, at: int, start: int, end: int) -> int:
        """Return the noun before what stands behind it: 馬に乗る, 木の下, 말 타는."""
        before = self._units[at - 1] if at > start else None
        if before is None:
            return -1
        if before.kind == Kind.FILLER:
            fits = before.text in (*_OBJECT, *_OF) and at - 2 >= start and self._is_noun(at - 2)
            return at - 2 if fits else -1
        is_placed = self._units[at].shade in PLACED
        followed = any(one.kind == Kind.THING for one in self._units[at + 1 : end])
        bare = before.particle in _OF or (before.particle == "" and (is_placed or followed))
        return at - 1 if self._is_noun(at - 1) and (before.particle in _OBJECT or bare) else -1

    def _is_noun(self, at: int) -> bool:
        unit = self._units[at]
        return unit.kind == Kind.THING or (unit.kind == Kind.UNKNOWN and self._phrases.is_noun(at))

    def _said(self, run: _Run, start: int, end: int) -> str:
        """Return what is to be told of a run; nothing where it is drawn, or of a thing that is told of itself."""
        if run.object >= 0 and self._describes(run, start):
            run = _Run(run.first, run.last)
        if run.object >= 0 and self._units[run.object].kind == Kind.UNKNOWN:
            return ""
        subject = self._subject(run, start, end)
        if subject is not None and subject.kind == Kind.UNKNOWN:
            return ""
        told = [at for at in range(run.first, run.last + 1) if self._is_told(self._units[at].shade, run, subject)]
        if not told:
            return ""
        ends = [*told, run.object] if run.object >= 0 else told
        return self._text[self._units[min(ends)].start : self._end(self._units[max(ends)])]

    def _end(self, unit: Unit) -> int:
        is_bare = unit.kind == Kind.THING or unit.text.endswith(unit.particle)
        return unit.start + len(unit.text) if is_bare else unit.end

    def _describes(self, run: _Run, start: int) -> bool:
        """Whether it is said of the noun behind it: "a flying pig"."""
        if self._code in _PLACE_LAST or self._units[run.first].shade in PLACED:
            return False
        between = self._units[run.last + 1 : run.object]
        alone = not any(self._is_noun(at) for at in range(start, run.first))
        led = self._phrases.begin(run.first, start) < run.first
        return all(one.kind != Kind.FILLER for one in between) and (alone or led)

    def _subject(self, run: _Run, start: int, end: int) -> Unit | None:
        """Return whose deed it is: the noun before it, in languages whose verbs come last the one behind."""
        before = [self._units[at] for at in range(start, run.first) if at != run.object and self._is_noun(at)]
        after = [self._units[at] for at in range(run.last + 1, end) if at != run.object and self._is_noun(at)]
        ranked = [*after[:1], *before[-1:]] if self._code in _VERB_LAST else [*before[-1:], *after[:1]]
        earlier = [one for one in self._units[:start] if one.kind == Kind.THING]
        return next(iter([*ranked, *earlier[-1:]]), None)

    def _is_told(self, shade: str, run: _Run, subject: Unit | None) -> bool:
        if subject is not None and shade in _SHOWN and self._stands(subject.value) == _SHOWN[Shade(shade)]:
            return False
        if shade not in (*PLACED, Shade.USING):
            return subject is not None or run.object >= 0 or self._shown or self._names_any()
        others = any(one.kind == Kind.THING for one in self._units if one is not self._units[run.object])
        kinds = {one.kind for one in self._units}
        swaps = not kinds.isdisjoint((Kind.REPLACE, Kind.INSTEAD))  # "turn the cat into a dog" puts it in none
        puts = self._shown and not kinds.isdisjoint((Kind.PUT, Kind.ADD, Kind.SET))
        return run.object >= 0 and not swaps and (others or puts)

    def _names_any(self) -> bool:
        return any(one.kind == Kind.THING for one in self._units)
