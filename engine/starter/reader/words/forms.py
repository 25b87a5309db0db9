"""Words in Latin letters looked up in the tables, whatever their endings."""

from __future__ import annotations

from functools import cache
from typing import Final

from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.stems import stem
from engine.starter.reader.words.things import Thing, things

LATIN: Final = ("en", "es", "de")
_ENDINGS: Final = {"es": ("s", "es"), "de": ("n", "en", "e", "s", "es", "er", "m")}


def find(phrase: str, language: str) -> Thing | None:
    """Return the thing that a phrase names; a request that is not English may still name it in another language."""
    others = () if language == "en" else LATIN
    for code in dict.fromkeys((language, *others)):
        if thing := _find(phrase.lower(), code):
            return thing
    return None


def speaks(word: str, language: str) -> bool:
    """Whether a word is one of this language's in the tables."""
    return word in numbers(language) or word in colors(language) or _find(word, language) is not None


def _find(phrase: str, language: str) -> Thing | None:
    if language == "en":
        phrase = f"{phrase[:-3]}y" if phrase.endswith("ier") else phrase  # cloudier
        thing = _english().get(_stems(phrase))
        return thing and thing._replace(spellings=tuple(dict.fromkeys((phrase, *thing.spellings))))
    table = things(language)
    cut = [phrase[: -len(end)] for end in _ENDINGS[language] if phrase.endswith(end) and len(phrase) > len(end) + 2]
    return next((table[form] for form in (phrase, *cut) if form in table), None)


@cache
def _english() -> dict[str, Thing]:
    return {_stems(word): thing for word, thing in things("en").items()}


def _stems(phrase: str) -> str:
    return " ".join(stem(word) for word in phrase.replace("-", " ").split())
