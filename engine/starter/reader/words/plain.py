"""Puts what people type in the words that the starter knows: synonyms, diminutives, slips of the fingers.

Quoted text stays as it is. A word that the language's tables know, or that is an everyday word of it, stays too.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from engine.starter.lexicon.tables import BY_CODE, names, single_words, without_accents
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.fillers import FILLERS, language
from engine.starter.reader.words.scan import QUOTED
from engine.starter.reader.words.stems import LATIN_WORD
from engine.starter.reader.words.synonyms import synonyms
from engine.starter.reader.words.things import things
from engine.starter.reader.words.vocabulary import Vocabulary

_LONG: Final = 6
"""Letters of a word that one slip is looked for in: a shorter one is too often another word."""
_SPANISH: Final = re.compile(r"(?P<stem>\w{2,}?)(?:e?c)?it[oa]s?")
_GERMAN: Final = re.compile(r"(?P<stem>\w{3,}?)(?:chen|lein)s?")


def plain_words(words: str, tongue: str | None = None) -> str:
    """Return the words with each synonym, diminutive and slip replaced by what the starter knows."""
    tongue = tongue or language(words)
    pieces, at = [], 0
    for quote in QUOTED.finditer(words):
        pieces += [_plain(words[at : quote.start()], tongue), quote.group()]
        at = quote.end()
    return "".join((*pieces, _plain(words[at:], tongue)))


def _plain(text: str, tongue: str) -> str:
    own = synonyms(tongue)
    if not BY_CODE[tongue].spaced:
        return _known_or_synonym(tongue).sub(lambda match: own.get(match.group(), match.group()), text)
    text = LATIN_WORD.sub(lambda match: _meant(match.group(), tongue), text)
    return _known_or_synonym(tongue).sub(lambda match: own.get(match.group().lower(), match.group()), text)


@cache
def _known_or_synonym(tongue: str) -> re.Pattern[str]:
    """Return what finds the synonyms, and longer words of the tables that one of them is only a part of."""
    spaced, own = BY_CODE[tongue].spaced, synonyms(tongue)
    longer = (word for word in (*things(tongue), *names(tongue)) if any(one in word for one in own))
    body = "|".join(map(re.escape, sorted({*own, *longer}, key=len, reverse=True)))
    return re.compile(rf"(?<![\w-])(?:{body})(?![\w-])" if spaced else body, re.IGNORECASE)


def _meant(word: str, tongue: str) -> str:
    """Return the world's word that a strange one is a small form or a slip of."""
    low = word.lower()
    if low in _known(tongue) or not low.isalpha():
        return word
    return _undiminished(low, tongue) or (len(low) >= _LONG and _own(tongue).corrected(low)) or word


@cache
def _known(tongue: str) -> frozenset[str]:
    tables = (things(tongue), colors(tongue), single_words(tongue), synonyms(tongue), FILLERS.get(tongue, ()))
    words = {word for table in tables for phrase in table for word in phrase.lower().split()}
    return frozenset(words | {without_accents(word) for word in words})


@cache
def _own(tongue: str) -> Vocabulary:
    """What the world has, in one language's words: slips are undone towards these alone."""
    words = (*names(tongue), *synonyms(tongue))
    return Vocabulary((*words, *(word.replace("ß", "ss") for word in words)))


def _undiminished(word: str, tongue: str) -> str:
    pattern = {"es": _SPANISH, "de": _GERMAN}.get(tongue)
    match = pattern.fullmatch(word) if pattern else None
    if not match:
        return ""
    stem = match["stem"]
    if tongue == "de":
        bare = stem.translate(str.maketrans("äöü", "aou"))
        forms = [stem, bare, f"{stem}e", f"{bare}e"]
    else:
        stem = re.sub(r"qu$", "c", re.sub(r"gu$", "g", stem))
        forms = [f"{stem}{end}" for end in ("o", "a", "e", "", "os", "as", "es", "s")]
    known = {without_accents(name): name for name in names(tongue)} | {name: name for name in names(tongue)}
    return next((known[form] for form in forms if form in known), "")
