"""English captions of compositions, as the painter learns them: `detailed`, which planners write, and looser ones.

Things are named from left to right: "a cat and a dog" has the cat on the left.
"""

from random import Random

from engine.starter.lexicon.captions import PLACES, POSITIONS, STANDS, STYLES, TIMES
from engine.starter.lexicon.order import NONE
from engine.starter.lexicon.order_captions import PLAIN, SKIES, bare, detailed, phrase
from training.world.composition import Composition

DETAILED_SHARE = 0.7
TERSE_SHARE = 0.1


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
    return scene.sky not in PLAIN or random.random() < 0.25


def _says_position(scene: Composition, random: Random) -> bool:
    return scene.position != NONE and random.random() < (0.25 if scene.position == "center" else 0.85)
