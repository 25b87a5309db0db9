"""One spelling for all that means the same: words without case and accents, their stems, and slips of the fingers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from typing import Final

_SIGNS: Final = r"\u3040-\u30ff\u3400-\u9fff々〇"
TOKEN: Final = re.compile(rf"\d+|[\u30a1-\u30fa\u30fc]+|[{_SIGNS}]|[^\W\d_{_SIGNS}]+|[^\w\s]")
"""A number, a word in katakana, one sign of Chinese or Japanese, a word of other letters, or a mark."""
_FOLDED: Final = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "œ": "oe", "æ": "ae", "ё": "е"})
_KANA: Final = re.compile(r"[\u3041-\u3096\u30fc]+")
_WORD_SIGNS: Final = "&"
_JOINED: Final = "'’ʼ‘-‐‑_"
"""Marks within words, where a word is parted without an end of a clause."""

ENDINGS: Final = {
    "en": "ies es s y e",
    "de": "chen lein innen in ern en er em es e n s",
    "nl": "tjes tje jes je en es e s",
    "es": "citos citas cito cita itos itas ito ita es os as o a e s",
    "pt": "zinhos zinhas zinho zinha inhos inhas inho inha oes aes ao os as es o a e s",
    "it": "ini ine ino ina hi he i e o a",
    "fr": "aux ettes ette es al s x e",
    "ru": "иями ями ами ого его ому ему ыми ими ою ею ией иям иях ах ях ам ям ов ев ей ий ый ой ая яя ое ее ые ие ую "
    "юю ом ем ым им ых их ию ии ия ье ьи ью ья а я о е и ы у ю ь й",
    "pl": "iami ami owie ego emu ymi imi iach ach iom om ow iej ej ych ich ym im iem em ia ie io iu a e i o u y",
}
"""By language, what words end in beside their stems; without accents, the longest first."""
_SHORTEST: Final = {"ru": 2}
_STEM: Final = 3
_SWAPPED: Final = 6
"""Letters of a word that may begin with the second: a "roca" is no orca."""
_ALIKE: Final = 0.82
"""How much of a long word must be right."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, in the one spelling; `text` is as written, from `start` to `end`."""

    word: str
    text: str
    start: int
    end: int

    @property
    def is_mark(self) -> bool:
        return not self.word[0].isalnum() and self.word not in _WORD_SIGNS


def folded(text: str) -> str:
    """Return a text in small letters, Latin ones without accents, katakana as hiragana."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_FOLDED)
    found = []
    for char in plain:
        base = unicodedata.normalize("NFD", char)[0]
        if base.isascii():
            found.append(base)
        elif "\u30a1" <= char <= "\u30f6":
            found.append(chr(ord(char) - 0x60))
        else:
            found.append(char)
    return "".join(found)


def tokens(text: str) -> list[Token]:
    """Return the words and marks of a text; apostrophes and hyphens part words and are no marks."""
    return [
        Token(folded(match[0]), match[0], match.start(), match.end())
        for match in TOKEN.finditer(text)
        if match[0] not in _JOINED
    ]


def keys(phrase: str) -> set[tuple[str, ...]]:
    """Return the words of a phrase, as tables are looked up by; of kana also as one word, and sign by sign."""
    words = tuple(token.word for token in tokens(phrase) if not token.is_mark)
    whole = "".join(words)
    return {words, (whole,), tuple(whole)} if _KANA.fullmatch(whole) else {words}


def is_kana(phrase: str) -> bool:
    """Whether a phrase is one word in kana."""
    return _KANA.fullmatch(folded(phrase)) is not None


@cache
def stem(word: str, language: str) -> str:
    """Return what forms of one word share, roughly: both what is looked for and what is found are cut alike."""
    endings = ENDINGS.get(language)
    if endings is None or not word.isalpha():
        return word
    shortest = _SHORTEST.get(language, _STEM)
    cut = next((word.removesuffix(end) for end in _endings(language)
                if word.endswith(end) and len(word) - len(end) >= shortest), word)  # fmt: skip
    if language == "nl":
        cut = re.sub(r"([aeou])\1", r"\1", cut)
        cut = re.sub("z$", "s", re.sub("v$", "f", cut))
    if language in ("ru", "pl"):
        cut = re.sub(r"(?<=\w\w)(?:[оеё]|e)([кцk])$", r"\1", cut)
    return cut[:-1] if len(cut) > _STEM and cut[-1] == cut[-2] else cut


@cache
def _endings(language: str) -> tuple[str, ...]:
    return tuple(sorted(ENDINGS[language].split(), key=len, reverse=True))


_PARTICLES: Final = {
    "에서는": "", "에서": "", "에게": "", "에는": "", "에": "", "의": "", "하고": "", "이랑": "C", "으로": "C",
    "과": "C",     "을": "C", "은": "C", "이": "C", "랑": "V", "로": "V", "와": "V", "를": "V", "는": "V", "가": "V",
}  # fmt: skip
"""Korean particles, the longest first; C stands behind a consonant, V behind a vowel."""
_HANGUL: Final = 0xAC00
_FINALS: Final = 28
"""Ends that a syllable can have, the first of them none."""


def particle_of(word: str) -> str:
    """Return the particle that a Korean word ends in, which has two syllables without it; none where it has none."""
    for particle, behind in _PARTICLES.items():
        bare = word.removesuffix(particle)
        if bare == word or len(bare) < 2:
            continue
        ends_in = "C" if (ord(bare[-1]) - _HANGUL) % _FINALS else "V"
        if behind in ("", ends_in):
            return particle
    return ""


def slips(word: str) -> set[str]:
    """Return the words that this one may be meant for: two letters swapped, one doubled, or in a long word one more.

    A wrong letter is undone in long words alone: a horse is no house.
    """
    found = (
        {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) < _SWAPPED, len(word) - 1)}
        if len(word) > 3
        else set()
    )
    if len(word) > 4:
        found |= {word[:at] + word[at + 1 :] for at in range(len(word)) if len(word) > 6 or word[at] == word[at - 1]}
    return found - {word}


def is_missing_letter(short: str, whole: str) -> bool:
    """Whether `short` is `whole`, which is long, without one of its letters, or with a wrong one within."""
    if len(short) < 5 or short[0] != whole[0]:
        return False
    if any(whole[:at] + whole[at + 1 :] == short for at in range(1, len(whole))):
        return True
    if len(short) == len(whole) > 6:
        return sum(a != b for a, b in zip(short, whole, strict=True)) == 1
    return len(whole) > 7 and SequenceMatcher(None, short, whole, autojunk=False).ratio() > _ALIKE
