"""Blocked words found in a text however they are disguised, as whole words alone.

Seen through: case, width, accents, look-alike letters, digits and signs for letters, hidden characters, letters said
again, and signs or blanks between letters. All words are looked for at once by an automaton whose state is one number,
a bit for each letter of each word (Baeza-Yates and Gonnet's Shift-And), so the time is in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

from bot.domain.lookalikes import CASELESS_WRITING, DRAWN, EDGE, FLIPPED, HARD, JOINED, LONELY_I, SIGNS, SOFT, UPSIDE_DOWN
from bot.domain.lookalikes import fold, readings, unspaced

MAX_WORD_CHARS = 60
SPACED_SHARE = 0.6
"""Of the places between letters, so many must be blank for blanks to be a disguise: "pen is" is two words."""
DOUBLED = set("bcdefglmnoprstz")
"""What words double: "good" is no disguise of a short "god"."""
SHORT = 4
REACH = 8
"""How many characters of a text one letter of a word may take up, in the mean."""

_VOWELS = re.compile("[aeiouyаеёиоуыэюяєіїαειοουω]")
_DRAWN = re.compile("|".join(f"({pattern})" for pattern, _ in DRAWN))
_MODEL = re.compile(r"[a-z]{1,2}[0-9]+")


@dataclass(frozen=True, slots=True)
class _Word:
    """A folded entry: its letters in runs, and of how many words it is."""

    letters: str
    words: int

    @property
    def runs(self) -> list[str]:
        return ["".join(run) for _, run in groupby(self.letters)]


class BlockedWords:
    """A server's words, made ready once; `hit` tells whether a text holds any of them."""

    def __init__(self, words: Iterable[str]) -> None:
        words = list(words)
        self._pieces = {unspaced(word) for word in words if CASELESS_WRITING.search(word)} - {""}
        spaced = dict.fromkeys(_word(word) for word in words if not CASELESS_WRITING.search(word))
        self._words = [word for word in spaced if word.letters]
        self._first = self._last = 0
        self._places: dict[str, int] = {}
        self._ends: dict[int, _Word] = {}
        bit = 0
        for word in self._words:
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
        if self._words and any(self._found(folded, shortest) for folded, shortest in _ways(text)):
            return True
        if not self._pieces:
            return False
        whole = unspaced(text)
        return any(piece in whole or (len(piece) > 2 and EDGE.join(piece) in whole) for piece in self._pieces)

    def _found(self, text: str, shortest: int) -> bool:
        """Walk over the text once; a set bit says that its word is matched up to that letter."""
        state, starts = 0, True
        for place, char in enumerate(text):
            if state & self._last and not char.isalpha() and self._meant(text, place, state & self._last, shortest):
                return True
            mask = self._masks.get(char)
            if mask is None:
                self._masks[char] = mask = self._mask(char)
            onward = (state << 1 & ~self._first) | state | (self._first if starts else 0)
            state = onward & mask | (state if _is_gap(char) else 0)
            starts = not char.isalpha()
        return bool(state & self._last) and self._meant(text, len(text), state & self._last, shortest)

    def _mask(self, char: str) -> int:
        mask = 0
        for letter in readings(char):
            mask |= self._places.get(letter, 0)
        return mask

    def _meant(self, text: str, end: int, ends: int, shortest: int) -> bool:
        while ends:
            bit = ends.bit_length() - 1
            ends ^= 1 << bit
            word = self._ends[bit]
            start = max(0, end - REACH * len(word.letters))
            if len(word.letters) >= shortest and any(_is_disguise(word, text, taken, end) for taken in _alignments(word, text, start, end)):
                return True
        return False


def _is_gap(char: str) -> bool:
    return char in (SOFT, HARD) or (char in SIGNS and not char.isalnum())


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


def _alignments(word: _Word, text: str, start: int, end: int) -> Iterator[list[int]]:
    """Return where the letters of the word can be in text[start:end], which ends with the last; at most a few ways."""
    runs, tries = word.runs, 0

    def back(run: int, place: int, taken: list[int]) -> Iterator[list[int]]:
        nonlocal tries
        if run < 0:
            if taken[0] == 0 or not text[taken[0] - 1].isalpha():
                yield taken
            return
        letter, least = runs[run][0], len(runs[run])
        mine: list[int] = []
        choices = []
        while place > start:
            place -= 1
            if _reads(text[place], letter, word):
                mine.insert(0, place)
                if len(mine) >= least:
                    choices.append((place, list(mine)))
            elif not _is_gap(text[place]):
                break
        for last, places in reversed(choices):
            tries += 1
            if tries > 60:
                return
            yield from back(run - 1, last, places + taken)

    return back(len(runs) - 1, end, [])


def _reads(char: str, letter: str, word: _Word) -> bool:
    found = readings(char)
    return letter in found or (letter == "i" and LONELY_I in found and "il" not in word.letters and "li" not in word.letters)


def _is_disguise(word: _Word, text: str, taken: list[int], end: int) -> bool:
    """Tell a disguise from a number, a model's name, words that follow each other, and a like word."""
    if taken[-1] < end - 1 and any(not _is_gap(char) for char in text[taken[-1] + 1 : end]):
        return False
    match, written = text[taken[0] : taken[-1] + 1], "".join(text[place] for place in taken)
    letters = word.letters
    if letters.isdigit():
        whole = not text[taken[0] - 1 : taken[0]].isdigit() and not text[taken[-1] + 1 : taken[-1] + 2].isdigit()
        return whole and written == letters and len(match) in (len(letters), 2 * len(letters) - 1)
    if any(char.isalpha() for char in letters) and not any(char.isalpha() or char in "@$" for char in written):
        return False
    if len(letters) < SHORT and _MODEL.fullmatch(match):
        return False
    if not _spaced_out(word, match, written):
        return False
    if match != written or not written.isalpha() or written == letters:
        return True
    doubled = len(match) == len(letters) + 1 and match[0] != match[1]
    longer = {char for char in match if match.count(char) > letters.count(char)} if doubled else set()
    return not (longer & DOUBLED and len(letters) <= SHORT)


def _spaced_out(word: _Word, match: str, written: str) -> bool:
    """Whether the blanks in a match, if any, are there to disguise it."""
    blanks = match.count(SOFT) - (word.words - 1)
    if blanks <= 0:
        return True
    if sum(char.isdigit() for char in written) * 2 > len(written):
        return False
    gaps = sum(_is_gap(char) for char in match) - sum(_is_gap(char) for char in written) - (word.words - 1)
    if gaps >= SPACED_SHARE * (len(written) - word.words):
        return True
    pieces = match.replace(HARD, "").split(SOFT)
    if len(word.letters) > SHORT and all(len(piece) <= 2 for piece in pieces):
        return True
    return word.words == 1 and any(len(piece) > 1 and piece.isalpha() and not _VOWELS.search(piece) for piece in pieces)


def can_be_blocked(word: str) -> bool:
    """Whether anything is left of the word to look for, and it is not so long or short that it must be a mistake."""
    letters = [char for char in unspaced(word) if char.isalnum()]
    return len(word) <= MAX_WORD_CHARS and len(letters) >= (1 if CASELESS_WRITING.search(word) else 2)


def _word(written: str) -> _Word:
    parts = "".join(char for char in fold(written) if char not in (HARD, EDGE)).split()
    return _Word("".join(parts), len(parts))
