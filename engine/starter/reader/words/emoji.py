"""Emoji by their Unicode names: 🐱 is "cat", 🌙 "crescent moon"."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SIGNS: Final = re.compile(
    r"[\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001f5ff\U0001f600-\U0001f6ff\U0001f900-\U0001faff]"
)
_MODIFIERS: Final = range(0x1F3FB, 0x1F400)
_TONE: Final = re.compile(r"[\u2728\u2763\u2764\U0001f44a-\U0001f450\U0001f493-\U0001f49f\U0001f4af\U0001f600-\U0001f64f\U0001f910-\U0001f92f\U0001f970-\U0001f97a]")  # fmt: skip  # noqa: E501
"""Faces, hands and hearts: beside words they say how something is meant, not what is to be seen."""
_NOISE: Final = re.compile(
    r"^(?:european|evergreen|black|white|heavy|large|medium|small|honey)\s+|\s+(?:building|sign|symbol)$"
)


def emoji(text: str) -> list[tuple[str, int, int]]:
    """Return each emoji's name and span. Faces and the like count only where there is nothing else to see."""
    found = [match for match in _SIGNS.finditer(text) if ord(match.group()) not in _MODIFIERS]
    shown = [match for match in found if not _TONE.match(match.group())]
    has_words = any(char.isalpha() for char in text)
    chosen = shown if shown or has_words else found
    return [(name, *match.span()) for match in chosen if (name := _name(match.group()))]


def _name(sign: str) -> str:
    """Return the name without what only tells the drawings apart."""
    name, _, what = unicodedata.name(sign, "").lower().partition(" with ")
    name = what if name == "cloud" and what else name  # of a cloud with rain the rain
    if " face" in name and not _TONE.match(sign):
        name = name.split(" face")[0]
    while (shorter := _NOISE.sub("", name)) != name:
        name = shorter
    return name
