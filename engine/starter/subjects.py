"""The shapes of the subjects in their own units: the base is at y = 0, up is negative, about one unit high."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from engine.starter.canvas import Color, Point, bezier, ellipse_points, mix, rgb

WINDOW: Final = "window"
"""Stands for a colour that depends on the light: lit by a lamp in the evening, blue glass by day."""

Paint: TypeAlias = Color | str

_DARK: Final = rgb(98, 64, 58)
_WHITE: Final = rgb(250, 246, 238)
_STONE: Final = rgb(184, 180, 194)
_ROOF: Final = rgb(204, 72, 72)
_WOOD: Final = rgb(140, 92, 58)
_NIGHT: Final = rgb(66, 56, 70)
_PALE = 600
"""The sum of a colour's three values from which it is too light to stand beside white."""


@dataclass(frozen=True, slots=True)
class Part:
    """A closed shape and its colour; bright parts (fire, a cat's eyes) keep their colour in any light."""

    points: list[Point]
    paint: Paint
    bright: bool = False


def _box(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _shade(color: Color) -> Color:
    """The colour on the side away from the light."""
    return mix(color, rgb(70, 50, 100), 0.16)


def _contrast(color: Color) -> Color:
    """White beside a strong colour, red beside a pale one."""
    return _WHITE if color.sum() < _PALE else _ROOF


def _window(x: float, y: float, half: float, bars: Color) -> list[Part]:
    """A window with a cross of bars."""
    return [
        Part(_box(x - half - 0.02, y - half - 0.02, x + half + 0.02, y + half + 0.02), bars),
        Part(_box(x - half, y - half, x - 0.012, y - 0.012), WINDOW),
        Part(_box(x + 0.012, y - half, x + half, y - 0.012), WINDOW),
        Part(_box(x - half, y + 0.012, x - 0.012, y + half), WINDOW),
        Part(_box(x + 0.012, y + 0.012, x + half, y + half), WINDOW),
    ]


def _house(color: Color) -> list[Part]:
    return [
        Part(_box(0.16, -1.0, 0.29, -0.6), rgb(150, 92, 80)),
        Part(_box(-0.43, -0.56, 0.43, 0), color),
        Part(_box(0.3, -0.56, 0.43, 0), _shade(color)),
        Part([(-0.55, -0.53), (-0.3, -0.97), (0.3, -0.97), (0.55, -0.53)], _DARK),
        Part([(-0.5, -0.61), (-0.28, -0.95), (-0.2, -0.95), (-0.4, -0.61)], mix(_DARK, _WHITE, 0.14)),
        Part(_box(-0.1, -0.36, 0.1, 0), _DARK),
        Part(ellipse_points(0.06, -0.17, 0.018, 0.018), rgb(250, 214, 96)),
        *_window(-0.26, -0.32, 0.09, _WHITE if color.sum() < _PALE else _DARK),
        *_window(0.25, -0.32, 0.09, _WHITE if color.sum() < _PALE else _DARK),
    ]


def _lighthouse(color: Color) -> list[Part]:
    def half_width(share: float) -> float:
        return 0.23 - 0.1 * share

    parts = [Part([(-0.23, 0), (-0.13, -0.8), (0.13, -0.8), (0.23, 0)], _WHITE if color.sum() < 700 else _STONE)]
    for low, high in ((0.0, 0.2), (0.4, 0.6), (0.8, 1.0)):
        a, b = half_width(low), half_width(high)
        parts.append(Part([(-a, -0.8 * low), (-b, -0.8 * high), (b, -0.8 * high), (a, -0.8 * low)], color))
    return [
        *parts,
        Part(_box(-0.065, -0.16, 0.065, 0), _DARK),
        Part(_box(-0.2, -0.86, 0.2, -0.79), _NIGHT),
        Part(_box(-0.11, -1.0, 0.11, -0.86), rgb(255, 232, 140), bright=True),
        Part([(-0.19, -0.98), (0, -1.16), (0.19, -0.98)], color),
    ]


def _boat(color: Color) -> list[Part]:
    hull = [(-0.58, -0.23), (0.58, -0.23), *bezier((0.58, -0.23), (0.5, 0.02), (0.4, 0.02), (0.3, 0.02))]
    hull += bezier((-0.3, 0.02), (-0.4, 0.02), (-0.5, 0.0), (-0.58, -0.23))
    stripe = _contrast(color)
    return [
        Part(_box(-0.025, -1.06, 0.03, -0.2), _DARK),
        Part([(0.03, -1.06), (0.2, -1.0), (0.03, -0.95)], _ROOF if color.sum() > _PALE else color),
        Part([(0.07, -0.94), *bezier((0.07, -0.94), (0.3, -0.75), (0.45, -0.5), (0.5, -0.29)), (0.07, -0.29)], _WHITE),
        Part([(-0.07, -0.86), *bezier((-0.07, -0.86), (-0.24, -0.7), (-0.4, -0.45), (-0.46, -0.29)), (-0.07, -0.29)], _WHITE * 0.93),
        Part(hull, color),
        Part([(-0.56, -0.18), (0.56, -0.18), (0.54, -0.12), (-0.54, -0.12)], stripe),
    ]  # fmt: skip


def _balloon(color: Color) -> list[Part]:
    def envelope(width: float) -> list[Point]:
        left = bezier((-width * 0.24, -0.3), (-width * 0.5, -0.42), (-width, -0.5), (-width, -0.76))
        top = bezier((-width, -0.76), (-width, -1.2), (width, -1.2), (width, -0.76))
        right = bezier((width, -0.76), (width, -0.5), (width * 0.5, -0.42), (width * 0.24, -0.3))
        return left + top[1:] + right[1:]

    return [
        Part([(-0.1, -0.32), (-0.085, -0.32), (-0.105, -0.18), (-0.12, -0.18)], _DARK),
        Part([(0.1, -0.32), (0.085, -0.32), (0.105, -0.18), (0.12, -0.18)], _DARK),
        Part(envelope(0.46), color),
        Part(envelope(0.3), _contrast(color)),
        Part(envelope(0.14), color),
        Part(_box(-0.14, -0.2, 0.14, -0.01), _WOOD),
        Part(_box(-0.14, -0.2, 0.14, -0.15), mix(_WOOD, _WHITE, 0.25)),
    ]


def _tree(color: Color) -> list[Part]:
    light = mix(color, _WHITE, 0.18)
    return [
        Part([(-0.12, 0), (-0.07, -0.5), (0.07, -0.5), (0.12, 0)], rgb(124, 82, 56)),
        Part(ellipse_points(-0.26, -0.54, 0.24, 0.22), _shade(color)),
        Part(ellipse_points(0.26, -0.54, 0.24, 0.22), _shade(color)),
        Part(ellipse_points(0, -0.72, 0.36, 0.33), color),
        Part(ellipse_points(-0.1, -0.83, 0.15, 0.12), light),
        Part(ellipse_points(0.14, -0.62, 0.08, 0.06), light),
    ]


def _castle(_: Color) -> list[Part]:
    parts = [Part(_box(-0.3, -0.46, 0.3, 0), _STONE)]
    parts += [Part(_box(x - 0.05, -0.52, x + 0.05, -0.45), _STONE) for x in (-0.2, 0.2)]
    for x in (-0.42, 0.42):
        parts += [
            Part(_box(x - 0.14, -0.68, x + 0.14, 0), mix(_STONE, _WHITE, 0.2) if x < 0 else _shade(_STONE)),
            Part([(x - 0.19, -0.66), (x, -0.98), (x + 0.19, -0.66)], _ROOF),
            Part(_box(x - 0.045, -0.5, x + 0.045, -0.34), WINDOW),
        ]
    door = [(-0.11, 0), (-0.11, -0.16), *bezier((-0.11, -0.16), (-0.11, -0.32), (0.11, -0.32), (0.11, -0.16)), (0.11, 0)]
    return [
        *parts,
        Part(_box(-0.15, -0.8, 0.15, -0.3), _STONE),
        Part([(-0.2, -0.78), (0, -1.14), (0.2, -0.78)], _ROOF),
        Part(door, _DARK),
        Part(_box(-0.055, -0.68, 0.055, -0.5), WINDOW),
    ]


def _cat(color: Color) -> list[Part]:
    tail = bezier((0.2, -0.02), (0.6, 0.0), (0.6, -0.3), (0.44, -0.46))
    tail += bezier((0.55, -0.54), (0.8, -0.24), (0.72, 0.12), (0.2, 0.02))
    eye, dark = rgb(252, 226, 84) if color.sum() < _PALE else rgb(84, 176, 112), rgb(30, 26, 40)
    belly = mix(color, _WHITE, 0.45)
    parts = [
        Part(tail, _shade(color)),
        Part(ellipse_points(0, -0.3, 0.31, 0.33), color),
        Part(ellipse_points(0, -0.24, 0.17, 0.22), belly),
        Part([(-0.27, -0.74), (-0.28, -1.1), (-0.02, -0.9)], color),
        Part([(0.27, -0.74), (0.28, -1.1), (0.02, -0.9)], color),
        Part([(-0.23, -0.84), (-0.24, -1.02), (-0.11, -0.92)], rgb(240, 160, 170)),
        Part([(0.23, -0.84), (0.24, -1.02), (0.11, -0.92)], rgb(240, 160, 170)),
        Part(ellipse_points(0, -0.72, 0.3, 0.26), color),
        Part(ellipse_points(0, -0.63, 0.13, 0.09), belly),
        Part([(-0.04, -0.67), (0.04, -0.67), (0, -0.62)], rgb(236, 120, 140)),
    ]
    for x in (-0.125, 0.125):
        parts += [
            Part(ellipse_points(x, -0.77, 0.068, 0.07), eye, bright=True),
            Part(ellipse_points(x, -0.77, 0.024, 0.055), dark, bright=True),
        ]
    return parts


def _campfire(_: Color) -> list[Part]:
    def flame(width: float, height: float) -> list[Point]:
        left = bezier((-width, -0.14), (-width * 1.25, -height * 0.5), (-width * 0.2, -height * 0.55), (0, -height))
        return left + bezier((0, -height), (width * 0.3, -height * 0.6), (width * 1.3, -height * 0.5), (width, -0.14))

    return [
        Part([(-0.46, -0.03), (0.34, -0.22), (0.4, -0.1), (-0.4, 0.07)], _WOOD),
        Part([(0.46, -0.03), (-0.34, -0.22), (-0.4, -0.1), (0.4, 0.07)], _WOOD * 1.15),
        Part(flame(0.34, 1.0), rgb(244, 92, 40), bright=True),
        Part(flame(0.22, 0.7), rgb(254, 178, 48), bright=True),
        Part(flame(0.11, 0.44), rgb(255, 242, 166), bright=True),
    ]


def _windmill(color: Color) -> list[Part]:
    door = [(-0.08, 0), (-0.08, -0.14), *bezier((-0.08, -0.14), (-0.08, -0.26), (0.08, -0.26), (0.08, -0.14)), (0.08, 0)]
    parts = [
        Part([(-0.27, 0), (-0.16, -0.66), (0.16, -0.66), (0.27, 0)], color),
        Part([(0.13, 0), (0.08, -0.66), (0.16, -0.66), (0.27, 0)], _shade(color)),
        Part([(-0.19, -0.64), *bezier((-0.19, -0.64), (-0.16, -0.86), (0.16, -0.86), (0.19, -0.64))], _DARK),
        Part(door, _DARK),
        Part(ellipse_points(0, -0.4, 0.055, 0.06), WINDOW),
    ]
    sail, middle = _WHITE if color.sum() < 700 else _ROOF, -0.68
    for ax, ay in ((0.71, 0.71), (-0.71, 0.71), (0.71, -0.71), (-0.71, -0.71)):
        side_x, side_y = -ay, ax
        near, far, half = 0.1, 0.56, 0.065
        parts.append(
            Part(
                [
                    (ax * near + side_x * half, middle + ay * near + side_y * half),
                    (ax * far + side_x * half, middle + ay * far + side_y * half),
                    (ax * far - side_x * half, middle + ay * far - side_y * half),
                    (ax * near - side_x * half, middle + ay * near - side_y * half),
                ],
                sail,
            )
        )
    return [*parts, Part(ellipse_points(0, middle, 0.07, 0.07), _DARK)]


def _snowman(_: Color) -> list[Part]:
    snow, coal = rgb(250, 252, 255), rgb(46, 42, 56)
    return [
        Part([(-0.26, -0.5), (-0.56, -0.74), (-0.53, -0.78), (-0.23, -0.55)], _WOOD),
        Part([(0.26, -0.5), (0.56, -0.74), (0.53, -0.78), (0.23, -0.55)], _WOOD),
        Part(ellipse_points(0, -0.24, 0.34, 0.28), snow),
        Part(ellipse_points(0, -0.52, 0.26, 0.2), snow),
        Part(ellipse_points(0, -0.78, 0.2, 0.18), snow),
        Part([(-0.21, -0.68), (0.21, -0.68), (0.2, -0.6), (-0.2, -0.6)], _ROOF),
        Part([(0.07, -0.64), (0.17, -0.64), (0.18, -0.4), (0.08, -0.42)], _ROOF),
        Part(_box(-0.15, -1.14, 0.15, -0.92), coal),
        Part(_box(-0.15, -0.99, 0.15, -0.94), _ROOF),
        Part(_box(-0.25, -0.94, 0.25, -0.88), coal),
        Part(ellipse_points(-0.075, -0.82, 0.028, 0.03), coal),
        Part(ellipse_points(0.075, -0.82, 0.028, 0.03), coal),
        Part([(-0.02, -0.79), (-0.02, -0.73), (0.17, -0.74)], rgb(246, 140, 44)),
        *(Part(ellipse_points(-0.02, y, 0.03, 0.03), coal) for y in (-0.5, -0.36, -0.2)),
    ]


def _mushroom(color: Color) -> list[Part]:
    stem, dots = rgb(250, 236, 214), _WHITE if color.sum() < 700 else _ROOF
    body = [(-0.15, -0.46), *bezier((-0.15, -0.46), (-0.12, -0.2), (-0.24, -0.06), (-0.2, 0.0))]
    body += [*bezier((0.2, 0.0), (0.24, -0.06), (0.12, -0.2), (0.15, -0.46))]
    cap = [*bezier((-0.52, -0.46), (-0.5, -1.14), (0.5, -1.14), (0.52, -0.46), 16)]
    cap += bezier((0.52, -0.46), (0.3, -0.34), (-0.3, -0.34), (-0.52, -0.46))
    gills = [*bezier((-0.42, -0.45), (-0.2, -0.36), (0.2, -0.36), (0.42, -0.45))]
    return [
        Part(body, stem),
        Part(cap, color),
        Part(gills, mix(stem, _DARK, 0.25)),
        Part(ellipse_points(-0.05, -0.78, 0.12, 0.1), dots),
        Part(ellipse_points(0.26, -0.62, 0.085, 0.08), dots),
        Part(ellipse_points(-0.31, -0.6, 0.08, 0.075), dots),
    ]


def _rocket(color: Color) -> list[Part]:
    fin = _contrast(color) if color.sum() < _PALE else _ROOF
    body = bezier((-0.16, -0.2), (-0.3, -0.6), (-0.2, -0.95), (0, -1.16))
    body += bezier((0, -1.16), (0.2, -0.95), (0.3, -0.6), (0.16, -0.2))
    nose = [(-0.158, -0.93), *bezier((-0.158, -0.93), (-0.1, -1.05), (-0.05, -1.12), (0, -1.16))]
    nose += bezier((0, -1.16), (0.05, -1.12), (0.1, -1.05), (0.158, -0.93))
    return [
        Part([(-0.1, -0.18), *bezier((-0.1, -0.18), (-0.16, 0.0), (-0.03, 0.02), (0, 0.1)), *bezier((0, 0.1), (0.03, 0.02), (0.16, 0.0), (0.1, -0.18))], rgb(254, 168, 48), bright=True),
        Part([(-0.2, -0.5), (-0.42, -0.22), (-0.4, 0.0), (-0.16, -0.2)], fin),
        Part([(0.2, -0.5), (0.42, -0.22), (0.4, 0.0), (0.16, -0.2)], fin),
        Part(body, color),
        Part(nose, fin),
        Part(ellipse_points(0, -0.66, 0.11, 0.11), _NIGHT),
        Part(ellipse_points(0, -0.66, 0.08, 0.08), rgb(150, 220, 250), bright=True),
        Part(_box(-0.17, -0.25, 0.17, -0.18), _NIGHT),
    ]  # fmt: skip


SHAPES: Final[dict[str, Callable[[Color], list[Part]]]] = {
    "house": _house,
    "lighthouse": _lighthouse,
    "boat": _boat,
    "balloon": _balloon,
    "tree": _tree,
    "castle": _castle,
    "cat": _cat,
    "campfire": _campfire,
    "windmill": _windmill,
    "snowman": _snowman,
    "mushroom": _mushroom,
    "rocket": _rocket,
}
