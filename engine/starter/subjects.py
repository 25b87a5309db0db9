"""The shapes of the subjects in their own units: the base is at y = 0, up is negative, about one unit high."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from engine.starter.canvas import Color, Point, bezier, ellipse_points, rgb

WINDOW: Final = "window"
"""Stands for a colour that depends on the light: lit by a lamp in the evening, blue glass by day."""

Paint: TypeAlias = Color | str

_DARK: Final = rgb(92, 62, 54)
_WHITE: Final = rgb(246, 242, 234)
_STONE: Final = rgb(172, 168, 180)
_ROOF: Final = rgb(190, 66, 68)
_WOOD: Final = rgb(128, 84, 54)


@dataclass(frozen=True, slots=True)
class Part:
    """A closed shape and its colour; bright parts (fire, a cat's eyes) keep their colour in any light."""

    points: list[Point]
    paint: Paint
    bright: bool = False


def _box(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _house(color: Color) -> list[Part]:
    return [
        Part(_box(0.16, -1.0, 0.29, -0.6), rgb(132, 86, 76)),
        Part(_box(-0.43, -0.56, 0.43, 0), color),
        Part([(-0.55, -0.53), (-0.3, -0.97), (0.3, -0.97), (0.55, -0.53)], _DARK),
        Part(_box(-0.1, -0.36, 0.1, 0), _DARK),
        Part(_box(-0.35, -0.43, -0.17, -0.22), WINDOW),
        Part(_box(0.17, -0.43, 0.35, -0.22), WINDOW),
    ]


def _lighthouse(color: Color) -> list[Part]:
    def half_width(share: float) -> float:
        return 0.22 - 0.1 * share

    parts = [Part([(-0.22, 0), (-0.12, -0.8), (0.12, -0.8), (0.22, 0)], _WHITE)]
    for low, high in ((0.0, 0.2), (0.4, 0.6), (0.8, 1.0)):
        a, b = half_width(low), half_width(high)
        parts.append(Part([(-a, -0.8 * low), (-b, -0.8 * high), (b, -0.8 * high), (a, -0.8 * low)], color))
    return [
        *parts,
        Part(_box(-0.19, -0.85, 0.19, -0.79), rgb(66, 56, 66)),
        Part(_box(-0.1, -0.98, 0.1, -0.85), rgb(255, 230, 140), bright=True),
        Part([(-0.17, -0.97), (0, -1.14), (0.17, -0.97)], color),
    ]


def _boat(color: Color) -> list[Part]:
    return [
        Part(_box(-0.025, -1.02, 0.03, -0.2), _DARK),
        Part([(0.06, -1.0), (0.06, -0.28), (0.5, -0.28)], _WHITE),
        Part([(-0.06, -0.9), (-0.06, -0.28), (-0.44, -0.28)], _WHITE * 0.92),
        Part([(-0.58, -0.23), (0.58, -0.23), (0.4, 0.0), (-0.4, 0.0)], color),
    ]


def _balloon(color: Color) -> list[Part]:
    def envelope(width: float) -> list[Point]:
        left = bezier((-width * 0.24, -0.3), (-width * 0.5, -0.42), (-width, -0.5), (-width, -0.76))
        top = bezier((-width, -0.76), (-width, -1.2), (width, -1.2), (width, -0.76))
        right = bezier((width, -0.76), (width, -0.5), (width * 0.5, -0.42), (width * 0.24, -0.3))
        return left + top[1:] + right[1:]

    return [
        Part(envelope(0.45), color),
        Part(envelope(0.19), _WHITE if color.sum() < 600 else _ROOF),
        Part(_box(-0.13, -0.2, 0.13, -0.02), _WOOD),
    ]


def _tree(color: Color) -> list[Part]:
    return [
        Part([(-0.1, 0), (-0.06, -0.5), (0.06, -0.5), (0.1, 0)], rgb(112, 74, 50)),
        Part(ellipse_points(-0.25, -0.54, 0.23, 0.22), color * 0.86),
        Part(ellipse_points(0.25, -0.54, 0.23, 0.22), color * 0.86),
        Part(ellipse_points(0, -0.74, 0.34, 0.32), color),
    ]


def _castle(_: Color) -> list[Part]:
    parts = [Part(_box(-0.3, -0.48, 0.3, 0), _STONE)]
    for x in (-0.4, 0.4):
        parts += [
            Part(_box(x - 0.14, -0.68, x + 0.14, 0), _STONE * 0.92),
            Part([(x - 0.19, -0.66), (x, -0.98), (x + 0.19, -0.66)], _ROOF),
        ]
    return [
        *parts,
        Part(_box(-0.14, -0.8, 0.14, -0.3), _STONE),
        Part([(-0.19, -0.78), (0, -1.14), (0.19, -0.78)], _ROOF),
        Part(_box(-0.11, -0.26, 0.11, 0), _DARK),
        Part(_box(-0.06, -0.68, 0.06, -0.52), WINDOW),
    ]


def _cat(color: Color) -> list[Part]:
    tail = bezier((0.2, -0.02), (0.62, 0.0), (0.62, -0.3), (0.44, -0.46))
    tail += bezier((0.55, -0.54), (0.82, -0.24), (0.74, 0.12), (0.2, 0.02))
    eye = rgb(252, 226, 84) if color.sum() < 600 else rgb(70, 150, 90)
    return [
        Part(tail, color),
        Part(ellipse_points(0, -0.3, 0.31, 0.33), color),
        Part([(-0.27, -0.74), (-0.28, -1.1), (-0.02, -0.9)], color),
        Part([(0.27, -0.74), (0.28, -1.1), (0.02, -0.9)], color),
        Part(ellipse_points(0, -0.72, 0.29, 0.26), color),
        Part(ellipse_points(-0.11, -0.75, 0.06, 0.06), eye, bright=True),
        Part(ellipse_points(0.11, -0.75, 0.06, 0.06), eye, bright=True),
        Part([(-0.04, -0.65), (0.04, -0.65), (0, -0.61)], rgb(236, 130, 140)),
    ]


def _campfire(_: Color) -> list[Part]:
    def flame(width: float, height: float) -> list[Point]:
        left = bezier((-width, -0.14), (-width * 1.25, -height * 0.5), (-width * 0.2, -height * 0.55), (0, -height))
        return left + bezier((0, -height), (width * 0.3, -height * 0.6), (width * 1.3, -height * 0.5), (width, -0.14))

    return [
        Part([(-0.44, -0.03), (0.32, -0.22), (0.38, -0.1), (-0.38, 0.07)], _WOOD),
        Part([(0.44, -0.03), (-0.32, -0.22), (-0.38, -0.1), (0.38, 0.07)], _WOOD * 1.15),
        Part(flame(0.32, 0.98), rgb(242, 92, 40), bright=True),
        Part(flame(0.2, 0.68), rgb(253, 176, 48), bright=True),
        Part(flame(0.1, 0.42), rgb(255, 240, 160), bright=True),
    ]


SHAPES: Final[dict[str, Callable[[Color], list[Part]]]] = {
    "house": _house,
    "lighthouse": _lighthouse,
    "boat": _boat,
    "balloon": _balloon,
    "tree": _tree,
    "castle": _castle,
    "cat": _cat,
    "campfire": _campfire,
}
