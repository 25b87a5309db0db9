"""Which of someone's words a model of a small world does not know, so that they are named, not silently replaced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.starter.reader.words.fillers import says_nothing

_LATIN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_ENDINGS = ("s", "es", "'s", "’s", "ed", "ing", "y", "ly", "n", "en", "er", "e", "r", "m")
"""Inflections of the languages that the starter reads: a word is known when cutting one of them leaves a known word."""
_SWAPPED = 4
_SHORT = 5
"""Letters that a word needs for two swapped ones, or a missing one, to be taken for a slip."""
MAX_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Unknown:
    """Words that a model does not know, and what it can draw instead, by language."""

    words: tuple[str, ...]
    knows: Mapping[str, Sequence[str]]


class Vocabulary:
    """The words that a model understands, in any case; phrases may hold blanks. Without words, it understands all."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._phrases = frozenset(word.casefold() for word in words)

    def __bool__(self) -> bool:
        return bool(self._phrases)

    def unknown(self, text: str) -> list[str]:
        """Return at most six words of `text` that the model does not know; none where it lists no words at all."""
        if not self._phrases:
            return []
        folded = text.casefold()
        found = [word for run in _CJK.findall(folded) for word in self._unknown_run(run)]
        found += [word for word in _LATIN.findall(_CJK.sub(" ", folded)) if not self.knows(word)]
        found = [word for word in found if not says_nothing(word)]
        return list(dict.fromkeys(found))[:MAX_SHOWN]

    def knows(self, word: str) -> bool:
        """Whether the model knows a word in Latin letters, in some form or with a slip of the fingers."""
        folded = word.casefold()
        return len(folded) == 1 or self._known_form(folded) or self.corrected(folded) is not None

    def corrected(self, word: str) -> str | None:
        """Return the known word that this one was meant to be; None where it is known or too unlike any.

        Only three slips are undone, those that seldom make another word: two letters in the wrong order, and in a long
        word one left out, or a vowel or the last one typed twice. A wrong letter is not: a horse is no house.
        """
        folded = word.casefold()
        if len(folded) < _SWAPPED or not self._phrases or self._known_form(folded):
            return None
        swaps = (folded[:at] + folded[at + 1] + folded[at] + folded[at + 2 :] for at in range(len(folded) - 1))
        swapped = next((word for word in swaps if word in self._single_words), None)
        if swapped or len(folded) < _SHORT:
            return swapped
        twice = (folded[:at] + folded[at + 1 :] for at in _doubled(folded))
        doubled = next((word for word in twice if word in self._single_words), None)
        return doubled or self._shortened.get(folded) or self._shortened.get(folded.removesuffix("s"))

    @cached_property
    def _single_words(self) -> frozenset[str]:
        return frozenset(word for phrase in self._phrases for word in _LATIN.findall(_CJK.sub(" ", phrase)))

    @cached_property
    def _shortened(self) -> dict[str, str]:
        long = (word for word in sorted(self._single_words) if len(word) > _SHORT)
        return {word[:at] + word[at + 1 :]: word for word in long for at in range(1, len(word))}

    @cached_property
    def _longest(self) -> int:
        return max((len(phrase) for phrase in self._phrases), default=0)

    def _known_form(self, word: str) -> bool:
        if word in self._single_words:
            return True
        stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
        return any(len(stem) > 2 and stem in self._single_words for stem in stems)

    def unknown_spans(self, run: str) -> list[tuple[int, int]]:
        """Take the longest known phrase at each place of a run without blanks; return what lies between, as spans."""
        spans: list[tuple[int, int]] = []
        start = 0
        while self._phrases and start < len(run):
            lengths = range(min(self._longest, len(run) - start), 0, -1)
            size = next((n for n in lengths if run[start : start + n].casefold() in self._phrases), 0)
            if size == 0:
                begins = spans.pop()[0] if spans and spans[-1][1] == start else start
                spans.append((begins, start + 1))
            start += size or 1
        return spans

    def _unknown_run(self, run: str) -> list[str]:
        return [run[start:end] for start, end in self.unknown_spans(run)]


def _doubled(word: str) -> list[int]:
    """Return where a letter may stand once too often: a dessert is no desert."""
    last = len(word) - 2
    return [at for at in range(last + 1) if word[at] == word[at + 1] and (at == last or word[at] in "aeiou")]


EVERYTHING = Vocabulary()
"""Of a model that does not say what it knows."""
