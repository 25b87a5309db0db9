"""What subjects are made of: shapes in their own units (the base at y = 0, up negative, about one high) and paints."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from training.drawing.canvas import Color, Point, mix, rgb

WINDOW: Final = "window"
"""Stands for a colour that depends on the light: lit by a lamp in the evening, blue glass by day."""

Paint: TypeAlias = Color | str

DARK: Final = rgb(98, 64, 58)
WHITE: Final = rgb(250, 246, 238)
STONE: Final = rgb(184, 180, 194)
ROOF: Final = rgb(204, 72, 72)
WOOD: Final = rgb(140, 92, 58)
IRON: Final = rgb(66, 56, 70)
PALE: Final = 600
"""The sum of a colour's three values from which it is too light to stand beside white."""


@dataclass(frozen=True, slots=True)
class Part:
    """A closed shape and its colour; bright parts (fire, a cat's eyes) keep their colour in any light."""

    points: list[Point]
    paint: Paint
    bright: bool = False


def box(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    """A rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def shade(color: Color) -> Color:
    """The colour on the side away from the light."""
    return mix(color, rgb(70, 50, 100), 0.16)


def contrast(color: Color) -> Color:
    """White beside a strong colour, red beside a pale one."""
    return WHITE if color.sum() < PALE else ROOF


def window(x: float, y: float, half: float, bars: Color) -> list[Part]:
    """A window with a cross of bars."""
    return [
        Part(box(x - half - 0.02, y - half - 0.02, x + half + 0.02, y + half + 0.02), bars),
        Part(box(x - half, y - half, x - 0.012, y - 0.012), WINDOW),
        Part(box(x + 0.012, y - half, x + half, y - 0.012), WINDOW),
        Part(box(x - half, y + 0.012, x - 0.012, y + half), WINDOW),
        Part(box(x + 0.012, y + 0.012, x + half, y + half), WINDOW),
    ]
