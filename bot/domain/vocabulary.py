"""Which of someone's words a model of a small world does not know, so that they are named, not silently replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

_LATIN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_ENDINGS = ("s", "es", "'s", "’s", "ed", "ing", "y", "ly", "n", "en", "er", "e", "r", "m")
"""Inflections of the languages that the starter reads: a word is known when cutting one of them leaves a known word."""
MAX_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Unknown:
    """Words that a model does not know, and what it can draw instead, by language."""

    words: tuple[str, ...]
    knows: Mapping[str, Sequence[str]]


class Vocabulary:
    """The words that a model understands, in any case; phrases may hold blanks."""

    def __init__(self, words: Iterable[str]) -> None:
        self._phrases = frozenset(word.casefold() for word in words)

    def unknown(self, text: str) -> list[str]:
        """Return at most six words of `text` that the model does not know; none where it lists no words at all."""
        if not self._phrases:
            return []
        folded = text.casefold()
        found = [word for run in _CJK.findall(folded) for word in self._unknown_run(run)]
        found += [word for word in _LATIN.findall(_CJK.sub(" ", folded)) if not self._knows(word)]
        return list(dict.fromkeys(found))[:MAX_SHOWN]

    @cached_property
    def _single_words(self) -> frozenset[str]:
        return frozenset(word for phrase in self._phrases for word in _LATIN.findall(_CJK.sub(" ", phrase)))

    @cached_property
    def _longest(self) -> int:
        return max((len(phrase) for phrase in self._phrases), default=0)

    def _knows(self, word: str) -> bool:
        if len(word) == 1 or word in self._single_words:
            return True
        stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
        return any(len(stem) > 2 and stem in self._single_words for stem in stems)

    def _unknown_run(self, run: str) -> list[str]:
        """Take the longest known phrase at each place of a run without blanks; what lies between is unknown."""
        unknown, start, gap = [], 0, ""
        while start < len(run):
            lengths = range(min(self._longest, len(run) - start), 0, -1)
            size = next((n for n in lengths if run[start : start + n] in self._phrases), 0)
            if size == 0:
                gap += run[start]
            elif gap:
                unknown.append(gap)
                gap = ""
            start += size or 1
        return [*unknown, gap] if gap else unknown
