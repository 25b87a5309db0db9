"""A phrase that is kept word for word, changed where a thing stands in it: taken out, put for another, described."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.place import phrase_before
from engine.starter.reader.words.stems import Text

_HANGING: Final = re.compile(
    r"(?:^|\s+)(?:and|or|with|without|under|on|in|by|at|near|over|of|behind|beside|above|below|next to|in front of|"
    r"into|to|from|through|wears?|holds?|has|have|\w{2,}ing)$",
    re.IGNORECASE,
)
"""What leads to a thing, and goes with it."""
_CARRIED: Final = re.compile(r"^(?:with|holding|wearing|carrying|that|who|which|of|made|named|called)\b", re.IGNORECASE)
"""What belongs to the thing before it, and goes with that."""
_STAYS: Final = re.compile(
    r"(?:^|\s)(?:in front of|next to|on|in|by|at|near|beside|under|behind|over|above|below|inside|and|"
    r"(?!holding|wearing|carrying)\w{2,}ing)\s+",
    re.IGNORECASE,
)
"""What leads to a thing that stays where the one before it goes."""
_ENDS: Final = re.compile(r"\s(?:holding|wearing|carrying|with)\s.*$", re.IGNORECASE | re.DOTALL)
_ARTICLE: Final = re.compile(r"(?<!\w)(an?) (?=(\w))", re.IGNORECASE)
_DANGLING: Final = re.compile(r"^(?:(?:and|or|,)\s+)+|(?:\s+(?:and|or|with|,))+$", re.IGNORECASE)


def cut(text: str, names: Iterable[str]) -> str:
    """Return a phrase without what is named; where it begins with that, only what stays without it."""
    for name in names:
        for start, end in reversed(Text(text).find(name)):
            text = _cut_at(text, start, end)
    return text


def left_of(tail: str) -> str:
    """Return what stays of what followed a thing that goes: of "by the campfire" the campfire, of "with a hat" none."""
    match = _STAYS.search(tail)
    if match is None or (match.start() and not _CARRIED.match(tail)):
        return ""
    left = tidy(_ENDS.sub("", tail[match.end() :]))
    return "" if left.lower() in ("it", "them", "him", "her") else left


def exchanged(text: str, names: Iterable[str], new: str) -> str:
    """Return a phrase with another thing where one was; its article, colour and qualities go with that."""
    for name in names:
        for start, end in reversed(Text(text).find(name)):
            text = text[: _begin(text, start)] + new + text[end:]
    return tidy(text)


def described(text: str, word: str, rivals: Iterable[str], names: Iterable[str]) -> str:
    """Return a phrase with a quality of a thing in it; what says the contrary goes."""
    for name in names:
        for start, end in Text(text).find(name)[:1]:
            words = phrase_before(text[:start])
            begin = start - sum(len(one) + 1 for one in words)
            own = [one for one in words if one.lower() not in rivals and one.lower() != word]
            article = own[:1] if own and own[0].lower() in ("a", "an", "the") else []
            return tidy(text[:begin] + " ".join([*article, word, *own[len(article) :], text[start:end]]) + text[end:])
    return text


def tidy(text: str) -> str:
    """Return a phrase with single blanks, nothing left hanging, and the right article before each word."""
    text = _DANGLING.sub("", " ".join(text.split()))
    return _ARTICLE.sub(lambda match: _fitting(match.group(1), match.group(2)) + " ", text)


def _fitting(article: str, letter: str) -> str:
    if letter.lower() in "aeio":
        return article[0] + "n"
    return article if letter.lower() == "u" else article[0]


def _begin(text: str, start: int) -> int:
    """Return where a noun's own phrase begins: its article, else its first word."""
    return start - sum(len(word) + 1 for word in phrase_before(text[:start]))


def _cut_at(text: str, start: int, end: int) -> str:
    if re.match(r" (?!and\b|or\b|with\b|in\b|on\b|at\b|by\b|under\b|over\b|near\b|of\b|is\b|\w+ing\b)\w", text[end:]):
        return tidy(text[:start] + text[end:])  # it only says something of the noun behind it: a snowy forest
    begin = _begin(text, start)
    lead = text[:begin].rstrip()
    if not lead:
        return left_of(text[end:].strip())
    while match := _HANGING.search(lead):
        lead = lead[: match.start()].rstrip()
    return tidy(lead + re.sub(r"^ in the sky\b", "", text[end:]))


def has_color(text: str, color: str, names: Iterable[str]) -> bool:
    """Whether a phrase has a thing in this colour."""
    return any(
        color in (word.lower() for word in phrase_before(text[:start]))
        for name in names
        for start, _ in Text(text).find(name)
    )


def colored_noun(text: str, color: str) -> str:
    """Return the noun that a colour stands before in a phrase; empty where there is none."""
    match = re.search(rf"(?<!\w){re.escape(color)} (?P<noun>[a-z]+)", text, re.IGNORECASE)
    return match["noun"] if match and match["noun"].lower() not in colors("en") else ""
