"""The line "Understood as …" of a changed picture: its slots, in the language of whoever changed it."""

from __future__ import annotations

from functools import cache
from typing import Final

from engine.starter.lexicon.tables import names
from engine.starter.reader.item import Item
from engine.starter.reader.picture import Picture
from engine.starter.reader.spec import MAX_UNDERSTOOD_CHARS, one_line
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.stems import singular
from engine.starter.reader.words.things import PLACE, SEASON, STYLE, TIME, things

_WITHOUT: Final = {"en": "without {}", "zh": "没有{}", "es": "sin {}", "ja": "{}なし", "de": "ohne {}"}
_MARKS: Final = {"zh": "，", "ja": "、"}


def line_of(picture: Picture, language: str) -> str:
    """Return one line that names all that was asked for, as the picture is now."""
    parts = [_item(item, language) for item in picture.items if item.said]
    parts += [_word(one.word, language) for one in map(picture.settings.get, (PLACE, TIME)) if one and one.word]
    parts += [_word(one.word, language) for one in picture.sky if one.word]
    parts += [
        _word(picture.settings[slot].word, language) for slot in (SEASON, STYLE, "side") if slot in picture.settings
    ]
    parts += [_word(one, language) for one in picture.more]
    parts += [_WITHOUT[language].format(_word(one, language)) for one in picture.absent]
    return one_line(_MARKS.get(language, ", ").join(part for part in parts if part), MAX_UNDERSTOOD_CHARS)


def _item(item: Item, language: str) -> str:
    if language == "en":
        return item.keyword
    noun, color = _word(item.noun, language), _color(item.color, language) if item.color_said else ""
    qualities = " ".join(_word(one, language) for one in item.qualities)
    before_noun = language in ("zh", "ja", "de")
    words = [qualities, color, noun] if before_noun else [noun, color, qualities]
    count = str(numbers("en").get(item.count, item.count))
    text = ("" if language in _MARKS else " ").join(word for word in words if word)
    return " ".join(part for part in (count and f"{count} ×", text, item.tail) if part)


def _color(english: str, language: str) -> str:
    return min(
        (word for word, spelled in colors(language).items() if english in spelled), key=_plainness, default=english
    )


def _word(english: str, language: str) -> str:
    if language == "en" or not english:
        return english
    table = _backwards(language)
    return table.get(english.lower()) or table.get(singular(english.lower())) or english


@cache
def _backwards(language: str) -> dict[str, str]:
    """Return the first word of a language for each English one; a row's own names win over what only shares them."""
    found: dict[str, str] = {}
    own = things(language)
    table = [(word, own[word]) for word in names(language) if word in own]  # the plainest first
    table += sorted(own.items(), key=lambda row: _plainness(row[0]))
    for word, thing in table:
        found.setdefault(thing.row, word)
    for word, thing in table:
        for english in thing.spellings:
            found.setdefault(english, word)
    return found


def _plainness(word: str) -> int:
    """How far a word is from the two letters that most Chinese ones have; for other languages how long it is."""
    return abs(len(word) - 2)
