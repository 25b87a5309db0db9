"""A text cut into what its words mean: the fewest known phrases, in the language that knows most of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.starter.orders.spelling import Token, particle_of, tokens
from engine.starter.orders.word_kinds import Kind
from engine.starter.orders.words import Match, Meaning, Words

_UNKNOWN: Final = 3.0
_SIGN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Unit:
    """Words that mean one thing; `also` is what else they could mean."""

    kind: Kind
    value: str
    text: str
    start: int
    end: int
    also: tuple[Meaning, ...] = ()
    particle: str = ""
    is_sure: bool = True
    is_many: bool = False
    shade: str = ""

    def could_be(self, kind: Kind) -> Unit | None:
        """Return the unit in another of its meanings; None where it has no such."""
        if self.kind == kind:
            return self
        other = next((one for one in self.also if one.kind == kind), None)
        if other is None:
            return None
        return replace(self, kind=kind, value=other.value, is_sure=other.is_sure, is_many=other.is_many,
                       shade=other.shade)  # fmt: skip


def units(text: str, words: Words, *, mends: bool = True) -> tuple[list[Unit], float]:
    """Return the units of a text, and what of it is unknown: the lower, the better it is read.

    `mends` undoes slips of the fingers.
    """
    plain = unicodedata.normalize("NFC", text)
    found: list[Unit] = []
    cost = 0.0
    run: list[Token] = []
    for token in [*tokens(plain), None]:
        if token is not None and not token.is_mark:
            run.append(token)
            continue
        pieces, costs = _cut(run, plain, words, mends=mends)
        found, cost, run = [*found, *pieces], cost + costs, []
        if token is not None:
            found.append(Unit(Kind.BREAK, token.word, token.text, token.start, token.end))
    return found, cost


def _cut(run: Sequence[Token], text: str, words: Words, *, mends: bool) -> tuple[list[Unit], float]:
    """Return the cheapest way to read words without a mark between."""
    best: list[tuple[float, int, Match | None]] = [(0.0, 0, None)]
    for end in range(1, len(run) + 1):
        ways: list[tuple[float, int, Match | None]] = []
        for start in range(max(0, end - words.longest), end):
            match = words.find(tuple(token.word for token in run[start:end]))
            if match is None and start == end - 1 and mends:
                match = words.corrected(run[start].word)
            if match is not None:
                ways.append((best[start][0] + match.cost, start, match))
        ways.append((best[end - 1][0] + _UNKNOWN, end - 1, None))
        best.append(min(ways, key=lambda way: way[0]))
    found: list[Unit] = []
    end = len(run)
    while end:
        _, start, match = best[end]
        found.append(_unit(run[start].start, run[end - 1].end, text, match, words.code))
        end = start
    return found[::-1], best[-1][0]


def _unit(start: int, end: int, text: str, match: Match | None, code: str) -> Unit:
    if match is None:
        particle = particle_of(text[start:end]) if code == "ko" else ""
        return Unit(Kind.UNKNOWN, "", text[start : end - len(particle)], start, end, particle=particle)
    first, *also = match.meanings
    written = text[start : end - len(match.particle)]
    return Unit(first.kind, first.value, written, start, end, tuple(also), match.particle, first.is_sure, first.is_many,
                first.shade)  # fmt: skip


def language_of(text: str, words: dict[str, Words], usual: str) -> str:
    """Return the language that reads a text best of those whose letters it is written in; `usual` where none does."""
    codes = _codes(text, usual)
    costs = {code: units(text, words[code], mends=False)[1] for code in codes if code in words}
    if not costs:
        return usual
    least = min(costs.values())
    best = [code for code, cost in costs.items() if cost == least]
    return usual if usual in best else best[0]


_LATIN: Final = ("en", "es", "de", "fr", "it", "pt", "pl", "nl")


def _codes(text: str, usual: str) -> tuple[str, ...]:
    """Return the languages that are written in the letters of a text."""
    if re.search(r"[\uac00-\ud7a3]", text):
        return ("ko",)
    if re.search(r"[\u3041-\u30fa]", text):
        return ("ja",)
    if re.search(r"[\u3400-\u9fff]", text):
        return ("ja", "zh") if usual == "ja" else ("zh", "ja")
    return ("ru",) if re.search(r"[\u0400-\u04ff]", text) else _LATIN
