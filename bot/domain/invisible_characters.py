"""Strips invisible characters from text: control, direction, zero-width and tag characters, and floods of marks."""

from __future__ import annotations

import re
import unicodedata

_JOINERS = {"\u200c", "\u200d"}
_HIDDEN = {"Cc", "Cf", "Co", "Cs", "Cn"}
_CASELESS = {"So", "Sk", "Lo", "Mn", "Mc"}
_EMOJI = "\ufe0f"
"""The selector that makes a sign an emoji."""
_BLANK_LETTERS = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u17b5"}
"""Letters and marks that look like nothing, and so hide others' text or make an empty line."""
MAX_MARKS = 3
"""On one letter. Hebrew needs three; what stacks more of them only covers its neighbours."""


def visible(text: str) -> str:
    """Return the text with blanks kept, hidden characters gone and at most MAX_MARKS marks on one letter.

    Joiners stay where emoji, Indic and Arabic writing need them: after a character without case.
    """
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if char in _JOINERS:
            stays = bool(kept) and (kept[-1] == _EMOJI or unicodedata.category(kept[-1]) in _CASELESS)
        else:
            stays = char.isspace() or (category not in _HIDDEN and char not in _BLANK_LETTERS)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if stays and marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


LINK = re.compile(r"(?<!\w)\w+://[^\s)>\]]+")
_MARKUP = re.compile(rf"<a?:(\w+):\d+>|<[@#][!&]?\d+>|<t:\d+(?::\w)?>|</[^<>]{{0,100}}:\d+>|{LINK.pattern}")
"""Discord's emoji of a server, mentions, times and commands, and links."""


def readable(words: str) -> str:
    """Return the words on one line without what is invisible, mentions and links; a server's emoji by their names."""
    return " ".join(_MARKUP.sub(lambda match: match.group(1) or " ", visible(words)).split())


def without_mentions(text: str) -> str:
    """Return the visible text without Discord's marks for people, channels, commands and times: numbers to a reader.

    Links stay, and a server's emoji by their names.
    """
    return _MARKUP.sub(lambda match: match.group() if "://" in match.group() else match.group(1) or "", visible(text))


def one_line(text: str, limit: int) -> str:
    """Return the visible text on one line, cut with an ellipsis where it is longer than `limit` characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
