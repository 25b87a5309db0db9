"""A picture's state in slots, read from a PromptSpec and written as one: what an edit does not name stays as it is.

Invariant: reading what was written gives the same picture, so a chain of edits does not wear it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from engine.starter.lexicon.captions import SKIES, SKIES_AT, STANDS, TIMES
from engine.starter.reader.item import Item, Setting, row_of
from engine.starter.reader.phrases import colored_noun, cut, left_of
from engine.starter.reader.reading import Reading, parts
from engine.starter.reader.slots import SIDE, SKY, TABLES, caption, find_key, unknown, unset
from engine.starter.reader.spec import MAX_KEYWORD_CHARS, MAX_KEYWORDS, MAX_PROMPT_CHARS, PromptSpec
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.stems import Text
from engine.starter.reader.words.things import PLACE, SEASON, STYLE, TIME

_LIGHTS: Final = frozenset({"sun", "moon", "stars"})
_PLAIN: Final = frozenset({"sun", "clear", "moon", "stars"})
WETTING: Final = frozenset({"rain", "storm"})
_GREY: Final = frozenset({"clouds", "storm", "rain", "fog", "snowfall"})


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
        read = Reading(spec.keywords)
        for part in parts(spec.prompt):
            read.part(part)
        absent = tuple(part.strip() for part in spec.negative.split(",") if part.strip())
        return cls(tuple(read.items), read.settings, tuple(read.sky), tuple(dict.fromkeys(read.more)), absent)

    def put(self, slot: str, key: str, word: str) -> Picture:
        """Fill a slot with what a word asks for; what contradicts it goes."""
        phrase = caption(TABLES.get(slot, {}), key, word) or unknown(slot, word)
        word = phrase if slot == SIDE else word
        setting = Setting(key, phrase, word)
        if slot == SKY:
            return self._with_sky(setting)
        if any(Text(text).holds((word,)) for text in self.texts):
            return self  # a phrase says so already, in its own words
        free = self.within(lambda text: unset(text, slot))
        more = tuple(one for one in free.more if find_key(one)[0] != slot)
        if not Text(phrase).holds((word,)):
            more = (*more, word)
        picture = replace(free, settings={**self.settings, slot: setting}, more=more)
        return picture._fitting() if slot == TIME else picture

    def without(self, spellings: Iterable[str]) -> Picture:
        """Take a thing, a setting or a weather out; of a phrase that only holds it, its own words."""
        names = tuple(spellings)
        keys = _keys(names)
        gone = [one for one in self.items if one.named(names)]
        items = tuple(one for one in self.items if one not in gone)
        items = tuple(replace(one, noun=_bare(one.noun, names), tail=cut(one.tail, names)) for one in items)
        settings = {
            slot: one
            for slot, one in self.settings.items()
            if (slot, one.key) not in keys and not (one.word and Text(one.word).holds(names))
        }
        sky = tuple(one for one in self.sky if (SKY, one.key) not in keys)
        more = tuple(left for one in self.more if (left := cut(one, names)))
        more = (*more, *(left for one in gone if (left := left_of(one.tail))))
        return replace(self, items=items, settings=settings, sky=sky, more=more)._fitting()

    @property
    def texts(self) -> tuple[str, ...]:
        """The phrases that are kept word for word: what follows a thing, and what stands behind all."""
        return (*(item.tail for item in self.items if item.tail), *self.more)

    def within(self, change: Callable[[str], str]) -> Picture:
        """Return the picture with each such phrase changed; one that becomes empty goes."""
        items = tuple(replace(one, tail=change(one.tail) if one.tail else "") for one in self.items)
        return replace(self, items=items, more=tuple(left for one in self.more if (left := change(one))))

    def colored(self, color: str) -> str:
        """Return the name of the thing that has a colour; empty where none has, or one in a phrase."""
        names = (item.noun for item in self.items if item.color in colors("en").get(color, ()))
        return next(names, "") or next((noun for text in self.texts if (noun := colored_noun(text, color))), "")

    def shows(self, spellings: Iterable[str]) -> bool:
        """Whether something of this name is in the picture, in a slot or in a phrase."""
        names = tuple(spellings)
        keys = _keys(names)
        slots = {*((slot, one.key) for slot, one in self.settings.items()), *((SKY, one.key) for one in self.sky)}
        named = any(item.named(names) or Text(item.noun).holds(names) for item in self.items)
        return named or bool(slots & keys) or any(Text(text).holds(names) for text in self.texts)

    def spec(self, understood: str = "") -> PromptSpec:
        """Write the picture as the painter was shown such: things and where they are, sky, style, the rest."""
        place, time, side = (self.settings.get(slot) for slot in (PLACE, TIME, SIDE))
        things = _joined([item.phrase for item in self.items])
        where = " ".join(one.phrase for one in (place, time) if one)
        head = where
        if things:
            at = f"{things} {side.phrase}," if side and where else " ".join([things, *([side.phrase] if side else [])])
            stands = place.at or _stands(self.items[0], place.key) if place else ""
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
        rival = {"clear": _GREY | {"rainbow"}, "sun": WETTING}.get(new.key, {"clear"} if new.key in _GREY else set())
        if new.key in _LIGHTS:
            rival = {*rival, *(_LIGHTS - {new.key} if new.key == "sun" else {"sun"})}
        kept = tuple(one for one in self.sky if one.word and one.key != new.key and one.key not in rival)
        picture = replace(self, sky=(*kept, new)).within(lambda text: unset(text, SKY, rival))
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


def _keys(names: Iterable[str]) -> set[tuple[str, str]]:
    """Return the slots and values that names stand for; snow lies on a place, or falls."""
    keys = {find_key(name) for name in names}
    return keys | {(SKY, "snowfall")} if (PLACE, "snow") in keys else keys


def _stands(item: Item, place: str) -> str:
    """Return the preposition between a thing and a place."""
    row = row_of(item.noun)
    if row == "balloon":
        return "over"
    return "on" if row == "boat" and place == "lake" else STANDS.get(place, "in")


def _joined(phrases: list[str]) -> str:
    return " and ".join(phrases) if len(phrases) < 3 else ", ".join(phrases[:-1]) + " and " + phrases[-1]


def _bare(noun: str, names: tuple[str, ...]) -> str:
    """Return a noun without a word before it that names what goes: "snowy forest" without the snow."""
    first, _, rest = noun.partition(" ")
    return rest if rest and Text(first).holds(names) else noun
