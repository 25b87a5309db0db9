"""A scene of the gallery's world as plain values: which things, how many, where, when; picture and captions follow."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from engine.starter.lexicon.order import NONE, Group
from training.world.vocabulary import COLORS, PLACES, STYLES, TIMES

SIZES: Final = ("small", "big")
WEATHER: Final = ("rain", "snowfall", "fog", "rainbow")
SKIES_BY_DAY: Final = ("clear", "clouds", "sun", "storm", *WEATHER)
SKIES_BY_NIGHT: Final = ("clear", "clouds", "moon", "stars", "storm", "rain", "snowfall", "fog")
SKIES: Final = ("clear", "clouds", "sun", "moon", "stars", "storm", *WEATHER)
RELATIONS: Final = (NONE, "beside", "front")
"""`beside`: groups from left to right. `front`: the first thing stands before the second."""

HELD_OUT_OF: Final = 11
"""One combination of so many is kept from all training."""

_TRIES = 20_000
_PLAIN_SKY = 0.55
_DAY = 0.4
_FLAT = 0.76
_COLORED = 0.35
_SIZED = 0.15
_PLACED = 0.5
_KINDS: Final = {"none": 6, "one": 46, "several": 14, "two": 26, "three": 8}
_TWICE = 0.3
"""Of scenes of three kinds of things, which are what changes come to: those with two of one."""
_WATERS: Final = ("beach", "lake")


@dataclass(frozen=True, slots=True)
class Composition:
    """A scene to draw; `seed` decides everything that no word names."""

    place: str
    time: str
    sky: str = "clear"
    style: str = "flat"
    groups: tuple[Group, ...] = ()
    """From left to right, or front to back."""

    relation: str = NONE
    position: str = NONE
    """Where a single group of one stands."""

    seed: int = 0

    @property
    def held_out(self) -> bool:
        """Whether this combination is kept from all training: by its things, or its one thing, number and place."""
        if not self.groups:
            return False
        if len(self.groups) > 1:
            key = " ".join(sorted(group.thing for group in self.groups))
        else:
            key = f"{self.groups[0].thing} {self.groups[0].count} {self.place}"
        return zlib.crc32(key.encode()) % HELD_OUT_OF == 0


@dataclass(frozen=True, slots=True)
class Stock:
    """What compositions are drawn from: for each thing what it stands on, and whether it may be recoloured."""

    things: Sequence[str]
    stands: dict[str, str]
    recolors: frozenset[str]


def sample_composition(stock: Stock, random: Random, *, held_out: bool = False) -> Composition:
    """Draw a composition at random, either from those that are trained on or from those that are held out.

    ValueError where so few things give no such combination.
    """
    for _ in range(_TRIES):
        composition = _sample(stock, random)
        if composition.held_out == held_out:
            return composition
    raise ValueError(f"{len(stock.things)} things are too few to keep a combination of them from training")


def _sample(stock: Stock, random: Random) -> Composition:
    kind = random.choices(list(_KINDS), weights=list(_KINDS.values()))[0]
    groups = _groups(kind, stock, random)
    several = sum(group.count for group in groups) > 1
    front = len(groups) == 2 and not several_each(groups) and _may_overlap(groups, stock) and random.random() < 0.25
    time = "day" if random.random() < _DAY else random.choice(TIMES)
    skies = SKIES_BY_NIGHT if time in ("dusk", "night") else SKIES_BY_DAY
    return Composition(
        place=_place(groups, stock, random),
        time=time,
        sky=random.choice(skies[:2]) if random.random() < _PLAIN_SKY else random.choice(skies[2:]),
        style="flat" if random.random() < _FLAT else random.choice(STYLES[1:]),
        groups=groups,
        relation="front" if front else "beside" if len(groups) > 1 else NONE,
        position=NONE if several or not groups or random.random() > _PLACED else _side(random),
        seed=random.randrange(1 << 30),
    )


def several_each(groups: tuple[Group, ...]) -> bool:
    """Whether any group is of more than one."""
    return any(group.count > 1 for group in groups)


def _groups(kind: str, stock: Stock, random: Random) -> tuple[Group, ...]:
    number = {"none": 0, "one": 1, "several": 1, "two": 2, "three": 3}[kind]
    things = random.sample(list(stock.things), min(number, len(stock.things)))
    counts = [1] * len(things)
    if kind == "several":
        counts = [random.choice((2, 2, 3, 4))]
    elif kind == "two" and len(things) == 2 and random.random() < 0.2:
        counts[random.randrange(2)] = random.choice((2, 2, 3))
    elif kind == "three" and len(things) == 3 and random.random() < _TWICE:
        counts[random.randrange(3)] = 2
    alone = kind == "one"
    return tuple(
        Group(
            thing, count,
            random.choice(tuple(COLORS)) if thing in stock.recolors and random.random() < _COLORED else NONE,
            random.choice(SIZES) if alone and random.random() < _SIZED else NONE,
        )
        for thing, count in zip(things, counts, strict=True)
    )  # fmt: skip


def _may_overlap(groups: tuple[Group, ...], stock: Stock) -> bool:
    return all(stock.stands[group.thing] == "ground" for group in groups)


def _place(groups: tuple[Group, ...], stock: Stock, random: Random) -> str:
    if any(stock.stands[group.thing] == "water" for group in groups) and random.random() < 0.6:
        return random.choice(_WATERS)
    return random.choice(PLACES)


def _side(random: Random) -> str:
    return random.choice(("left", "center", "right"))
