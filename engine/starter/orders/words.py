"""The words of one language, by what they mean for an order: its tables, and the names of a gallery's things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.starter.lexicon import captions, order_captions
from engine.starter.lexicon.english import plural
from engine.starter.lexicon.families import nouns
from engine.starter.lexicon.hearing import Hearing, hearing
from engine.starter.lexicon.order import MOST
from engine.starter.lexicon.things import Thing
from engine.starter.lexicon.tongue import UNSPACED, Tongue, tongue
from engine.starter.orders.spelling import folded, is_kana, is_missing_letter, keys, slips, stem
from engine.starter.orders.word_kinds import CUES, Kind, Role, Shade

Key = tuple[str, ...]
_LONGEST: Final = 9
"""Words of the longest phrase that is looked for; by signs in Chinese and Japanese."""

_UNSTEMMED: Final = (*CUES, Kind.UNDO, Kind.CHAT, Kind.ALL, Kind.AND)
_PLURALS: Final = ("en", "es", "fr", "it", "pt", "de", "nl")
"""Languages whose plurals are no other form of one."""
_CASES: Final = ("ru", "pl")
"""Languages whose words have too many forms to be listed."""
_UNMENDED: Final = (Kind.FILLER, Kind.CHAT)
_APART: Final = 3
_SHORT_KANA: Final = 4
"""Signs of a word in kana that is looked for within others: カバ is a hippo, and no part of かばん."""
_SURE_STEM: Final = 4
"""Letters that the stem of a word needs that is no thing and no setting: other words have the same short ones."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing that words can mean."""

    kind: Kind
    value: str = ""
    is_sure: bool = True
    """False for a thing by a word that lists of names give it, and that may as well describe another."""

    is_many: bool = False
    """Whether the form is a plural."""

    shade: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """What words mean, the likeliest first; `particle` is what was written behind the last one."""

    meanings: tuple[Meaning, ...]
    cost: float
    particle: str = ""


