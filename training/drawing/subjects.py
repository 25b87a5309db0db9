"""Every subject's shape, by its name in the vocabulary."""

from collections.abc import Callable
from typing import Final

from training.drawing import buildings, things
from training.drawing.canvas import Color
from training.drawing.parts import Part

SHAPES: Final[dict[str, Callable[[Color], list[Part]]]] = {
    "house": buildings.house,
    "lighthouse": buildings.lighthouse,
    "boat": things.boat,
    "balloon": things.balloon,
    "tree": things.tree,
    "castle": buildings.castle,
    "cat": things.cat,
    "campfire": things.campfire,
    "windmill": buildings.windmill,
    "snowman": things.snowman,
    "mushroom": things.mushroom,
    "rocket": things.rocket,
}
