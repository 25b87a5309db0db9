"""Blocked words found in a text however they are disguised, as whole words alone.

Seen through: case, width, accents, look-alike letters, digits and signs for letters, hidden characters, letters said
again, and signs or blanks between letters. All words are looked for at once by an automaton whose state is one number,
a bit for each letter of each word (Baeza-Yates and Gonnet's Shift-And), so the time is in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import reduce

from bot.domain.wordfilter.disguise import SHORT, BudgetSpent, Steps, Word, is_disguised, is_gap
from bot.domain.wordfilter.lookalikes import (
    CASELESS_WRITING,
    DRAWN,
    EDGE,
    FLIPPED,
    HARD,
    JOINED,
    KATAKANA,
    LONELY_I,
    UPSIDE_DOWN,
    fold,
    readings,
    unspaced,
)

MAX_WORD_CHARS = 60

_DRAWN = re.compile("|".join(f"({pattern})" for pattern, _ in DRAWN))
_KATAKANA = re.compile("[ァ-ヺー]{2}")


class BlockedWords:
    """A server's words, made ready once; `hit` tells whether a text holds any of them."""

    def __init__(self, words: Iterable[str]) -> None:
        words = list(words)
        self._pieces = {unspaced(word).translate(KATAKANA) for word in words if CASELESS_WRITING.search(word)} - {""}
        self._first = self._last = 0  # the bits of the letters that a word begins and ends with
        self._places: dict[str, int] = {}  # the bits of each letter
        self._ends: dict[int, Word] = {}
        bit = 0
        for word in dict.fromkeys(_word(word) for word in words if not CASELESS_WRITING.search(word)):
            if not word.letters:
                continue
            self._first |= 1 << bit
            for place, letter in enumerate(word.letters):
                self._places[letter] = self._places.get(letter, 0) | 1 << bit
                if letter == "i" and "l" not in word.letters[max(0, place - 1) : place + 2]:
                    self._places[LONELY_I] = self._places.get(LONELY_I, 0) | 1 << bit
                bit += 1
            self._last |= 1 << (bit - 1)
            self._ends[bit - 1] = word
        self._masks: dict[str, int] = {}

    def hit(self, text: str) -> bool:
        steps = Steps()
        try:
            if self._ends and any(self._found(folded, shortest, steps) for folded, shortest in _ways(text)):
                return True
        except BudgetSpent:
            return True
        if not self._pieces:
            return False
        whole = unspaced(text)
        return any(_piece_found(piece, whole) for piece in self._pieces)

    def _found(self, text: str, shortest: int, steps: Steps) -> bool:
        """Walk over the text once; a set bit says that its word is matched up to that letter."""
        state, starts = 0, True
        for place, char in enumerate(text):
            if state & self._last and not char.isalpha() and self._meant(text, place, state, shortest, steps):
                return True
            mask = self._masks.get(char)
            if mask is None:
                self._masks[char] = mask = self._mask(char)
            onward = (state << 1 & ~self._first) | state | (self._first if starts else 0)
            state = onward & mask | (state if is_gap(char) else 0)
            starts = not char.isalpha()
        return bool(state & self._last) and self._meant(text, len(text), state, shortest, steps)

    def _mask(self, char: str) -> int:
        return reduce(lambda mask, letter: mask | self._places.get(letter, 0), readings(char), 0)

    def _meant(self, text: str, end: int, state: int, shortest: int, steps: Steps) -> bool:
        """Whether one of the words that may end here does."""
        ends = state & self._last
        while ends:
            bit = ends.bit_length() - 1
            ends ^= 1 << bit
            word = self._ends[bit]
            if len(word.letters) >= shortest and is_disguised(word, text, end, steps):
                return True
        return False


def _piece_found(piece: str, text: str) -> bool:
    """Look for what needs no blanks around it; but a word in katakana ends where the katakana do."""
    flat = text.translate(KATAKANA)
    if len(piece) > 2 and EDGE.join(piece) in flat:
        return True
    at = flat.find(piece)
    while at >= 0:
        end = at + len(piece)
        if not _KATAKANA.search(text[max(0, at - 1) : at + 1]) and not _KATAKANA.search(text[end - 1 : end + 1]):
            return True
        at = flat.find(piece, at + 1)
    return False


def _ways(text: str) -> Iterator[tuple[str, int]]:
    """Return the text folded as it is, with drawn letters as one, and turned the right way up.

    With each comes how long a word must be to be looked for there.
    """
    yield fold(text), 0
    lower = text.lower()
    drawn = _DRAWN.sub(lambda match: DRAWN[(match.lastindex or 1) - 1][1], lower)
    if drawn != lower:
        yield fold(drawn), 0
    joined = reduce(lambda done, pair: done.replace(*pair), JOINED, drawn)
    if joined != drawn:
        yield fold(joined), SHORT + 1
    if UPSIDE_DOWN.search(lower):
        yield fold(lower.translate(FLIPPED)), 0
        yield fold(lower.translate(FLIPPED)[::-1]), 0


def can_be_blocked(word: str) -> bool:
    """Whether anything is left of the word to look for, and it is not so long or short that it must be a mistake."""
    letters = [char for char in unspaced(word) if char.isalnum()]
    return len(word) <= MAX_WORD_CHARS and len(letters) >= (1 if CASELESS_WRITING.search(word) else 2)


def _word(written: str) -> Word:
    parts = "".join(char for char in fold(written) if char not in (HARD, EDGE)).split()
    return Word("".join(parts), len(parts))
