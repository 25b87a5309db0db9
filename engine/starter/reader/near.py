"""Things of a small world that are near one that it has not: a cat for a dragon, a boat for a car."""

# ruff: noqa: E501 (lists of words)

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain, zip_longest
from typing import Final

from engine.starter.lexicon.tables import SUBJECT, without_article
from engine.starter.lexicon.tables import names as world
from engine.starter.reader.heard import is_known
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.forms import LATIN, find
from engine.starter.reader.words.stems import is_plural, plural
from engine.starter.reader.words.things import LANGUAGES, things
from engine.starter.reader.words.vocabulary import EVERYTHING, Vocabulary

MOST: Final = 3
_KINDS: Final = tuple(
    frozenset(kind.split(","))
    for kind in (
        "cat,animals,dog,bird,fish,horse,rabbit,bear,panda,fox,dragon,dinosaur,butterfly,unicorn,phoenix,tiger,lion,elephant,monkey,polar bear,"
        "penguin,turtle,whale,dolphin,shark,octopus,owl,deer,wolf,sheep,cow,pig,chicken,duck,snake,frog,bee,spider,squirrel,seahorse,starfish,"
        "seagull,sea lion,turkey,sloth,jellyfish",
        "snowman,people,girl,boy,robot,astronaut,old man,old woman,child,knight,wizard,witch,fairy,mermaid,samurai,ninja,pirate,king,queen,princess,"
        "cowboy",
        "boat,hot air balloon,rocket,car,bicycle,drone,train,plane,spaceship,truck,motorcycle,tractor,bus,sled",
        "house,castle,lighthouse,windmill,villa,bridge,stone bridge,temple,tower,circus",
        "tree,mushroom,lily,flower,cherry blossom,rose,sunflower,willow,bamboo,cactus,leaf,branch,apple,banana,peanut,seaweed",
        "campfire,lamp,lantern,candle,volcano",
    )
)  # fmt: skip
"""Rows of the tables that are of one kind."""
_NO_THINGS: Final = ("sun", "moon", "clouds", "stars", "sky", "clear sky", "storm", "meadow")


def row_of(word: str, language: str) -> str:
    """Return the row of the tables that a word is of; empty where they have it not."""
    if language in LATIN:
        thing = find(word, language)
    else:
        other = "ja" if language == "zh" else "zh"
        thing = things(language).get(word) or things(other).get(word) or find(word, "en")
    return thing.row if thing else ""


class Near:
    """Knows the things of a model by `knows`, its card's list of what it can draw, by language, and by its words."""

    def __init__(self, knows: Mapping[str, Sequence[str]], vocabulary: Vocabulary = EVERYTHING) -> None:
        self._vocabulary = vocabulary
        self._things = {code: self._of(names, code) for code, names in knows.items() if code in LANGUAGES}

    def knows(self, word: str, language: str) -> bool:
        """Whether it can draw what a word of the tables names."""
        row = row_of(word, language)
        if row in self._named:
            return True
        return (row in self._spoken or not self._things) and is_known(word, self._vocabulary)

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(rows.values() for rows in self._things.values()))

    @cached_property
    def _spoken(self) -> frozenset[str]:
        """The rows that its words name in two languages, where it has so many.

        In one alone a word may be there as a part of another thing's name, as the man of a snow man.
        """
        known = Counter[str]()
        for code in self._things:
            first: dict[str, str] = {}
            for word, thing in things(code).items():
                first.setdefault(thing.row, word)
            known.update(row for row, word in first.items() if is_known(word, self._vocabulary))
        return frozenset(row for row, times in known.items() if times >= min(2, len(self._things)))

    @staticmethod
    def _of(names: Sequence[str], language: str) -> dict[str, str]:
        """Return the names of things, each with its row; what the tables have not is a thing."""
        found = {}
        for name in names:
            slot = world(language).get(without_article(name), (SUBJECT, ""))[0]
            row = row_of(without_article(name), language)
            if slot == SUBJECT and row not in _NO_THINGS and without_article(name) not in colors(language):
                found[name] = row or name.lower()
        return found

    def near(self, word: str, language: str) -> list[str]:
        """Return at most three things in this language: those of the word's kind, then one of each other kind."""
        names = self._things.get(language) or self._things.get("en", {})
        row = row_of(word, language)
        own = [name for name, each in names.items() if any({row, each} <= kind for kind in _KINDS)]
        kinds = [[name for name, each in names.items() if each in kind] for kind in _KINDS]
        others = [name for name in chain.from_iterable(zip_longest(*kinds)) if name]
        found = list(dict.fromkeys([*own, *others, *names]))[:MOST]
        many = language == "en" and is_plural(word)
        return [plural(name) for name in found] if many else found
