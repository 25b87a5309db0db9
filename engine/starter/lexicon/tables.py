"""The languages that the starter reads, and each of their words for what its world has."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

from engine.starter.lexicon.language import Language
from engine.starter.lexicon.languages.de import GERMAN
from engine.starter.lexicon.languages.en import ENGLISH
from engine.starter.lexicon.languages.es import SPANISH
from engine.starter.lexicon.languages.ja import JAPANESE
from engine.starter.lexicon.languages.zh import CHINESE

LANGUAGES: Final[tuple[Language, ...]] = (ENGLISH, CHINESE, SPANISH, JAPANESE, GERMAN)
BY_CODE: Final = {language.code: language for language in LANGUAGES}
SUBJECT, PLACE, TIME, SKY, STYLE, SIDE = "subject", "place", "time", "sky", "style", "side"
_SLOT: Final = re.compile(r"\{\w+\}")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ARTICLES: Final = re.compile(
    r"^(?:an?|the|some|many|el|la|los|las|un|una|unos|unas|der|die|das|ein|eine|einen|einige|viele)\s+", re.IGNORECASE
)


@cache
def names(code: str) -> dict[str, tuple[str, str]]:
    """Return each word or phrase of a language, in lower case, with the slot and the world's value that it names."""
    language, found = BY_CODE[code], dict[str, tuple[str, str]]()
    for slot, value, text in _rows(language):
        found.setdefault(without_article(text), (slot, value))
    return found


def without_article(text: str) -> str:
    """Return what is named, in lower case."""
    return _ARTICLES.sub("", text.lower())


def _rows(language: Language) -> Iterator[tuple[str, str, str]]:
    """Yield what names each value: bare words, and where no blanks part words also those with a preposition."""
    for value, nouns in language.subjects.items():
        yield from ((SUBJECT, value, noun.text) for noun in nouns)
    settings = ((PLACE, language.places), (TIME, language.times), (SIDE, language.positions))
    for slot, table in settings:
        for value, setting in table.items():
            placed = [text for text in setting.placed if slot == SIDE or not language.spaced or " " not in text]
            yield from ((slot, value, text) for text in (*setting.bare, *placed))
    for slot, texts in ((SKY, language.skies), (STYLE, language.styles)):
        for value, forms in texts.items():
            yield from ((slot, value, text) for text in forms)


def without_accents(word: str) -> str:
    """Return a word as people type it who leave the accents out."""
    parts = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(char for char in parts if unicodedata.category(char) != "Mn"))


@cache
def color_names(code: str) -> dict[str, str]:
    """Return each form of each colour in a language, with the world's colour."""
    table = BY_CODE[code].colors
    return {form: color for color, kinds in table.items() for forms in kinds.values() for form in forms}


@cache
def asking_words(code: str) -> frozenset[str]:
    """Return the words of a language that stand around what is named where somebody asks for a change."""
    patterns = [text for forms in BY_CODE[code].edits.values() for text in forms]
    patterns += [*BY_CODE[code].before, *BY_CODE[code].after]
    pieces = [piece for text in patterns for piece in _SLOT.split(text.lower())]
    if BY_CODE[code].spaced:
        words = [word for piece in pieces for word in _WORD.findall(piece)]
        return frozenset((*words, *map(without_accents, words)))
    return frozenset(word for piece in pieces for word in _WORD.findall(piece) if len(word) > 1)


@cache
def single_words(code: str) -> frozenset[str]:
    """Return every word of a language that puts blanks between words: what is named, and what stands around it."""
    named = (word for phrase in (*names(code), *color_names(code)) for word in phrase.lower().split())
    return frozenset((*named, *asking_words(code), *BY_CODE[code].extra_words))


@cache
def wishing_words(code: str) -> frozenset[str]:
    """Return the words that a change begins with: "move", "haz", "mach"; none where no blanks part words."""
    if not BY_CODE[code].spaced:
        return frozenset()
    begins = (text.lower().partition("{")[0].split() for forms in BY_CODE[code].edits.values() for text in forms)
    first = [words[0] for words in begins if words and words[0] not in _BETWEEN]
    return frozenset((*first, *map(without_accents, first)))


_BETWEEN: Final = frozenset(
    [
        "the",
        "that",
        "i",
        "a",
        "an",
        "at",
        "in",
        "on",
        "to",
        "as",
        "and",
        "with",
        "but",
        "now",
        "also",
        "so",
        "same",
        "not",
        "by",
        "for",
        "there",
        "is",
        "it",
        "as",
        "if",
        "can",
        "could",
        "what",
        "how",
        "more",
        "y",
        "en",
        "con",
        "de",
        "que",
        "pero",
        "ahora",
        "también",
        "lo",
        "igual",
        "estilo",
        "nada",
        "al",
        "mejor",
        "als",
        "am",
        "im",
        "in",
        "und",
        "das",
        "aber",
        "auch",
        "jetzt",
        "mit",
        "es",
        "ich",
        "noch",
        "nicht",
        "kein",
        "keine",
        "dazu",
    ]
)
"""Words that begin a change and much else."""
