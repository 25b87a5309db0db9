"""The English caption of an order, and its keywords: `detailed` is what a planner writes and a painter knows best.

Things are named from left to right: "a cat and a dog" has the cat on the left.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from engine.starter.lexicon.captions import PLACES, POSITIONS, STANDS, STYLES, TIMES
from engine.starter.lexicon.captions import SKIES as OLD_SKIES
from engine.starter.lexicon.english import UNCOUNTED, plural
from engine.starter.lexicon.order import NONE, Group, Order

COUNTS: Final = {2: "two", 3: "three", 4: "four"}
SKIES: Final[dict[str, tuple[str, ...]]] = OLD_SKIES | {
    "rain": ("rain falling", "rain", "a rainy day", "in the rain"),
    "snowfall": ("snowflakes falling", "snowfall", "falling snow", "snowing"),
    "fog": ("thick fog", "fog", "mist", "foggy"),
    "rainbow": ("a rainbow in the sky", "a rainbow", "rainbow"),
}
PLAIN: Final = ("clear", "clouds")
"""Skies that scenes have when none was asked for."""


class Scene(Protocol):
    """What a caption says; every setting has its value."""

    @property
    def groups(self) -> Sequence[Group]: ...
    @property
    def relation(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def time(self) -> str: ...
    @property
    def sky(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def position(self) -> str: ...


def phrase(group: Group) -> str:
    """A group with its number, size and colour: "a big red car", "two cats"."""
    words = [part for part in (group.size, group.color) if part != NONE]
    if group.count > 1:
        return " ".join((COUNTS[group.count], *words, plural(group.thing)))
    text = " ".join((*words, group.thing))
    if group.thing in UNCOUNTED or (plural(group.thing) == group.thing and group.thing.endswith("s")):
        return text
    return f"{'an' if text[0] in 'aeiou' and not text.startswith(('un', 'uf')) else 'a'} {text}"


def detailed(scene: Scene, *, says_sky: bool = False) -> str:
    """The full caption: everything that is shown by its canonical word, always in the same order.

    A plain sky is named only where `says_sky` asks for it.
    """
    setting = f"{PLACES[scene.place][0]} {TIMES[scene.time][0]}"
    parts = [f"{_things(scene)} {STANDS.get(scene.place, 'in')} {setting}" if scene.groups else setting]
    if says_sky or scene.sky not in PLAIN:
        parts.append(SKIES[scene.sky][0])
    parts.append(STYLES[scene.style][0])
    return ", ".join(parts)


def _things(scene: Scene) -> str:
    phrases = [phrase(group) for group in scene.groups]
    if scene.relation == "front":
        return f"{phrases[0]} in front of {phrases[1]}"
    if len(phrases) == 3:
        return f"{phrases[0]}, {phrases[1]} and {phrases[2]}"
    text = " and ".join(phrases)
    return text if scene.position == NONE else f"{text} {POSITIONS[scene.position][0]},"


def bare(group: Group) -> str:
    """A group without its article: "big red car", "two cats"."""
    words = [part for part in (group.size, group.color) if part != NONE]
    if group.count > 1:
        return " ".join((COUNTS[group.count], *words, plural(group.thing)))
    return " ".join((*words, group.thing))


def keywords(order: Order) -> list[str]:
    """What was said, in the words of the prompt."""
    words = [bare(group) for group in order.groups]
    words += ["in front of"] if order.relation == "front" else []
    words += [word for word in (order.position, order.place, order.time) if word]
    if order.sky:
        words.append(order.sky if order.sky in SKIES[order.sky][0] else SKIES[order.sky][0])
    if order.style:
        words.append(order.style if order.style in STYLES[order.style][0] else STYLES[order.style][0])
    return words
