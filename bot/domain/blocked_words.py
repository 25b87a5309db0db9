"""Blocked words found in a text however they are disguised, as whole words alone.

Seen through: case, width, accents, look-alike letters, digits for letters, hidden characters, and signs or blanks
between letters. A match costs time in proportion to the text: every pattern is free of backtracking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from bot.domain.lookalikes import CASELESS_WRITING, HARD, LEET, SOFT, caseless, skeleton, unspaced

MAX_WORD_CHARS = 60
SPACED_SHARE = 0.6
"""Of the places between letters, so many must be blank for blanks to be a disguise: "pen is" is two words."""
DOUBLED = set("bcdefglmnoprstz")
"""What words double: "good" is no disguise of a short "god"."""
SHORT = 4

_LETTER = r"[^\W\d_\ue000]"
_PLAIN = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class _Pattern:
    folded: str
    pattern: re.Pattern[str]
    words: int

    def found(self, text: str) -> bool:
        return any(self._meant(match.group()) for match in self.pattern.finditer(text))

    def _meant(self, match: str) -> bool:
        """Tell a disguise from a number, from words that follow each other, and from a like word."""
        letters = self.folded.replace(SOFT, "")
        if not any(char.isalpha() or char in "@$" for char in match) and any(char.isalpha() for char in letters):
            return False
        blanks = match.count(SOFT) - (self.words - 1)
        if blanks > 0 and blanks < SPACED_SHARE * (len(letters) - self.words):
            return False
        if not _PLAIN.fullmatch(match) or match == letters:
            return True
        if re.search("il|li", letters) and _runs(match) != _runs(letters):
            return False
        doubled = len(match) == len(letters) + 1 and match[0] != match[1]
        extra = set(match) if doubled and _runs(match) == _runs(letters) else set()
        longer = {run for run in extra if match.count(run) > letters.count(run)}
        return not (longer & DOUBLED and len(letters) <= SHORT)


class BlockedWords:
    """A server's words, made ready once; `hit` tells whether a text holds any of them."""

    def __init__(self, words: Iterable[str]) -> None:
        words = list(words)
        self._pieces = {unspaced(word) for word in words if CASELESS_WRITING.search(word)} - {""}
        spaced = [word for word in words if not CASELESS_WRITING.search(word)]
        self._latin = _patterns(skeleton(word) for word in spaced)
        self._own = _patterns(folded for word in spaced if (folded := caseless(word)) and not folded.isascii())

    def hit(self, text: str) -> bool:
        if self._latin and any_found(self._latin, skeleton(text)):
            return True
        if self._own and any_found(self._own, caseless(text)):
            return True
        if not self._pieces:
            return False
        whole = unspaced(text)
        return any(piece in whole for piece in self._pieces)


def any_found(patterns: list[_Pattern], text: str) -> bool:
    return any(pattern.found(text) for pattern in patterns)


def can_be_blocked(word: str) -> bool:
    """Whether anything is left of the word to look for, and it is not so long or short that it must be a mistake."""
    letters = [char for char in unspaced(word) if char.isalnum()]
    return len(word) <= MAX_WORD_CHARS and len(letters) >= (1 if CASELESS_WRITING.search(word) else 2)


def _patterns(folded: Iterable[str]) -> list[_Pattern]:
    entries = dict.fromkeys(_words(text) for text in folded)
    return [_Pattern(one, re.compile(_pattern(one)), one.count(SOFT) + 1) for one in entries if one]


def _words(folded: str) -> str:
    """Return a folded entry with what stands between its letters as blanks between words alone."""
    return " ".join(folded.replace(HARD, "").split())


def _pattern(folded: str) -> str:
    """Return the expression: a run of letters each, gaps between them, and no letter before or after."""
    letters = folded.replace(SOFT, "")
    signs = set("".join(LEET.get(char, "") for char in letters))
    gaps = SOFT + HARD + "".join(sorted(set("".join(LEET.values())) - signs - set("0123456789")))
    gap = f"[{re.escape(gaps)}]*+"
    runs = [("il" if len(set(run)) > 1 else run[0], len(run)) for run in _grouped(letters)]
    return f"(?<!{_LETTER})" + gap.join(_run(read, count, gap) for read, count in runs) + f"(?!{_LETTER})"


def _grouped(letters: str) -> list[str]:
    """Return runs of one letter; i and l look alike, so they make one run where they stand side by side."""
    return ["".join(run) for _, run in groupby(letters, key=lambda char: "i" if char in "il" else char)]


def _run(read: str, count: int, gap: str) -> str:
    written = "".join(dict.fromkeys(read + "".join(LEET.get(char, "") for char in read) + ("l" if read == "i" else "")))
    one = f"[{re.escape(written)}]"
    return f"{one}(?:{gap}{one}){{{count - 1}}}{one}*+"


def _runs(letters: str) -> list[str]:
    return [letter for letter, _ in groupby(letters)]