class Words:
    """Looks words up: as they are, by their stems, without a particle, or as a slip of the fingers."""

    def __init__(self, code: str, things: Sequence[Thing]) -> None:
        self.code = code
        self.tongue, self.hearing = tongue(code), hearing(code)
        self._exact: dict[Key, list[Meaning]] = {}
        self._stems: dict[Key, list[Meaning]] = {}
        self._names: dict[str, list[str]] = {}
        for meaning, forms in _tables(self.tongue, self.hearing):
            self._add(meaning, forms)
        if code == "en":
            for meaning, forms in _canonical():
                self._add(meaning, forms)
        for thing in things:
            one, many = _names(thing, code, self.hearing)
            self._names[thing.word] = [folded(name) for name in one]
            for name in one:
                if not self._names_color(name):
                    self._add(Meaning(Kind.THING, thing.word), [name])
            several = [name for name in many if not self._names_color(name)]
            self._add(Meaning(Kind.THING, thing.word, is_many=code in _PLURALS), several)
        self._add_fillers()
        self._trusted = [words[0] for words, meanings in self._exact.items()
                         if len(words) == 1 and len(words[0]) > 4 and meanings[0].kind not in _UNMENDED]  # fmt: skip
        self._written, misnamed = frozenset(self._exact), self.hearing.misnamed.split()
        for thing in things:
            if code in thing.names:
                synonyms = [name for name in thing.names[code].synonyms if name.replace(" ", "_") not in misnamed]
                doubtful = [name for name in synonyms if not self._names_color(name)]
                self._add_new(Meaning(Kind.THING, thing.word, is_sure=False), doubtful, stems=False)
        self._add_nouns()

    def _add_fillers(self) -> None:
        """Add what names nothing."""
        for role in Role:
            self._add_new(Meaning(Kind.FILLER, role), getattr(self.hearing, role))
        self._add_new(Meaning(Kind.FILLER), self.hearing.fillers.split())
        self._add_new(Meaning(Kind.QUALITY), self.hearing.qualities.split())
        if self.code == "zh":
            self._add_new(Meaning(Kind.FILLER), self.hearing.counters)  # 有条龙 has no number
        fixed = [*self.tongue.before, *self.tongue.after, *self.tongue.one]
        self._add_new(Meaning(Kind.FILLER), [form for form in fixed if form.strip()])
        for shade, forms in self.hearing.deeds.items():
            self._shade(Shade(shade), forms.split())

    def _add_nouns(self) -> None:
        """Add what the gallery has not, with its family, so that it is no slip of what it has."""
        for family, names in nouns(self.code).items():
            meaning = Meaning(Kind.UNKNOWN, family)
            for name in names:
                for key in keys(name):
                    if name.isascii() or len(key) == 1 or len(key) >= _SHORT_KANA or not is_kana(name):
                        self._exact.setdefault(key, [meaning])
                        if len("".join(self._stemmed(key))) >= _SURE_STEM:
                            self._stems.setdefault(self._stemmed(key), [meaning])

    def _add(self, meaning: Meaning, forms: Iterable[str]) -> None:
        for form in forms:
            for key in (*keys(form), *self._together(form, meaning)):
                for index, at in ((self._exact, key), (self._stems, self._stemmed(key))):
                    short = len("".join(at)) < _SURE_STEM and (meaning.kind in _UNSTEMMED or self.code not in _CASES)
                    short = short or (meaning.shade == Shade.NEAREST and len(at) > 1)  # to the moon is not on the moon
                    if index is self._stems and meaning.kind != Kind.THING and short:
                        continue
                    found = index.setdefault(at, [])
                    others = [one.value for one in found if one.kind == meaning.kind]
                    if not others or (meaning.kind == Kind.THING and meaning.value not in others):
                        found.append(meaning)

    def _names_color(self, name: str) -> bool:
        """Whether a name is of a colour and another name, "red apple": then the colour is said, and no part of it."""
        for words in keys(name):
            for at in range(1, len(words)):
                known = [self.find(part) for part in (words[:at], words[at:])]
                kinds = [[one.kind for one in match.meanings] if match else [] for match in known]
                if any(Kind.COLOR in one and Kind.THING in other for one, other in (kinds, kinds[::-1])):
                    return True
        return False

    def _together(self, form: str, meaning: Meaning) -> list[Key]:
        """Return the name of a thing as one word: "firetruck"."""
        words = form.split()
        if meaning.kind != Kind.THING or len(words) == 1 or self.code in UNSPACED:
            return []
        return list(keys("".join(words)))

    def _add_new(self, meaning: Meaning, forms: Iterable[str], *, stems: bool = True) -> None:
        """Add forms that mean nothing yet."""
        for form in forms:
            for key in keys(form.replace("_", " ")):
                self._exact.setdefault(key, [meaning])
                if stems and len("".join(self._stemmed(key))) >= _SURE_STEM:
                    self._stems.setdefault(self._stemmed(key), [meaning])

    def _shade(self, shade: Shade, forms: Iterable[str]) -> None:
        """Let fillers say what no picture shows; add those that mean nothing yet."""
        for key in (key for form in forms for key in keys(form.replace("_", " "))):
            for index, at in ((self._exact, key), (self._stems, self._stemmed(key))):
                if (found := index.get(at)) and found[0].kind == Kind.FILLER:
                    index[at] = [replace(found[0], shade=shade), *found[1:]]
            self._exact.setdefault(key, [Meaning(Kind.FILLER, Role.BEARING, shade=shade)])

    def _stemmed(self, key: Key) -> Key:
        return tuple(stem(word, self.code) for word in key)

    def find(self, words: Key) -> Match | None:
        """Return what these words mean together; None where the language has no such phrase."""
        if found := self._exact.get(words):
            return Match(tuple(found), 1.0)
        if len(words) == 1 and words[0].isdecimal() and int(words[0]) > MOST:
            return Match((Meaning(Kind.COUNT, words[0]),), 1.0)
        joined = self._exact.get(("".join(words),)) if 1 < len(words) < _APART and self.code not in UNSPACED else None
        if joined and joined[0].kind == Kind.THING:
            return Match(tuple(joined), 2.1)
        if found := self._stems.get(self._stemmed(words)):
            return Match(tuple(found), 1.2)
        for particle in self.hearing.particles:
            if words[-1].endswith(particle) and len(words[-1]) > len(particle):
                bare = (*words[:-1], words[-1].removesuffix(particle))
                if found := self._exact.get(bare):
                    return Match(tuple(found), 1.1, particle)
        return None

    def corrected(self, word: str) -> Match | None:
        """Return what one word means that was written with a slip of the fingers."""
        near = [slip for slip in slips(word) if (slip,) in self._written]
        near = near or [one for one in self._trusted if is_missing_letter(word, one)]
        found = {self._exact[(one,)][0].value: tuple(self._exact[(one,)]) for one in near}
        return Match(next(iter(found.values())), 1.5) if len(found) == 1 else None

    def is_indefinite(self, number: str) -> bool:
        """Whether a number tells none: "many"."""
        return number.lower() in self.hearing.indefinite

    def names_of(self, thing: str) -> Sequence[str]:
        """Return what the language calls a thing, in the one spelling."""
        return self._names.get(thing, ())

    def meanings(self, words: Key) -> Sequence[Meaning]:
        """Return all that these words mean as they are."""
        return self._exact.get(words, ())

    @property
    def longest(self) -> int:
        return _LONGEST


