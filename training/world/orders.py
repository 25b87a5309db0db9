"""Messages that ask for a gallery's things, in twelve languages, each with the answer that the planner learns.

A message is a new request, a change to the picture before it, an undo, or chat. The answer names the kind first, then
the words that are unknown, then what was asked for as a PromptSpec: each group of things with its number, size and
colour is one keyword, and stands so in the prompt.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Final, Protocol, TypedDict

from engine.starter.lexicon.order import NONE, Group, Order
from engine.starter.lexicon.order_captions import detailed, keywords
from engine.starter.lexicon.tongue import CODES, Tongue, tongue
from training.world.composition import Composition, Stock, sample_composition
from training.world.vocabulary import COLORS

NEW, CHANGE, UNDO, CHAT = "new", "change", "undo", "chat"
KINDS: Final = {NEW: 55, CHANGE: 35, UNDO: 5, CHAT: 5}
"""The kinds of message and how often each comes, of a hundred."""

STRANGER_SHARE: Final = 0.15
"""How many requests and additions name something that is unknown."""

_MADE_UP, _ALONE = 0.4, 0.5
"""Of what is unknown: the share of made-up words, and how often a request asks for nothing else."""

SAID: Final = {"place": 0.75, "time": 0.5, "sky": 0.3, "style": 0.2, "position": 0.5}
"""How often each setting is said."""


class Named(Protocol):
    """What a language calls a thing."""

    @property
    def label(self) -> str: ...
    @property
    def plurals(self) -> Sequence[str]: ...
    @property
    def synonyms(self) -> Sequence[str]: ...


class Answer(TypedDict):
    """What the planner answers; its keys are written in this order."""

    kind: str
    unknown: list[str]
    understood: str
    keywords: list[str]
    prompt: str
    negative: str


@dataclass(frozen=True, slots=True)
class Message:
    """One training example; `old` is the answer that a change or an undo starts from."""

    language: str
    kind: str
    text: str
    order: Order
    answer: Answer
    old: Answer | None = None


@dataclass(frozen=True)
class Orders:
    """Draws messages about the things of a stock, named by `names`: by thing, then by language."""

    stock: Stock
    names: Mapping[str, Mapping[str, Named]]
    languages: Sequence[str] = field(default=CODES)
    strangers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By language: words for things that are not of the stock, for learning to name what is unknown."""

    def sample(
        self, random: Random, *, held_out: bool = False, kinds: Mapping[str, int] = KINDS,
        stranger_share: float = STRANGER_SHARE,
    ) -> Message:  # fmt: skip
        """A message of one of the kinds, about a combination that is trained on or one that is held out."""
        kind = random.choices(list(kinds), weights=list(kinds.values()))[0]
        spoken = tongue(random.choice(self.languages))
        order = self._order(sample_composition(self.stock, random, held_out=held_out), random)
        if kind == NEW:
            return self._new(order, spoken, random, strange=random.random() < stranger_share)
        old = self.answer(order, NEW)
        if kind == CHANGE and random.random() < stranger_share / 2:
            words, unknown = self._stranger(spoken, random)
            text = random.choice(spoken.changes["add"]).format(new=words)
            return Message(spoken.code, CHANGE, text, order, self.answer(order, CHANGE, [unknown]), old)
        if kind == CHANGE:
            words, changed = self._change(order, spoken, random)
            return Message(spoken.code, CHANGE, words, changed, self.answer(changed, CHANGE), old)
        text = random.choice(spoken.undo if kind == UNDO else spoken.chat)
        empty: Answer = {"kind": kind, "unknown": [], "understood": "", "keywords": [], "prompt": "", "negative": ""}
        return Message(spoken.code, kind, text, order, empty, old if kind == UNDO or random.random() < 0.5 else None)

    def answer(self, order: Order, kind: str, unknown: Sequence[str] = ()) -> Answer:
        """The answer to a request for an order, or to a change that leads to it."""
        words = keywords(order)
        return {
            "kind": kind, "unknown": list(unknown), "understood": ", ".join(words), "keywords": words,
            "prompt": detailed(self.complete(order), says_sky=bool(order.sky)), "negative": "",
        }  # fmt: skip

    def complete(self, order: Order) -> Composition:
        """Fill in what was not said, by what the first thing stands on."""
        wet = bool(order.groups) and self.stock.stands[order.groups[0].thing] == "water"
        full = order.complete(wet=wet)
        return Composition(full.place, full.time, full.sky, full.style, full.groups, full.relation, full.position)

    def _order(self, scene: Composition, random: Random) -> Order:
        """Some of what a scene shows; of a scene without things at least the place."""
        said = {name: getattr(scene, name) for name, share in SAID.items() if random.random() < share}
        if scene.position == NONE:
            said.pop("position", None)
        if not scene.groups:
            said["place"] = scene.place
        return Order(scene.groups, scene.relation, **said)

    def _new(self, order: Order, spoken: Tongue, random: Random, *, strange: bool) -> Message:
        unknown: list[str] = []
        if strange:
            words, name = self._stranger(spoken, random)
            unknown = [name]
            kept = () if random.random() < _ALONE else order.groups[:1]
            order = replace(order, groups=kept, relation=NONE, position="")
            said = random.sample([words, *(self._say(group, spoken, random) for group in kept)], 1 + len(kept))
            things = random.choice(spoken.joint).join(said)
        else:
            things = self._things(order, spoken, random)
        parts = [_settings(order, spoken, random), [things]]
        if not spoken.settings_first:
            parts.reverse()
        text = spoken.join([part for several in parts for part in several if part], random.choice((" ", " ", ", ")))
        text = (random.choice(spoken.before) + text + random.choice(spoken.after)).strip()
        return Message(spoken.code, NEW, text, order, self.answer(order, NEW, unknown))

    def _things(self, order: Order, spoken: Tongue, random: Random) -> str:
        said = [self._say(group, spoken, random) for group in order.groups]
        if order.relation == "front":
            return random.choice(spoken.front).format(first=said[0], second=said[1])
        return random.choice(spoken.joint).join(said)

    def _say(self, group: Group, spoken: Tongue, random: Random, *, article: bool = True) -> str:
        name = self.names[group.thing][spoken.code]
        nouns = [name.label, name.label, *name.synonyms] if group.count == 1 else list(name.plurals) or [name.label]
        return spoken.group(group, nouns, random, article=article)

    def _stranger(self, spoken: Tongue, random: Random) -> tuple[str, str]:
        """Something that is not of the stock: as a request says it, and the word that the answer names, in lower case.

        Many of the words are cut from two others, so that no list of words can be learnt by heart.
        """
        others = self.strangers.get(spoken.code, ())
        if not others:
            words = random.choice(spoken.strangers)
            return words, words.lower()
        word = random.choice(others)
        if random.random() < _MADE_UP:
            other = random.choice(others)
            made_up = word[: (len(word) + 1) // 2] + other[len(other) // 2 :]
            word = word if made_up in self._known[spoken.code] else made_up
        return spoken.group(Group(word), [word], random), word.lower()

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        """By language, every name of the stock's things."""
        named = {code: [self.names[thing][code] for thing in self.stock.things] for code in self.languages}
        return {
            code: {form for name in names for form in (name.label, *name.plurals, *name.synonyms)}
            for code, names in named.items()
        }

    def _change(self, order: Order, spoken: Tongue, random: Random) -> tuple[str, Order]:
        """The words of one change, and the order that it leads to."""
        changes = [self._set]
        if order.groups:
            changes += [self._remove, self._replace]
            if len(order.groups) == 1:
                changes.append(self._count)
            if any(group.thing in self.stock.recolors for group in order.groups):
                changes.append(self._color)
        if len(order.groups) < 2 and sum(group.count for group in order.groups) < 3:
            changes.append(self._add)
        make: Callable[[Order, Tongue, Random], tuple[str, Order]] = random.choice(changes)
        return make(order, spoken, random)

    def _add(self, order: Order, spoken: Tongue, random: Random) -> tuple[str, Order]:
        new = Group(self._other(order, random))
        words = random.choice(spoken.changes["add"]).format(new=self._say(new, spoken, random))
        relation = "beside" if order.groups else NONE
        alone = tuple(replace(group, size=NONE) for group in order.groups)
        return words, replace(order, groups=(*alone, new), relation=relation, position="")

    def _remove(self, order: Order, spoken: Tongue, random: Random) -> tuple[str, Order]:
        gone = random.choice(order.groups)
        words = random.choice(spoken.changes["remove"]).format(old=self._plain(gone, spoken, random))
        left = tuple(group for group in order.groups if group is not gone)
        relation = order.relation if len(left) > 1 else NONE
        position = order.position if left else ""
        return words, replace(order, groups=left, relation=relation, position=position)

    def _replace(self, order: Order, spoken: Tongue, random: Random) -> tuple[str, Order]:
        gone = random.choice(order.groups)
        new = Group(self._other(order, random), gone.count)
        old, said = self._plain(gone, spoken, random), self._say(new, spoken, random)
        words = random.choice(spoken.changes["replace"]).format(old=old, new=said)
        return words, replace(order, groups=tuple(new if group is gone else group for group in order.groups))

    def _color(self, order: Order, spoken: Tongue, random: Random) -> tuple[str, Order]:
        chosen = random.choice([group for group in order.groups if group.thing in self.stock.recolors])
        color = random.choice([name for name in COLORS if name != chosen.color])
        old = self._plain(chosen, spoken, random)
        words = random.choice(spoken.changes["color"]).format(old=old, color=random.choice(spoken.colors[color]))
        painted = replace(chosen, color=color)
        return words, replace(order, groups=tuple(painted if group is chosen else group for group in order.groups))

    def _count(self, order: Order, spoken: Tongue, random: Random) -> tuple[str, Order]:
        chosen = order.groups[0]
        several = replace(chosen, count=random.choice([n for n in (2, 3, 4) if n != chosen.count]), size=NONE)
        said = self._say(replace(several, color=NONE), spoken, random)
        return random.choice(spoken.changes["count"]).format(new=said), replace(order, groups=(several,), position="")

    def _set(self, order: Order, spoken: Tongue, random: Random) -> tuple[str, Order]:
        tables = {"place": spoken.places, "time": spoken.times, "sky": spoken.skies, "style": spoken.styles}
        if sum(group.count for group in order.groups) == 1:
            tables["position"] = spoken.sides
        name, table = random.choice(list(tables.items()))
        value = random.choice([value for value in table if value != getattr(order, name)])
        words = random.choice(spoken.changes["set"]).format(new=random.choice(table[value]))
        return words, replace(order, **{name: value})  # type: ignore[arg-type]

    def _plain(self, group: Group, spoken: Tongue, random: Random) -> str:
        """The thing alone, as people name what is there already."""
        return self._say(Group(group.thing), spoken, random, article=False)

    def _other(self, order: Order, random: Random) -> str:
        there = {group.thing for group in order.groups}
        return random.choice([thing for thing in self.stock.things if thing not in there])


def _settings(order: Order, spoken: Tongue, random: Random) -> list[str]:
    """Place, time, sky, style and side in words, in any order."""
    tables = {"place": spoken.places, "time": spoken.times, "sky": spoken.skies, "style": spoken.styles}
    said = [random.choice(table[value]) for name, table in tables.items() if (value := getattr(order, name))]
    if order.position:
        said.append(random.choice(spoken.sides[order.position]))
    random.shuffle(said)
    return said
