"""A prompt cut into slots: things, settings, weather, and the phrases that are kept word for word.

Invariant: a word that says more than a slot holds (a dark forest, a market street) stays in its phrase.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from engine.starter.lexicon.captions import PLACES, SUBJECTS
from engine.starter.reader.item import Item, Setting
from engine.starter.reader.slots import (
    ARTICLE,
    SKY,
    TABLES,
    caption,
    captions,
    find_key,
    is_within,
    slot_words,
    unknown,
)
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.stems import HAN_OR_KANA, LATIN_WORD, Text, singular
from engine.starter.reader.words.things import PLACE, QUALITY

LEAD: Final = re.compile(
    r"(?:(?<!\w)(?:on|in|at|by|under|over|near|with|during|inside|from|into|to|and|of|as|an?|the|some)\s+)+$",
    re.IGNORECASE,
)
_ARTICLES: Final = re.compile(r"(?<!\w)(?:an?|the|some|and)\s+", re.IGNORECASE)
_DANGLING: Final = re.compile(
    r"^(?:\s|(?:and|with|on|in|at|by|over)\b)+|(?:\s|\b(?:and|with|on|in|at|by|over|under|during|as|of))+$",
    re.IGNORECASE,
)
_NEXT_THING: Final = re.compile(r"\s*\band\s+(?=(?:an?|the|another|\d+|" + "|".join(numbers("en")) + r")\b)")
_NEXT_COLORED: Final = re.compile(rf"\s+and\s+(?=(?:{'|'.join(colors('en'))})\s\w)")
_PREPOSITION: Final = re.compile(
    r"\s(?:in|on|at|by|with|under|over|near|of|and|holding|wearing|riding|that|who|which|for|from|behind|beside|above|"
    r"below|next|to|inside|without|says|saying|named|called|full|made|wears|holds|has|have|is|are)\s",
    re.IGNORECASE,
)


_ONE_OF_THEM: Final = re.compile(r"^(?:the|that|this|one) (?:\w+ )?ones?(?!\w)|^one of ", re.IGNORECASE)
_BEFORE_PLACE: Final = re.compile(rf"in front of (?={'|'.join(PLACES['mountains'])})")
_DOING: Final = re.compile(r"\s\w{2,}ing(?!\w)")


class Reading:
    """Collects slots from the parts of a prompt."""

    def __init__(self, keywords: list[str]) -> None:
        self.items: list[Item] = []
        self.settings: dict[str, Setting] = {}
        self.sky: list[Setting] = []
        self.more: list[str] = []
        self._keywords = [Text(keyword) for keyword in keywords]
        self._asked = Text(", ".join(keywords))

    def part(self, part: str) -> None:
        """Read one part between commas: the captions in it, then single words of slots, then things."""
        if '"' in part or HAN_OR_KANA.search(part):
            self.more.append(part)
            return
        first = not self.items and not self.settings
        rest = part = _BEFORE_PLACE.sub("", part)
        for slot, key, phrase in captions():
            match = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", rest, re.IGNORECASE)
            if match and not (slot != SKY and slot in self.settings):
                self._fill(slot, key, phrase, self._word(slot, key))
                rest = f"{rest[: match.start()]}, {rest[match.end() :]}"
        for piece in rest.split(","):
            self._piece(piece, first=first)

    def _piece(self, piece: str, *, first: bool) -> None:
        text = piece
        words = slot_words(text)
        for at, (word, start, end) in enumerate(words):
            slot, key = find_key(word)
            lead = LEAD.search(text[:start])
            if is_within(piece, start, end, [*words[max(0, at - 1) : at], *words[at + 1 : at + 2]]):
                continue
            if slot and (slot == SKY or slot not in self.settings):
                self._fill(slot, key, caption(TABLES.get(slot, {}), key, word) or unknown(slot, word), word)
                if slot == PLACE and key not in PLACES and lead:
                    self.settings[slot] = replace(self.settings[slot], at=_ARTICLES.sub("", lead.group()).strip())
                begin = lead.start() if lead else start
                text = text[:begin] + " " * (end - begin) + text[end:]
        text = _DANGLING.sub("", " ".join(text.split()))
        if not LATIN_WORD.search(text):
            return
        if _ONE_OF_THEM.match(text) or not (first or ARTICLE.match(text) or _described(text.split()[0])):
            self.more.append(text)
            return
        for some in _NEXT_THING.split(text):
            match = _NEXT_COLORED.search(some)
            if match and some[: match.start()].rpartition(" ")[2].lower() not in colors("en"):
                self._thing(some[: match.start()])
                self._thing(some[match.end() :])
            else:
                self._thing(some)

    def _thing(self, text: str) -> None:
        words = ARTICLE.sub("", text.strip()).split()
        count, color, qualities = "", "", []
        while len(words) > 1:
            word = words[0].lower()
            if word in numbers("en") or word.isdecimal():
                count = word
            elif word in colors("en"):
                color = word
            elif (known := find(word, "en")) and known.group == QUALITY:
                qualities.append(word)
            else:
                break
            words = words[1:]
        rest = " ".join(words)
        at = _tail_at(rest)
        noun, tail = rest[:at].strip(), rest[at:].strip()
        if not noun:
            return
        if count:
            head, _, last = noun.rpartition(" ")
            noun = f"{head} {singular(last)}".strip()
        for key, phrases in SUBJECTS.items():
            if f"{noun} {tail}".strip() == phrases[0]:
                noun, tail = key if key != "balloon" else phrases[0], ""
            elif noun == phrases[0] and key != "balloon":
                noun = key
        said = self._asked.holds((noun,)) or self._asked.holds((noun.rpartition(" ")[2],))
        of_it = (one for one in self._keywords if one.text == color or one.holds((noun, noun.rpartition(" ")[2])))
        color_said = bool(color) and any(one.holds((color,)) for one in of_it)
        self.items.append(Item(noun, count, color, tuple(qualities), tail, said, color_said))

    def _word(self, slot: str, key: str) -> str:
        """Return the word that asked for a value."""
        return next((word for word, *_ in slot_words(self._asked.text) if find_key(word) == (slot, key)), "")

    def _fill(self, slot: str, key: str, phrase: str, word: str) -> None:
        if slot == SKY:
            self.sky.append(Setting(key, phrase, word))
        else:
            self.settings[slot] = Setting(key, phrase, word)


def parts(prompt: str) -> list[str]:
    """Cut a prompt at its commas, but for those within quotation marks."""
    return [part.strip() for part in re.findall(r"(?:\"[^\"]*\"|[^,])+", prompt) if part.strip()]


def _tail_at(text: str) -> int:
    """Return where what follows a noun begins: a preposition, or what the thing does ("watering flowers")."""
    preposition = _PREPOSITION.search(f"{text} ")
    at = preposition.start() if preposition else len(text)
    for match in _DOING.finditer(text[:at]):
        doer = text[: match.start()].rpartition(" ")[2].lower()
        thing = find(doer, "en")
        last = text[match.end() : at].split()[-1:]
        if (thing and thing.group != QUALITY) or not last or singular(last[0]) != last[0]:
            return match.start()
    return at


def _described(word: str) -> bool:
    """Whether a word is a count, a colour or a quality, behind which a thing is named."""
    low = word.lower()
    known = find(low, "en")
    return low in numbers("en") or low.isdecimal() or low in colors("en") or bool(known and known.group == QUALITY)
