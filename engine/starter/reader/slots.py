"""The slots of a picture, and what fills them in a text: captions that the painter was shown, and single words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from engine.starter.lexicon.captions import PLACES, POSITIONS, SKIES, STYLES, TIMES
from engine.starter.reader.phrases import cut
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.place import phrase_before
from engine.starter.reader.words.stems import LATIN_WORD, Text
from engine.starter.reader.words.things import PLACE, QUALITY, SEASON, STYLE, TIME, Thing

SKY, SIDE = "sky", "side"
ONE_OF: Final = (PLACE, TIME, SEASON, STYLE, SIDE)
"""The slots of which a picture has one each; it may have several of SKY."""
TABLES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    PLACE: PLACES, TIME: TIMES, SKY: SKIES, STYLE: STYLES, SIDE: POSITIONS,
}  # fmt: skip
_ROWS: Final = {
    "clear sky": (SKY, "clear"), "sun": (SKY, "sun"), "moon": (SKY, "moon"), "clouds": (SKY, "clouds"),
    "stars": (SKY, "stars"), "storm": (SKY, "storm"), "rain": (SKY, "rain"), "fog": (SKY, "fog"),
    "rainbow": (SKY, "rainbow"), "snowfall": (SKY, "snowfall"), "meadow": (PLACE, "meadow"),
    "flower field": (PLACE, "meadow"), "left": (SIDE, "left"), "right": (SIDE, "right"), "middle": (SIDE, "center"),
    "flat illustration": (STYLE, "flat"), "black and white": (STYLE, "ink"),
}  # fmt: skip
"""Rows of the tables that fill a slot under another name than their group and first word."""
WET: Final = {"rain": "stormy sky with rain"}
"""Weather that the painter knows by another's caption alone."""
ARTICLE: Final = re.compile(r"^(?:an?|the|some|one)\s+", re.IGNORECASE)


def slot_of(thing: Thing | None) -> tuple[str, str]:
    """Return the slot that a row of the tables fills, and the world's value; no slot for a thing."""
    if thing is None:
        return "", ""
    if thing.row in _ROWS:
        return _ROWS[thing.row]
    return (thing.group, thing.row) if thing.group in (PLACE, TIME, STYLE, SEASON) else ("", thing.row)


@cache
def find_key(word: str) -> tuple[str, str]:
    """Return the slot that an English word fills, and the world's value; no slot for a thing."""
    return slot_of(find(word.lower(), "en"))


def caption(table: Mapping[str, tuple[str, ...]], key: str, word: str) -> str:
    """Return how the painter was shown a value, in the words that ask for it where it knows them."""
    if key in WET and table is SKIES:
        return WET[key]
    phrases = table.get(key, ())
    if table is POSITIONS and phrases:
        return phrases[0]
    return next((phrase for phrase in phrases if Text(phrase).holds((word,))), phrases[0] if phrases else "")


def unknown(slot: str, word: str) -> str:
    if slot == PLACE:
        return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"
    return word


def unset(text: str, slot: str, keys: Iterable[str] | None = None) -> str:
    """Return a phrase without what fills a slot in it, with one of these values where they are given."""
    wanted = None if keys is None else set(keys)
    for word, start, _ in reversed(slot_words(text)):
        found, key = find_key(word)
        if found == slot and (wanted is None or key in wanted) and text[:start].count('"') % 2 == 0:
            text = cut(text, (word,))
    return text


def is_within(text: str, start: int, end: int, others: list[tuple[str, int, int]]) -> bool:
    """Whether a word is a part of a phrase with words of its own: a dark forest, a market street, at noon."""
    word = text[start:end]
    slot, key = find_key(word)
    beside = [other for other, begin, stop in others if end + 1 == begin or stop == start - 1]
    if slot in ONE_OF and any(find_key(other)[0] == slot for other in beside):
        return True  # a snowy forest
    if slot == SKY and any(find_key(other)[0] == PLACE and begin == end + 1 for other, begin, _ in others):
        return True  # a misty mountain
    shown, thing = caption(TABLES.get(slot, {}), key, word), find(word.lower(), "en")
    if slot == TIME and shown and thing and not Text(shown).holds(thing.spellings):
        return True
    before = phrase_before(text[:start])
    own = [one for one in before if not ARTICLE.match(f"{one} ")]
    if not own or slot not in (PLACE, SEASON):
        return False
    thing = find(own[-1].lower(), "en")
    return len(own) < len(before) or thing is None or thing.group == QUALITY


@cache
def captions() -> list[tuple[str, str, str]]:
    """Return each caption of the painter's with its slot and value, the longest first."""
    found = [
        (slot, key, phrase)
        for slot, table in TABLES.items()
        for key, phrases in table.items()
        for phrase in phrases
        if " " in phrase and phrase not in WET.values()
    ]
    found += [(SKY, key, phrase) for key, phrase in WET.items()]
    return sorted(found, key=lambda row: -len(row[2]))


def slot_words(text: str) -> list[tuple[str, int, int]]:
    """Return the words that fill slots, with their spans, longest first where they overlap; none within a compound."""
    pieces = list(LATIN_WORD.finditer(text))
    found: list[tuple[str, int, int]] = []
    at = 0
    while at < len(pieces):
        for size in (3, 2, 1):
            some = pieces[at : at + size]
            if len(some) < size:
                continue
            start, end = some[0].start(), some[-1].end()
            word = text[start:end]
            after = pieces[at + size] if at + size < len(pieces) else None
            glued = after and not text[end : after.start()].strip(" ") and _is_noun(after.group())
            if find_key(word)[0] and not glued:
                found.append((word, start, end))
                at += size - 1
                break
        at += 1
    return found


def _is_noun(word: str) -> bool:
    """Whether a word may be the noun that the one before it only describes: the ball of a beach ball."""
    thing = find(word.lower(), "en")
    if thing:
        return not slot_of(thing)[0] and thing.group != QUALITY
    return word.lower() not in _GLUE and word.lower() not in colors("en")


_GLUE: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "with",
        "without",
        "in",
        "on",
        "at",
        "by",
        "under",
        "over",
        "near",
        "of",
        "to",
        "from",
        "is",
        "are",
        "that",
        "this",
        "there",
        "it",
        "its",
        "side",
        "style",
        "light",
        "sky",
        "background",
        "scene",
        "time",
        "landscape",
        "painting",
        "drawing",
        "illustration",
        "as",
        "for",
        "into",
        "front",
    ]
)
