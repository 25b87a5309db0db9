"""Words of Chinese and Japanese, which no space divides: the longest that a table holds, and what lies between."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.fillers import CJK_FILLERS
from engine.starter.reader.words.negations import AFTER, BEFORE, GONE_AFTER, GONE_BEFORE, TURNS_INTO
from engine.starter.reader.words.numbers import COUNTED, read_counted, spellings
from engine.starter.reader.words.stems import HAN_OR_KANA
from engine.starter.reader.words.things import OTHER, things
from engine.starter.reader.words.vocabulary import Vocabulary
from engine.starter.reader.words.word import Kind, Word

_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_IS_HAN: Final = re.compile(rf"{_HAN.pattern}+")
_CJK_RUN: Final = re.compile(rf"{HAN_OR_KANA.pattern}+")
_NAME_ENDS: Final = frozenset("山湖海城岛桥河")
"""What a place's name may end in: 富士山."""


def cjk(text: str, at: int, language: str, vocabulary: Vocabulary) -> Word | None:
    """Return the word that begins at a place of a text in Chinese (zh) or Japanese (ja), the longest there is."""
    if match := COUNTED.match(text, at):
        value = read_counted(match.group())
        if value < 2:
            return Word(match.group(), at, match.end(), Kind.FILLER)
        return Word(match.group(), at, match.end(), Kind.NUMBER, spellings(value))
    for pattern, kind in ((GONE_AFTER, Kind.GONE_AFTER), (AFTER if language == "ja" else None, Kind.NO_AFTER)):
        if pattern and (match := pattern.match(text, at)):
            after = language == "ja" or _ends_clause(text, match.end())
            return Word(match.group(), at, match.end(), kind if after else Kind.GONE)
    best = max(_starting(text, at, language), key=len, default="")
    for pattern, kind in ((GONE_BEFORE["zh"], Kind.GONE), (TURNS_INTO, Kind.INTO), (BEFORE["zh"], Kind.NO)):
        match = pattern.match(text, at) if language == "zh" or kind is Kind.INTO else None
        if match and len(match.group()) >= len(best) and not _stays_whole(match.group(), text, match.end(), language):
            return Word(match.group(), at, match.end(), kind)
    if best:
        kind, spelled, group = _phrases(language)[best]
        if len(best) == 1 and kind is Kind.THING and (longer := _compound(text, at, language, vocabulary)):
            return longer
        return Word(best, at, at + len(best), kind, spelled, group)
    return _gap(text, at, language, vocabulary)


def _compound(text: str, at: int, language: str, vocabulary: Vocabulary) -> Word | None:
    """Return the longer word that a thing of one character may only begin: 海豚 is not the sea."""
    if at + 1 >= len(text) or not _HAN.match(text, at + 1) or _begins(text, at + 1, language):
        return None
    rest = _gap(text, at + 1, language, vocabulary)
    if rest is None or (vocabulary and (not rest.spellings or len(rest.text) > 1)):
        return None
    whole = text[at : rest.end]
    return Word(whole, at, rest.end, rest.kind, (whole,) if rest.spellings else (), foreign=True)


def _gap(text: str, at: int, language: str, vocabulary: Vocabulary) -> Word | None:
    """Return what no table holds, as far as the model does not know it either."""
    end = at
    while end < len(text) and HAN_OR_KANA.match(text, end) and (end == at or not _begins(text, end, language)):
        end += 1
    first, last = _run_around(text, at)
    if end - at >= 2 and text[end : end + 1] in _NAME_ENDS and not _longer(text, end, language):
        end += 1
    strange = _strange(text[first:last], vocabulary)
    if any(first + start < end and first + stop > at for start, stop in strange):
        return Word(text[at:end], at, end, Kind.THING, (text[at:end],), foreign=True)
    return Word(text[at:end], at, end, Kind.THING) if end > at else None


def _run_around(text: str, at: int) -> tuple[int, int]:
    """Return the span of the run of Chinese or Japanese characters that a gap is in."""
    runs = _runs(text)
    return runs[bisect(runs, (at, len(text))) - 1]


@lru_cache(maxsize=4)
def _runs(text: str) -> list[tuple[int, int]]:
    """Remembered for the same reason as `_strange`."""
    return [match.span() for match in _CJK_RUN.finditer(text)]


@lru_cache(maxsize=4)
def _strange(run: str, vocabulary: Vocabulary) -> list[tuple[int, int]]:
    """Remembered, because every gap of a run asks for it."""
    return vocabulary.unknown_spans(run)


def _longer(text: str, at: int, language: str) -> bool:
    return any(len(word) > 1 for word in _starting(text, at, language))


def _begins(text: str, at: int, language: str) -> bool:
    """Whether something that the tables know begins at a place."""
    cues = (COUNTED, TURNS_INTO, GONE_AFTER, *((AFTER,) if language == "ja" else (BEFORE["zh"], GONE_BEFORE["zh"])))
    return any(pattern.match(text, at) for pattern in cues) or any(_starting(text, at, language))


def _stays_whole(cue: str, text: str, end: int, language: str) -> bool:
    """Whether a cue of one letter is only the beginning of another word: 别 and 无 need a known thing behind them."""
    return len(cue) == 1 and not any(
        _phrases(language)[word][0] is Kind.THING for word in _starting(text, end, language)
    )


def _ends_clause(text: str, end: int) -> bool:
    return not HAN_OR_KANA.match(text, end) or text[end] in "吧了呢"


def _starting(text: str, at: int, language: str) -> Iterator[str]:
    """Yield each phrase of the tables that begins at a place."""
    return (word for word in _by_first(language).get(text[at : at + 1], ()) if text.startswith(word, at))


@cache
def _by_first(language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in _phrases(language):
        found.setdefault(word[0], []).append(word)
    return found


@cache
def _phrases(language: str) -> dict[str, tuple[Kind, tuple[str, ...], str]]:
    found: dict[str, tuple[Kind, tuple[str, ...], str]] = dict.fromkeys(CJK_FILLERS, (Kind.FILLER, (), OTHER))
    found |= {word: (Kind.COLOR, spelled, OTHER) for word, spelled in colors(language).items()}
    if language == "zh":  # Japanese without kana looks like Chinese
        found |= {word: row for word, row in _phrases("ja").items() if len(word) > 1 and _IS_HAN.fullmatch(word)}
    return found | {word: (Kind.THING, thing.spellings, thing.group) for word, thing in things(language).items()}
