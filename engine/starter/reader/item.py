"""What stands in a picture's slots: a setting, and a thing with its count, colour and qualities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from engine.starter.lexicon.captions import SUBJECTS
from engine.starter.reader.slots import caption
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.stems import HAN_OR_KANA, Text, plural, singular


@dataclass(frozen=True, slots=True)
class Setting:
    """What fills a slot: the world's value, how the prompt says it, and the `word` that asked for it, if any did."""

    key: str
    phrase: str
    word: str = ""
    at: str = ""
    """The preposition before a place that has no caption: "by" a river."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing, or several alike. Without `said` nobody asked for it, without `color_said` for its colour."""

    noun: str
    count: str = ""
    color: str = ""
    qualities: tuple[str, ...] = ()
    tail: str = ""
    """What follows the noun: "with a hat"."""
    said: bool = True
    color_said: bool = True

    def named(self, spellings: Iterable[str]) -> bool:
        """Whether one of the spellings names it, or another of its row."""
        names = tuple(name for one in spellings if (name := self._uncolored(one)))
        if row := row_of(self.noun):
            return row in {row_of(name) for name in names}
        return any(end == len(self.noun) for name in names for _, end in Text(self.noun).find(name))

    def _uncolored(self, name: str) -> str:
        """Return a name without its colour; empty where it is another colour than this one's: "the red car"."""
        color, _, noun = name.partition(" ")
        if not noun or color.lower() not in colors("en"):
            return name
        return noun if self.color in colors("en")[color.lower()] else ""

    @property
    def keyword(self) -> str:
        noun = plural(self.noun) if self.count else self.noun
        color = self.color if self.color_said else ""
        return " ".join(part for part in (self.count, *self.qualities, color, noun, self.tail) if part)

    @property
    def phrase(self) -> str:
        known = find(self.noun.lower(), "en")  # the whole of it: a pirate ship is no boat
        shown = caption(SUBJECTS, row_of(self.noun), self.noun) if known else ""
        noun = self.noun if not shown or (self.count and " with " in shown) else shown
        words = " ".join(part for part in (*self.qualities, self.color, noun) if part)
        if self.count:
            head, _, last = words.rpartition(" ")
            words = f"{self.count} {head} {plural(last)}".replace("  ", " ")
        elif not _is_many(self.noun):
            words = f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"
        return f"{words} {self.tail}".strip()


@lru_cache(maxsize=1_024)  # people's words have no end
def row_of(noun: str) -> str:
    """Return the row of the longest end of a noun that the tables know: of a wooden cabin that of the cabin."""
    words = noun.lower().split()
    for at in range(len(words)):
        rest = " ".join(words[at:])
        if thing := find(rest, "en") or find(singular(rest), "en"):
            return "balloon" if thing.row == "hot air balloon" else thing.row
    return ""


def _is_many(noun: str) -> bool:
    """Whether a noun takes no article: a plural, or a name."""
    last = noun.rpartition(" ")[2]
    return (
        noun[:1].isupper() or HAN_OR_KANA.search(noun) is not None or (singular(last) != last) or last == plural(last)
    )
