"""Text as it looks rather than as it is encoded: the letters that it is read as, and what separates them.

Folding twice gives the same as folding once, and blocked words and texts are folded by the same rules.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

SOFT, HARD, EDGE = " ", ".", "\ue000"
"""A blank or an apostrophe, which stands between words and in them; any other sign; writing without blanks."""
I_OR_L = "1"
"""What looks like both letters."""
LEET = {
    "a": "@4", "b": "8", "c": "(", "e": "3", "g": "9", "i": "1!|", "l": "1!|", "o": "0", "s": "$5", "t": "7+", "z": "2",
}  # fmt: skip
"""Signs that are written for letters, as they stand in folded text."""
SIGNS = {"€": "e", "¢": "c", "£": "l", "¥": "y", "©": "c", "®": "r", "×": "x", "†": "t", "∂": "d", "∆": "a", "Λ": "a"}
CASELESS_WRITING = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u318f\u31a0-\u31ff"
    r"\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Chinese, Japanese, Korean, Thai, Lao, Burmese and Khmer: words follow each other without blanks, or carry endings."""

_KEPT_SIGNS = set("".join(LEET.values()))
_APOSTROPHES = set("'’‘`´ʼ＇")
_BLANK_LETTERS = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u17b5"}
_DECORATION = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f"
    r"\U000e0100-\U000e01ef]"
)
"""Marks that go onto any letter; those that are vowels, as in Indic writing, stay."""
_NAMED = re.compile(
    r"(?:(?:NEGATIVE \w+ )?LATIN .*?|REGIONAL INDICATOR SYMBOL )LETTER "
    r"(?:(?:SMALL CAPITAL|SMALL|CAPITAL|TURNED|REVERSED|INVERTED|OPEN"
    r"|CLOSED|SCRIPT|DOTLESS|BARRED|SIDEWAYS|LONG|BLACKLETTER|STRETCHED|ROMAN) )*([A-Z])(?: WITH .*)?"
)


def skeleton(text: str) -> str:
    """Return the text in the Latin letters that it is read as, where it can be; digits and signs of LEET stay."""
    return _fold(text, lookalikes=True)


def caseless(text: str) -> str:
    """Return the text without case, width, marks and hidden characters, in its own writing."""
    return _fold(text, lookalikes=False)


def unspaced(text: str) -> str:
    """Return the text in its own writing, without what separates letters; sentences stay apart."""
    kept = "".join(char for char in unicodedata.normalize("NFKC", text) if not _hidden(char)).casefold()
    apart = re.sub(r"[。．，、！？；：,.!?;:]+(?=\s|$)|[。，、！？；：]", HARD, kept)
    return re.sub(rf"[^\w{HARD}]|_|(?<=\w){re.escape(HARD)}(?=[a-z0-9])", "", apart)


def _fold(text: str, *, lookalikes: bool) -> str:
    folded: list[str] = []
    before = ""
    if lookalikes and not text.isascii():  # first, since Unicode decomposes some twins into what looks otherwise: ϲ
        text = "".join(_table().get(char, char) for char in text)
    for char in unicodedata.normalize("NFKD", text):
        if _hidden(char):
            continue
        for one in _read_as(char, lookalikes):
            if one not in (SOFT, HARD):
                folded.append(_i_or_l(before, char, one) if lookalikes else one)
            elif not folded or folded[-1] not in (SOFT, HARD):
                folded.append(one)
            elif one == SOFT:
                folded[-1] = SOFT
        before = char if folded and folded[-1] != I_OR_L else before
    return "".join(folded)


def _i_or_l(before: str, char: str, read: str) -> str:
    """A capital I in the midst of small letters looks like an l."""
    return I_OR_L if char == "I" and before.islower() else read


def _hidden(char: str) -> bool:
    return (
        char in _BLANK_LETTERS
        or _DECORATION.match(char) is not None
        or unicodedata.category(char) in ("Cf", "Co", "Cn", "Cs")
        or (unicodedata.category(char) == "Cc" and not char.isspace())
    )


@lru_cache(maxsize=8_192)
def _read_as(char: str, lookalikes: bool) -> str:
    if CASELESS_WRITING.match(char):
        return EDGE
    if char.isascii() and char.isalnum():
        return char.lower()
    if lookalikes and not char.isascii() and (letter := _letter(char)):
        return letter
    if char.isspace() or char in _APOSTROPHES:
        return SOFT
    if char.isalnum() or unicodedata.category(char).startswith("M"):
        return char.casefold()
    return char if char in _KEPT_SIGNS else HARD


def _letter(char: str) -> str:
    """Return the small Latin letter, or I_OR_L, that a foreign character is read as; empty for none.

    Small Cyrillic and Greek letters without a twin look like those of their capitals: в and B.
    """
    if sign := SIGNS.get(char):
        return sign
    table = _table()
    named = _NAMED.fullmatch(unicodedata.name(char, ""))
    return table.get(char) or (named[1].lower() if named else "") or table.get(char.upper(), "")


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    """Return what Unicode lists as confusable with the Latin letters (UTS 39)."""
    from confusable_homoglyphs.confusables import confusables_data

    table: dict[str, str] = {}
    for letter in "abcdefghijklmnopqrstuvwxyz":
        for written in (letter.upper(), letter):
            for entry in confusables_data.get(written, ()):
                twin = entry["c"].strip("\u200e")
                if len(twin) == 1 and not twin.isascii():
                    table[twin] = I_OR_L if table.get(twin, letter) != letter or letter == "l" else letter
    return table
