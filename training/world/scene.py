"""One scene as plain values: what is where, when, in which style. The picture and the captions follow from it."""

from dataclasses import dataclass
from random import Random
from typing import Final

from engine.starter.lexicon.captions import SKIES_AT
from training.world.vocabulary import (
    COLORS,
    NONE,
    PLACES,
    POSITIONS,
    STYLES,
    SUBJECTS,
    TIMES,
    USUAL_COLORS,
    held_out,
)

SHAPES: Final[dict[str, tuple[int, int]]] = {
    "square": (256, 256),
    "portrait": (224, 288),
    "landscape": (288, 224),
    "tall": (192, 320),
    "wide": (320, 192),
}
"""Width and height in pixels of the pictures that the painter makes; a sixteenth of it is the latent grid."""

NO_SUBJECT_SHARE = 0.12
USUAL_COLOR_SHARE = 0.6
FLAT_SHARE = 0.4
CENTER_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene to draw; `seed` decides everything that no word names (where the hills are, how large the cat is)."""

    place: str
    time: str
    subject: str = NONE
    color: str = NONE
    sky: str = "clouds"
    style: str = "flat"
    position: str = NONE
    """Where the subject stands; `none` without one."""

    seed: int = 0

    @property
    def held_out(self) -> bool:
        return held_out(self.place, self.time, self.subject)


def sample_scene(random: Random, *, held_out: bool = False) -> Scene:
    """Draw a scene at random, either from those that are trained on or from those that are held out."""
    while True:
        scene = _sample(random)
        if scene.held_out == held_out:
            return scene


def _sample(random: Random) -> Scene:
    time = random.choice(TIMES)
    subject = NONE if random.random() < NO_SUBJECT_SHARE else random.choice(SUBJECTS)
    return Scene(
        place=random.choice(PLACES),
        time=time,
        subject=subject,
        color=sample_color(subject, random),
        sky=random.choice(SKIES_AT[time]),
        style="flat" if random.random() < FLAT_SHARE else random.choice(STYLES[1:]),
        position=sample_position(subject, random),
        seed=random.randrange(1 << 30),
    )


def sample_color(subject: str, random: Random) -> str:
    """A colour for the subject, mostly a usual one; `none` for those that take no colour."""
    if subject not in USUAL_COLORS:
        return NONE
    return random.choice(USUAL_COLORS[subject] if random.random() < USUAL_COLOR_SHARE else tuple(COLORS))


def sample_position(subject: str, random: Random) -> str:
    """Where the subject stands: in the middle half of the time."""
    if subject == NONE:
        return NONE
    return POSITIONS[0] if random.random() < CENTER_SHARE else random.choice(POSITIONS[1:])
