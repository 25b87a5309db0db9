"""Things that an edit names only to say where another belongs: the boat in "put a cat on the boat"."""

# ruff: noqa: E501 (lists of words)

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from engine.starter.reader.picture import Picture
from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.words.things import QUALITY
from engine.starter.reader.words.word import Kind

_BEFORE: Final = {
    "en": r"(?<!\w)(?:to|on|onto|in|inside|above|over|under|underneath|below|beneath|behind|beside|near|around|by|next to|of|alongside|"
    r"against|at|from) (?:the|this|that|his|her|its|their|my|our) (?:[\w-]+ ){0,2}$",
    "es": r"(?<!\w)(?:al|del|(?:en|sobre|bajo|encima de|debajo de|detrás de|delante de|junto a|al lado de|cerca de|a) (?:el|la|los|las|su)) $",
    "de": r"(?<!\w)(?:am|im|beim|zum|zur|(?:auf|an|in|über|unter|hinter|vor|neben|bei|zu) (?:den|dem|der|das|die|sein\w*|ihr\w*)) (?:\w+ )?$",
    "zh": r"[在给往]$",
    "ja": r"(?!)",
}
_AFTER: Final = {
    "en": r"(?!)",
    "es": r"(?!)",
    "de": r"(?!)",
    "zh": r"(?:的)?(?:上面?|下面?|旁边?|里面?|后面?|前面?|左边|右边|身上|头上|顶上|中间)(?!加|了)",
    "ja": r"(?:の(?:上|下|横|隣|となり|後ろ|うしろ|前|中|そば|近く|周り))?[にで](?![しなも]|変|替|換|する)",
}
_LED: Final = {tongue: re.compile(words, re.IGNORECASE) for tongue, words in _BEFORE.items()}
_FOLLOWED: Final = {tongue: re.compile(words) for tongue, words in _AFTER.items()}


def without_landmarks(picture: Picture, edit: Stated) -> Stated:
    """Return the edit without the things of the picture that only say where something goes, and what is said of them.

    Nothing is taken where nothing else would be named.
    """
    spans = [span for one in edit.said if (span := _span(picture, one, edit))]
    left = tuple(one for one in edit.said if not any(begin <= one.start and one.end <= end for begin, end in spans))
    others = any(one.kind is Kind.THING and one.group != QUALITY for one in left)
    return replace(edit, said=left) if spans and others else edit


def _span(picture: Picture, said: Said, edit: Stated) -> tuple[int, int] | None:
    """Return where a landmark and its article, colour and preposition stand; None for any other word."""
    if said.kind is not Kind.THING or said.group == QUALITY or not picture.shows(said.spellings):
        return None
    led = _LED[edit.language].search(edit.words[: said.start])
    if led is None and not _FOLLOWED[edit.language].match(edit.words, said.end):
        return None
    return (led.start() if led else said.start), said.end
