"""Whether a language model reads the language that someone writes in, by what the model publishes of itself.

Invariant: in doubt it does: short and mixed words go on, and so does everything where a model publishes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

LEAST_WORDS = 3
"""Fewer words in a script that the model reads do not tell their language."""
MARGIN, MARGIN_OF_FEW, FEW_WORDS = 2, 3, 4
"""As many more words must speak for a language that is not read than for any that is; of few words more."""
SURE = 2
"""As many signs of a language that is not read tell it, where one is a letter that no read language has."""
ITALIAN = frozenset("ìò")
"""Letters that its everyday words happen not to have; they are no sign of Catalan."""
QUOTED = re.compile(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|「[^」]*」|『[^』]*』|\"[^\"\n]*\"")
_WORD = re.compile(r"[^\W\d_]+")


class LanguageUnread(Exception):
    """The words are in a language that the model does not read.

    `language` is its code, empty where the script alone speaks for it; `read` are the own names of those that it reads.
    """

    def __init__(self, language: str, read: Iterable[str]) -> None:
        super().__init__(language)
        self.language, self.read = language, tuple(read)


@dataclass(frozen=True, slots=True)
class Languages:
    """What a model publishes: the languages that it `read`s, everyday words by language, and all that it understands.

    Without `read` the model says nothing of languages, and every request is for it.
    """

    read: Mapping[str, str] = field(default_factory=dict)
    common: Mapping[str, frozenset[str]] = field(default_factory=dict)
    words: frozenset[str] = frozenset()

    def check(self, words: str) -> None:
        """Raises LanguageUnread where the words speak for a language that is not read, and for none that is."""
        language = self._unread(words)
        if language is not None:
            raise LanguageUnread(language, self.read.values())

    def _unread(self, words: str) -> str | None:
        """Return the code of the language that is not read; None where the words may be for the model."""
        if not self.read:
            return None
        text = unicodedata.normalize("NFKC", QUOTED.sub(" ", words)).casefold()
        found = _WORD.findall(text)
        scripts = _scripts(self.words)
        strange = {word for word in found if not any(_script(char) in scripts for char in word)}
        others = {code: known for code, known in self.common.items() if code not in self.read}
        if len(strange) > sum(len(word) > 1 for word in set(found) - strange):
            return self._of_script(strange, others)
        spoken = set(found) - strange
        if language := self._by_letters(spoken, others):
            return language
        if len(spoken) < LEAST_WORDS or not others:
            return None
        best = max(others, key=lambda code: len(spoken & others[code]))
        for_it = spoken & others[best]
        for_a_read_one = max(len(spoken & self.common.get(code, frozenset())) for code in self.read)
        understood = (spoken & self.words) - others[best]
        margin = MARGIN_OF_FEW if len(spoken) <= FEW_WORDS else MARGIN
        unread = len(for_it) - for_a_read_one >= margin and len(for_it) > 2 * len(understood)
        return best if unread else None

    def _by_letters(self, spoken: set[str], others: Mapping[str, frozenset[str]]) -> str:
        """Return the language whose letters and everyday words these are, and no word of a read one is among them."""
        read = [self.common[code] for code in self.read if code in self.common]
        usual = ITALIAN.union(*(_letters(known) for known in read))
        ranked: list[tuple[int, str]] = []
        for code, known in others.items():
            spelt = {word for word in spoken if not (_letters(known) - usual).isdisjoint(word)}
            is_other = any(word in self.words or any(word in one for one in read) for word in spoken - spelt - known)
            ranked += [(len(spelt) + len(spoken & known), code)] if spelt and not is_other else []
        signs, language = max(ranked, default=(0, ""), key=lambda rank: rank[0])
        return language if signs >= SURE else ""

    @staticmethod
    def _of_script(strange: set[str], others: Mapping[str, frozenset[str]]) -> str:
        """Return the language that most of the words are of, else one that is written in their script, else nothing."""
        script = _script(next(iter(strange))[0])
        ranked = [
            (len(strange & known), any(_script(word[0]) == script for word in known), code)
            for code, known in others.items()
        ]
        score, same_script, code = max(ranked, key=lambda rank: rank[:2], default=(0, False, ""))
        return code if score or same_script else ""


@lru_cache(maxsize=4)
def _scripts(words: frozenset[str]) -> frozenset[str]:
    """Return the scripts of the words that a model understands, which are those that it reads."""
    return frozenset(_script(char) for word in words for char in word if char.isalpha())


@lru_cache(maxsize=256)
def _letters(words: frozenset[str]) -> frozenset[str]:
    """Return the letters of a language, by its everyday words."""
    return frozenset(char for word in words for char in word if char.isalpha())


def _script(char: str) -> str:
    """Return the first word of a character's Unicode name, which is its script: LATIN, HANGUL, CJK."""
    return unicodedata.name(char, "").partition(" ")[0]
