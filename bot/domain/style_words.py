"""Finds styles named in an edit: whole words, folded, that are meant as a style and not denied."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Set

MAX_TURN = 40
"""As many characters before a word are looked at."""

_LETTER = r"[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
"""A letter or digit of a script that puts blanks between words."""
_STARTS, _ENDS = re.compile(_LETTER), re.compile(f"{_LETTER}$")
_ACCENTS = re.compile("[\u0300-\u036f]")
_JOINTS = re.compile(r"[\s_\-‐‑–]+")

# All of these are compared folded, so they know no accents and no hyphens.
_BEFORE = re.compile(
    rf"(?:(?<!{_LETTER})(?:as|into|like|style of|(?:make|turn|redo|draw) (?:it|this|that)(?: (?:as|into|like))?"
    r"|como|estilo(?: de)?|(?:convierte|haz)(?:lo|la)?(?: en)?|als|im stil|wie)"
    r"(?: (?:an?|the|una?|el|la|eine?[nrs]?|des|der))? "
    r"|(?:改|换|換|变|變|做|画|畫|弄|转|轉)(?:成|为|為)(?:一?[张張幅个個])? ?|(?:^|[,，、;；.。:：])\s*)$"
)
_AFTER = re.compile(
    rf"(?: (?:art )?(?:style|look|stil)(?!{_LETTER})| ?(?:风|風|样式|樣式|調|スタイル|に(?:して|変え|変更)|みたい))"
)
_ALONE = re.compile(r"\s*(?:$|[,，、;；.。!！])")
_NOT = re.compile(
    rf"(?:(?<!{_LETTER})(?:(?:no|not|without|no longer|never|sin|nicht|ohne|keine?[nrs]?)"
    r"(?: (?:an?|the|una?|als|as|in))?"
    r"|(?:add|with|hang|put|hold|holding|agrega|anade|con|mit) (?:an?|the|some|una?|eine[mnr]?)) "
    r"|不要|不是|别|別|不用|去掉|加上?一?[张張幅个個])$"
)
"""What, right before a word, says that the style is not meant: it is refused, or a thing of that name is added."""


def fold(text: str) -> str:
    """Return the text as styles are compared: one width and case, no accents, blanks for hyphens and underscores."""
    wide = unicodedata.normalize("NFKC", text)
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", wide))
    return _JOINTS.sub(" ", unicodedata.normalize("NFC", plain).casefold()).strip()


class Mentions:
    """Finds words for styles, all given folded: `sure` ones anywhere, `things` only in turns that name a style."""

    def __init__(self, sure: Set[str], things: Set[str]) -> None:
        self._words = sorted(sure | things, key=lambda word: (-len(word), word))
        self._things = things

    def longest_in(self, text: str) -> str | None:
        """Return the longest word that is mentioned and not denied."""
        folded = fold(text)
        found = (
            word
            for word in self._words
            if word in folded and any(self._means_it(word, *around) for around in _around(word, folded))
        )
        return next(found, None)

    def _means_it(self, word: str, before: str, after: str) -> bool:
        turn = _BEFORE.search(before)
        cue = turn.group().strip(" ,，、;；.。:：") if turn else ""
        if _NOT.search(before[: turn.start()] if turn and cue else before):
            return False
        if word not in self._things or cue or _AFTER.match(after):
            return True
        return turn is not None and _ALONE.match(after) is not None


def _around(word: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each whole occurrence; scripts without blanks have no bounds to words."""
    start = text.find(word)
    while start >= 0:
        before, after = text[max(0, start - MAX_TURN) : start], text[start + len(word) :]
        cut_left = _STARTS.match(word) and _ENDS.search(before)
        cut_right = _ENDS.search(word) and _STARTS.match(after)
        if not cut_left and not cut_right:
            yield before, after
        start = text.find(word, start + 1)
