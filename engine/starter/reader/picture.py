"""A picture's state in slots, read from a PromptSpec and written as one: what an edit does not name stays as it is.

Invariant: reading what was written gives the same picture, so a chain of edits does not wear it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Final

from engine.starter.lexicon.captions import PLACES, POSITIONS, SKIES, SKIES_AT, STANDS, STYLES, SUBJECTS, TIMES
from engine.starter.reader.spec import MAX_KEYWORD_CHARS, MAX_KEYWORDS, MAX_PROMPT_CHARS, PromptSpec
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.stems import HAN_OR_KANA, LATIN_WORD, Text, plural, singular
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
_WET: Final = {"rain": "stormy sky with rain"}
"""Weather that the painter knows by another's caption alone."""
_LIGHTS: Final = frozenset({"sun", "moon", "stars"})
_PLAIN: Final = frozenset({"sun", "clear", "moon", "stars"})
_GREY: Final = frozenset({"clouds", "storm", "rain", "fog", "snowfall"})
_ARTICLE: Final = re.compile(r"^(?:an?|the|some|one)\s+", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"(?:(?<!\w)(?:on|in|at|by|under|over|near|with|during|inside|from|into|to|and|of|as|an?|the|some)\s+)+$",
    re.IGNORECASE,
)
_DANGLING: Final = re.compile(
    r"^(?:\s|(?:and|with|on|in|at|by|over)\b)+|(?:\s|\b(?:and|with|on|in|at|by|over|under|during|as|of))+$",
    re.IGNORECASE,
)
_NEXT_THING: Final = re.compile(r"\s*\band\s+(?=(?:an?|the|another|\d+|" + "|".join(numbers("en")) + r")\b)")
_PREPOSITION: Final = re.compile(
    r"\s(?:in|on|at|by|with|under|over|near|of|and|holding|wearing|riding|that|who|which|for|from|behind|beside|above|"
    r"below|next|to|inside|without|says|saying|named|called|full|made)\s",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What fills a slot: the world's value, how the prompt says it, and the `word` that asked for it, if any did."""

    key: str
    phrase: str
    word: str = ""


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
        names = tuple(spellings)
        if row := _row(self.noun):
            return row in {_row(name) for name in names}
        return any(end == len(self.noun) for name in names for _, end in Text(self.noun).find(name))

    @property
    def keyword(self) -> str:
        noun = plural(self.noun) if self.count else self.noun
        color = self.color if self.color_said else ""
        return " ".join(part for part in (self.count, *self.qualities, color, noun, self.tail) if part)

    @property
    def phrase(self) -> str:
        known = find(self.noun.lower(), "en")  # the whole of it: a pirate ship is no boat
        caption = _caption(SUBJECTS, _row(self.noun), self.noun) if known else ""
        noun = self.noun if not caption or (self.count and " with " in caption) else caption
        words = " ".join(part for part in (*self.qualities, self.color, noun) if part)
        if self.count:
            head, _, last = words.rpartition(" ")
            words = f"{self.count} {head} {plural(last)}".replace("  ", " ")
        elif not _is_many(self.noun):
            words = f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"
        return f"{words} {self.tail}".strip()


@dataclass(frozen=True, slots=True)
class Picture:
    """`more` is kept word for word: names, quotes, phrases; `absent` is what must not be there."""

    items: tuple[Item, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    sky: tuple[Setting, ...] = ()
    more: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @classmethod
    def of(cls, spec: PromptSpec) -> Picture:
        """Read a spec's slots: what its prompt shows; what its keywords name was asked for."""
        read = _Reading(spec.keywords)
        for part in _parts(spec.prompt):
            read.part(part)
        absent = tuple(part.strip() for part in spec.negative.split(",") if part.strip())
        return cls(tuple(read.items), read.settings, tuple(read.sky), tuple(dict.fromkeys(read.more)), absent)

    def put(self, slot: str, key: str, word: str) -> Picture:
        """Fill a slot with what a word asks for; what contradicts it goes."""
        phrase = _caption(TABLES.get(slot, {}), key, word) or _unknown(slot, word)
        setting = Setting(key, phrase, word)
        if slot == SKY:
            return self._with_sky(setting)
        more = tuple(one for one in self.more if _slot_of(one)[0] != slot)
        if not Text(phrase).holds((word,)):
            more = (*more, word)
        picture = replace(self, settings={**self.settings, slot: setting}, more=more)
        return picture._fitting() if slot == TIME else picture

    def without(self, spellings: Iterable[str]) -> Picture:
        """Take a thing, a setting or a weather out; of a phrase that only holds it, its own words."""
        names = tuple(spellings)
        keys = {_slot_of(name) for name in names}
        items = tuple(one for one in self.items if not one.named(names))
        items = tuple(replace(one, tail=_cut(one.tail, names)) for one in items)
        settings = {
            slot: one
            for slot, one in self.settings.items()
            if (slot, one.key) not in keys and not (one.word and Text(one.word).holds(names))
        }
        sky = tuple(one for one in self.sky if (SKY, one.key) not in keys)
        more = tuple(left for one in self.more if (left := _cut(one, names)))
        return replace(self, items=items, settings=settings, sky=sky, more=more)._fitting()

    def spec(self, understood: str = "") -> PromptSpec:
        """Write the picture as the painter was shown such: things and where they are, sky, style, the rest."""
        place, time, side = (self.settings.get(slot) for slot in (PLACE, TIME, SIDE))
        things = _joined([item.phrase for item in self.items])
        where = " ".join(one.phrase for one in (place, time) if one)
        head = where
        if things:
            at = f"{things} {side.phrase}," if side and where else " ".join([things, *([side.phrase] if side else [])])
            stands = _stands(self.items[0], place.key) if place else ""
            head = " ".join(part for part in (at, stands if where and place else "", where) if part)
        late = [self.settings[slot].phrase for slot in (STYLE, SEASON) if slot in self.settings]
        prompt = ", ".join(part for part in (head, *(one.phrase for one in self.sky), *late, *self.more) if part)
        return PromptSpec(
            understood, self.keywords, prompt[:MAX_PROMPT_CHARS], ", ".join(self.absent)[:MAX_PROMPT_CHARS]
        )

    @property
    def keywords(self) -> list[str]:
        """What was asked for, in the order of the prompt."""
        words = [item.keyword for item in self.items if item.said]
        words += [one.word for one in (*map(self.settings.get, (PLACE, TIME)), *self.sky) if one and one.word]
        words += [self.settings[slot].word for slot in (STYLE, SEASON, SIDE) if slot in self.settings]
        words += self.more
        return [word[:MAX_KEYWORD_CHARS] for word in dict.fromkeys(words) if word][:MAX_KEYWORDS]

    def _with_sky(self, new: Setting) -> Picture:
        """Add a weather or light; what cannot be there with it goes, and an unsaid one always does."""
        rival = {"clear": _GREY | {"rainbow"}}.get(new.key, {"clear"} if new.key in _GREY else set())
        if new.key in _LIGHTS:
            rival = {*rival, *(_LIGHTS - {new.key} if new.key == "sun" else {"sun"})}
        kept = tuple(one for one in self.sky if one.word and one.key != new.key and one.key not in rival)
        picture = replace(self, sky=(*kept, new))
        time = self.settings.get(TIME)
        if new.key in ("moon", "stars") and not (time and (time.word or time.key in ("dusk", "night"))):
            night = Setting("night", TIMES["night"][0])
            picture = replace(picture, settings={**picture.settings, TIME: night})
        return picture

    def _fitting(self) -> Picture:
        """Take out lights that the time cannot have, and fill an empty sky with the time's own."""
        time = self.settings.get(TIME)
        possible = SKIES_AT.get(time.key, ()) if time else ()
        if not possible:
            return self
        sky = tuple(one for one in self.sky if one.key not in _LIGHTS or one.key in possible)
        free = [key for key in possible if not any(find_key(name) == (SKY, key) for name in self.absent)]
        if not sky and free:
            sky = (Setting(free[0], SKIES[free[0]][0]),)
        return replace(self, sky=sky)


def find_key(word: str) -> tuple[str, str]:
    """Return the slot that an English word fills, and the world's value; no slot for a thing."""
    return _slot_of(word)


def slot_of(thing: Thing | None) -> tuple[str, str]:
    """Return the slot that a row of the tables fills, and the world's value; no slot for a thing."""
    if thing is None:
        return "", ""
    if thing.row in _ROWS:
        return _ROWS[thing.row]
    return (thing.group, thing.row) if thing.group in (PLACE, TIME, STYLE, SEASON) else ("", thing.row)


@cache
def _slot_of(word: str) -> tuple[str, str]:
    return slot_of(find(word.lower(), "en"))


def _stands(item: Item, place: str) -> str:
    """Return the preposition between a thing and a place."""
    row = _row(item.noun)
    if row == "balloon":
        return "over"
    return "on" if row == "boat" and place == "lake" else STANDS.get(place, "in")


@lru_cache(maxsize=1_024)  # people's words have no end
def _row(noun: str) -> str:
    """Return the row of the longest end of a noun that the tables know: of a wooden cabin that of the cabin."""
    words = noun.lower().split()
    for at in range(len(words)):
        rest = " ".join(words[at:])
        if thing := find(rest, "en") or find(singular(rest), "en"):
            return "balloon" if thing.row == "hot air balloon" else thing.row
    return ""


def _caption(table: Mapping[str, tuple[str, ...]], key: str, word: str) -> str:
    """Return how the painter was shown a value, in the words that ask for it where it knows them."""
    if key in _WET and table is SKIES:
        return _WET[key]
    phrases = table.get(key, ())
    if table is POSITIONS and phrases:
        return phrases[0]
    return next((phrase for phrase in phrases if Text(phrase).holds((word,))), phrases[0] if phrases else "")


def _unknown(slot: str, word: str) -> str:
    if slot == PLACE:
        return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"
    return word


def _is_many(noun: str) -> bool:
    """Whether a noun takes no article: a plural, or a name."""
    last = noun.rpartition(" ")[2]
    return (
        noun[:1].isupper() or HAN_OR_KANA.search(noun) is not None or (singular(last) != last) or last == plural(last)
    )


def _joined(phrases: list[str]) -> str:
    return " and ".join(phrases) if len(phrases) < 3 else ", ".join(phrases[:-1]) + " and " + phrases[-1]


def _cut(text: str, names: tuple[str, ...]) -> str:
    """Return a phrase without what is named; all of it where it begins with that."""
    for name in names:
        for start, end in reversed(Text(text).find(name)):
            lead = _LEAD.search(text[:start])
            begin = lead.start() if lead else start
            if not text[:begin].strip():
                return ""
            text = (text[:begin].rstrip() + text[end:]).strip()
    return text


def _parts(prompt: str) -> list[str]:
    """Cut a prompt at its commas, but for those within quotation marks."""
    return [part.strip() for part in re.findall(r"(?:\"[^\"]*\"|[^,])+", prompt) if part.strip()]


class _Reading:
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
        rest = part = part.replace("in front of ", "")
        for slot, key, phrase in _captions():
            match = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", rest, re.IGNORECASE)
            if match and not (slot != SKY and slot in self.settings):
                self._fill(slot, key, phrase, self._word(slot, key))
                rest = f"{rest[: match.start()]}, {rest[match.end() :]}"
        for piece in rest.split(","):
            self._piece(piece, first=first)

    def _piece(self, piece: str, *, first: bool) -> None:
        text = piece
        for word, start, end in _slot_words(text):
            slot, key = _slot_of(word)
            lead = _LEAD.search(text[:start])
            if slot and (slot == SKY or slot not in self.settings):
                self._fill(slot, key, _caption(TABLES.get(slot, {}), key, word) or _unknown(slot, word), word)
                begin = lead.start() if lead else start
                text = text[:begin] + " " * (end - begin) + text[end:]
        text = _DANGLING.sub("", " ".join(text.split()))
        if not LATIN_WORD.search(text):
            return
        if not (first or _ARTICLE.match(text) or _described(text.split()[0])):
            self.more.append(text)
            return
        for one in _NEXT_THING.split(text):
            self._thing(one)

    def _thing(self, text: str) -> None:
        words = _ARTICLE.sub("", text.strip()).split()
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
        preposition = _PREPOSITION.search(f"{rest} ")
        noun, tail = (rest[: preposition.start()], rest[preposition.start() :].strip()) if preposition else (rest, "")
        if not noun:
            return
        if count:
            head, _, last = noun.rpartition(" ")
            noun = f"{head} {singular(last)}".strip()
        for key, phrases in SUBJECTS.items():
            if f"{noun} {tail}".strip() == phrases[0]:
                noun, tail = key if key != "balloon" else phrases[0], ""
        said = self._asked.holds((noun,)) or self._asked.holds((noun.rpartition(" ")[2],))
        of_it = (one for one in self._keywords if one.text == color or one.holds((noun, noun.rpartition(" ")[2])))
        color_said = bool(color) and any(one.holds((color,)) for one in of_it)
        self.items.append(Item(noun, count, color, tuple(qualities), tail, said, color_said))

    def _word(self, slot: str, key: str) -> str:
        """Return the word that asked for a value."""
        return next((word for word, *_ in _slot_words(self._asked.text) if _slot_of(word) == (slot, key)), "")

    def _fill(self, slot: str, key: str, phrase: str, word: str) -> None:
        if slot == SKY:
            self.sky.append(Setting(key, phrase, word))
        else:
            self.settings[slot] = Setting(key, phrase, word)


def _described(word: str) -> bool:
    """Whether a word is a count, a colour or a quality, behind which a thing is named."""
    low = word.lower()
    known = find(low, "en")
    return low in numbers("en") or low.isdecimal() or low in colors("en") or bool(known and known.group == QUALITY)


@cache
def _captions() -> list[tuple[str, str, str]]:
    """Return each caption of the painter's with its slot and value, the longest first."""
    found = [
        (slot, key, phrase)
        for slot, table in TABLES.items()
        for key, phrases in table.items()
        for phrase in phrases
        if " " in phrase and phrase not in _WET.values()
    ]
    found += [(SKY, key, phrase) for key, phrase in _WET.items()]
    return sorted(found, key=lambda row: -len(row[2]))


def _slot_words(text: str) -> list[tuple[str, int, int]]:
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
            if _slot_of(word)[0] and not glued:
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