def _tables(said: Tongue, heard: Hearing) -> Iterator[tuple[Meaning, list[str]]]:
    """Yield what the tables of a language mean, with their forms."""
    lists = {
        Kind.AND: heard.joint, Kind.FRONT: heard.front, Kind.BEHIND: heard.behind, Kind.LEFT_OF: heard.left_of,
        Kind.RIGHT_OF: heard.right_of, Kind.ADD: heard.add, Kind.PUT: heard.put,
        Kind.REMOVE: heard.remove, Kind.REPLACE: heard.replace,
        Kind.INSTEAD: heard.instead, Kind.SET: heard.set, Kind.UNDO: [*said.undo, *heard.undo],
        Kind.CHAT: [*said.chat, *heard.chat], Kind.ALL: heard.all, Kind.EXCEPT: heard.excepting,
    }  # fmt: skip
    yield from ((Meaning(kind), forms) for kind, forms in lists.items())
    tables = {
        Kind.COUNT: (said.counts, heard.counts, _counted(heard)), Kind.SIZE: (said.sizes, heard.sizes),
        Kind.COLOR: (said.colors, heard.colors), Kind.PLACE: (said.places, heard.places),
        Kind.TIME: (said.times, heard.times), Kind.SKY: (said.skies, heard.skies),
        Kind.STYLE: (said.styles, heard.styles), Kind.SIDE: (said.sides, heard.sides),
    }  # fmt: skip
    for kind, several in tables.items():
        for table in several:
            yield from ((Meaning(kind, value), forms) for value, forms in table.items())
    yield Meaning(Kind.SKY, "snowfall", shade=Shade.LYING), heard.blizzard
    yield Meaning(Kind.REPLACE, shade=Shade.SWAPPING), heard.swap
    yield Meaning(Kind.REMOVE, shade=Shade.FEWER), list(heard.fewer)
    for value, forms in heard.roughly.items():
        yield Meaning(Kind.PLACE if value in said.places else Kind.SKY, value, shade=Shade.NEAREST), forms


def _counted(heard: Hearing) -> dict[str, list[str]]:
    """Return the numbers with each of their counters."""
    return {
        value: [
            f"{number}{blank}{counter}"
            for number in forms
            for counter in (*heard.counters, *heard.measures)
            for blank in ("", " ")
        ]
        for value, forms in heard.numbers.items()
    }


def _canonical() -> Iterator[tuple[Meaning, list[str]]]:
    """Yield the phrases of prompts."""
    tables: Mapping[Kind, Mapping[str, Sequence[str]]] = {
        Kind.PLACE: captions.PLACES, Kind.TIME: captions.TIMES, Kind.SKY: order_captions.SKIES,
        Kind.STYLE: captions.STYLES, Kind.SIDE: captions.POSITIONS,
    }  # fmt: skip
    for kind, table in tables.items():
        for value, phrases in table.items():
            yield Meaning(kind, value), list(phrases)
    for place, preposition in captions.STANDS.items():
        yield Meaning(Kind.PLACE, place), [f"{preposition} {captions.PLACES[place][0]}"]


def _names(thing: Thing, code: str, heard: Hearing) -> tuple[list[str], list[str]]:
    """Return what a language calls a thing without doubt, and several of it."""
    everyday = [name.replace("_", " ") for name in heard.things.get(thing.word, "").split()]
    own = thing.names.get(code)
    english = thing.word if code == "en" else ""
    label = own.label if own else ""
    many = [*(own.plurals if own else ())] + [plural(name) for name in (english, *everyday) if english]
    one = [name for name in (english, *everyday, label) if name and (name not in many or name in (english, label))]
    return one, many
