"""English captions of compositions. `detailed` is the one that the planner writes; the painter also learns looser ones.

Things are named from left to right: "a cat and a dog" has the cat on the left.
"""

from random import Random
from typing import Final

from engine.starter.lexicon.captions import PLACES, POSITIONS, STANDS, STYLES, TIMES
from engine.starter.lexicon.captions import SKIES as OLD_SKIES
from training.world.composition import Composition, Group
from training.world.plurals import UNCOUNTED, english
from training.world.vocabulary import NONE

COUNTS: Final = {2: "two", 3: "three", 4: "four"}
SKIES: Final[dict[str, tuple[str, ...]]] = OLD_SKIES | {
    "rain": ("rain falling", "rain", "a rainy day", "in the rain"),
    "snowfall": ("snowflakes falling", "snowfall", "falling snow", "snowing"),
    "fog": ("thick fog", "fog", "mist", "foggy"),
    "rainbow": ("a rainbow in the sky", "a rainbow", "rainbow"),
}
_PLAIN: Final = ("clear", "clouds")
"""Skies that scenes have when none was asked for."""

DETAILED_SHARE = 0.45
TERSE_SHARE = 0.25


def phrase(group: Group) -> str:
    """A group with its number, size and colour: "a big red car", "two cats"."""
    words = [part for part in (group.size, group.color) if part != NONE]
    if group.count > 1:
        return " ".join((COUNTS[group.count], *words, english(group.thing)))
    text = " ".join((*words, group.thing))
    if group.thing in UNCOUNTED or (english(group.thing) == group.thing and group.thing.endswith("s")):
        return text
    return f"{'an' if text[0] in 'aeiou' and not text.startswith(('un', 'uf')) else 'a'} {text}"


def detailed(scene: Composition, *, says_sky: bool = False) -> str:
    """The full caption: everything that is shown by its canonical word, always in the same order.

    A plain sky is named only where `says_sky` asks for it.
    """
    setting = f"{PLACES[scene.place][0]} {TIMES[scene.time][0]}"
    parts = [f"{_things(scene)} {STANDS.get(scene.place, 'in')} {setting}" if scene.groups else setting]
    if says_sky or scene.sky not in _PLAIN:
        parts.append(SKIES[scene.sky][0])
    parts.append(STYLES[scene.style][0])
    return ", ".join(parts)


def _things(scene: Composition) -> str:
    phrases = [phrase(group) for group in scene.groups]
    if scene.relation == "front":
        return f"{phrases[0]} in front of {phrases[1]}"
    if len(phrases) == 3:
        return f"{phrases[0]}, {phrases[1]} and {phrases[2]}"
    text = " and ".join(phrases)
    return text if scene.position == NONE else f"{text} {POSITIONS[scene.position][0]},"


def caption(scene: Composition, random: Random) -> str:
    """One caption as people may write it; it may leave things out, never contradicts the scene."""
    kind = random.random()
    if kind < DETAILED_SHARE:
        return detailed(scene)
    return _terse(scene, random) if kind < DETAILED_SHARE + TERSE_SHARE else _sentence(scene, random)


def _terse(scene: Composition, random: Random) -> str:
    """Bare words: "red car snow night"."""
    words = [bare(group) for group in scene.groups]
    if scene.relation == "front":
        words = [f"{words[0]} in front of {words[1]}"]
    details = [word for word in (scene.place, scene.time) if random.random() > 0.2 or not words]
    if _says_sky(scene, random):
        details.append(scene.sky)
    if _says_position(scene, random):
        details.append(random.choice((scene.position, *POSITIONS[scene.position])))
    if scene.style != "flat" or random.random() < 0.2:
        details.append(scene.style)
    return random.choice((" ", ", ")).join(words + details)


def bare(group: Group) -> str:
    """A group without its article: "big red car", "two cats"."""
    words = [part for part in (group.size, group.color) if part != NONE]
    if group.count > 1:
        return " ".join((COUNTS[group.count], *words, english(group.thing)))
    return " ".join((*words, group.thing))


def _sentence(scene: Composition, random: Random) -> str:
    """A phrase with its details in any order."""
    place, time = random.choice(PLACES[scene.place]), random.choice(TIMES[scene.time])
    setting = place if random.random() < 0.1 else f"{place} {time}"
    head = setting
    if scene.groups:
        head = f"{_related(scene, random)} {STANDS.get(scene.place, 'in')} {setting}"
    details = [random.choice(SKIES[scene.sky])] if _says_sky(scene, random) else []
    if _says_position(scene, random):
        details.append(random.choice(POSITIONS[scene.position]))
    if scene.style != "flat" or random.random() < 0.3:
        details.append(random.choice(STYLES[scene.style]))
    random.shuffle(details)
    return ", ".join([head, *details])


def _related(scene: Composition, random: Random) -> str:
    """The things in one of the ways to say how they stand."""
    phrases = [phrase(group) for group in scene.groups]
    if scene.relation == "front":
        first, second = phrases
        return random.choice((f"{first} in front of {second}", f"{first} before {second}", f"{second} behind {first}"))
    if len(phrases) == 2:
        first, second = phrases
        ways = (f"{first} and {second}", f"{first} beside {second}", f"{first} left of {second}",
                f"{second} right of {first}", f"{first} to the left of {second}")  # fmt: skip
        return random.choice(ways)
    if len(phrases) == 3:
        return f"{phrases[0]}, {phrases[1]} and {phrases[2]}"
    return phrases[0]


def _says_sky(scene: Composition, random: Random) -> bool:
    return scene.sky not in _PLAIN or random.random() < 0.25


def _says_position(scene: Composition, random: Random) -> bool:
    return scene.position != NONE and random.random() < (0.25 if scene.position == "center" else 0.85)
