"""English words compared without their endings, so that "dwarves" is kept by "a dwarf", and found where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

_IRREGULAR: Final = {
    "mice": "mouse", "men": "man", "women": "woman", "children": "child", "geese": "goose", "feet": "foot",
    "teeth": "tooth", "wolves": "wolf", "leaves": "leaf", "knives": "knife",
}  # fmt: skip
_MAN, _MEN = (
    ("snowman", "fisherman", "fireman", "policeman", "postman"),
    ("snowmen", "fishermen", "firemen", "policemen", "postmen"),
)
_SAME: Final = frozenset({"sheep", "fish", "deer", "goldfish", "people", "clouds", "series"})
HAN_OR_KANA: Final = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_LETTER: Final = r"(?:(?![\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff])[^\W_])"
LATIN_WORD: Final = re.compile(rf"{_LETTER}+(?:['’&.:-]{_LETTER}+)*")


@lru_cache(maxsize=1_024)  # people's words have no end
def stem(word: str) -> str:
    """Return what is common to a word's forms; only good for comparing."""
    word = word.lower().replace("’", "'").removesuffix("'s")
    if word in _IRREGULAR:
        return stem(_IRREGULAR[word])
    if word.endswith(_MEN):
        return word[:-2] + "an"
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("ves") and len(word) > 4:
        word = word[:-3] + "f"
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word[: -len(ending)]
            word = word[:-1] if len(word) > 2 and word[-1] == word[-2] and word[-1] not in "ls" else word
    return word.removesuffix("e") if len(word) > 3 else word


def plural(noun: str) -> str:
    """Return the plural of an English noun, as it is where it is one already."""
    back = {one: many for many, one in _IRREGULAR.items()}
    if noun in back:
        return back[noun]
    if noun in _SAME or noun in _IRREGULAR or (noun.endswith("s") and not noun.endswith("ss")):
        return noun
    if noun.endswith(_MAN):
        return noun[:-2] + "en"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "sh", "ch", "x")) else "s")


def singular(noun: str) -> str:
    """Return the singular of an English noun, as it is where it is one already."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith(_MEN):
        return noun[:-2] + "an"
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "shes", "ches", "xes")):
        return noun[:-2]
    one = len(noun) > 3 and noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and noun not in _SAME
    return noun[:-1] if one else noun


def is_plural(noun: str) -> bool:
    """Whether an English noun is a plural and no singular."""
    one = singular(noun.lower())
    return noun.lower() == plural(one) != one


@dataclass(frozen=True)
class Text:
    """A text in which spellings can be found, whole words in any form; Chinese and Japanese ones anywhere."""

    text: str

    @cached_property
    def _words(self) -> list[tuple[str, int, int]]:
        return [(stem(match.group()), *match.span()) for match in _PIECE.finditer(self.text)]

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(word for word, _, _ in self._words)

    def find(self, spelling: str) -> list[tuple[int, int]]:
        """Return where the spelling stands, as spans."""
        if HAN_OR_KANA.search(spelling):
            return [match.span() for match in re.finditer(re.escape(spelling), self.text, re.IGNORECASE)]
        wanted = [stem(piece) for piece in _PIECE.findall(spelling)]
        words, size = self._words, len(wanted)
        places = range(len(words) - size + 1) if wanted and wanted[0] in self._stems else ()
        return [
            (words[at][1], words[at + size - 1][2])
            for at in places
            if [word for word, _, _ in words[at : at + size]] == wanted
        ]

    def holds_all(self, phrase: str) -> bool:
        """Whether every word of a phrase stands somewhere: "two cats" is in "two small cats"."""
        pieces = [phrase] if HAN_OR_KANA.search(phrase) else _PIECE.findall(phrase)
        return bool(pieces) and all(self.find(piece) for piece in pieces)

    def holds(self, spellings: tuple[str, ...]) -> bool:
        return any(self.find(spelling) for spelling in spellings)


_PIECE: Final = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)*")
