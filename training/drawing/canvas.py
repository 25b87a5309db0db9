"""A small drawing surface over Pillow: the shorter side is one unit, y grows downwards; drawn large, then shrunk."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw

Color: TypeAlias = np.ndarray
Point: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""

DRAWN_SIDE = 384
"""Pillow draws without anti-aliasing, so a picture is drawn at least twice as large, its shorter side at least so."""


def rgb(red: float, green: float, blue: float) -> Color:
    return np.array((red, green, blue), dtype=float)


def mix(a: Color, b: Color, share: float | np.ndarray) -> Color:
    """The colour `share` of the way from a to b."""
    mixed: Color = a * (1 - share) + b * share
    return mixed


def bezier(p0: Point, p1: Point, p2: Point, p3: Point, steps: int = 10) -> list[Point]:
    """Points on a cubic Bézier curve, both ends included."""
    t = np.linspace(0, 1, steps)[:, None]
    a, b, c, d = (np.array(p) for p in (p0, p1, p2, p3))
    curve = (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d
    return [(float(x), float(y)) for x, y in curve]


def ellipse_points(x: float, y: float, rx: float, ry: float, steps: int = 28) -> list[Point]:
    angles = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return [(float(x + rx * np.cos(a)), float(y + ry * np.sin(a))) for a in angles]


class Canvas:
    """`width` and `height` are in units; colours are arrays of three floats from 0 to 255."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self._shrink = max(2, round(DRAWN_SIDE / min(width_px, height_px)))
        self._unit = min(width_px, height_px) * self._shrink
        self._image = Image.new("RGB", (width_px * self._shrink, height_px * self._shrink))
        self._draw = ImageDraw.Draw(self._image)
        self.width = width_px / min(width_px, height_px)
        self.height = height_px / min(width_px, height_px)

    def pixels(self) -> np.ndarray:
        """The picture as (height, width, 3) uint8."""
        return np.asarray(self._image.reduce(self._shrink))

    def gradient(self, top: Color, bottom: Color, y0: float, y1: float) -> None:
        """Fill the whole width between two heights, from one colour to the other."""
        self._image.paste(self._column(top, bottom, y0, y1), (0, round(y0 * self._unit)))

    def polygon(self, points: Sequence[Point], color: Color, bottom: Color | None = None) -> None:
        """Fill a polygon with one colour, or from `color` at its top to `bottom` at its bottom."""
        scaled = self._scaled(points)
        if bottom is None:
            self._draw.polygon(scaled, fill=_ink(color))
            return
        mask = Image.new("L", self._image.size)
        ImageDraw.Draw(mask).polygon(scaled, fill=255)
        y0, y1 = min(y for _, y in points), max(y for _, y in points)
        y0, y1 = max(0.0, y0), min(self.height, y1)
        if y1 <= y0:
            return
        column = self._column(color, bottom, y0, y1)
        offset = round(y0 * self._unit)
        self._image.paste(column, (0, offset), mask.crop((0, offset, column.width, offset + column.height)))

    def circle(self, x: float, y: float, radius: float, color: Color) -> None:
        self.ellipse(x, y, radius, radius, color)

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: Color) -> None:
        u = self._unit
        self._draw.ellipse(((x - rx) * u, (y - ry) * u, (x + rx) * u, (y + ry) * u), fill=_ink(color))

    def box(self, x0: float, y0: float, x1: float, y1: float, color: Color, radius: float = 0.0) -> None:
        """Fill a rectangle, with round corners where a radius is given."""
        u = self._unit
        self._draw.rounded_rectangle((x0 * u, y0 * u, x1 * u, y1 * u), radius * u, fill=_ink(color))

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """Stroke a line with round joints and ends."""
        scaled, px = self._scaled(points), max(1, round(width * self._unit))
        self._draw.line(scaled, fill=_ink(color), width=px, joint="curve")
        for x, y in (scaled[0], scaled[-1]):
            self._draw.ellipse((x - px / 2, y - px / 2, x + px / 2, y + px / 2), fill=_ink(color))

    def outline(self, points: Sequence[Point], color: Color, width: float) -> None:
        """Stroke a closed shape."""
        self.line([*points, points[0], points[1]], color, width)

    def glow(self, x: float, y: float, radius: float, color: Color, strength: float) -> None:
        """Lay light over the picture, strongest in the middle, nothing at the radius."""
        axis = np.linspace(-1, 1, 48)
        fall = np.clip(1 - np.hypot(axis[:, None], axis[None, :]), 0, 1) ** 1.5 * strength * 255
        px = max(2, round(radius * 2 * self._unit))
        mask = Image.fromarray(fall.astype(np.uint8)).resize((px, px), Image.Resampling.BILINEAR)
        corner = (round((x - radius) * self._unit), round((y - radius) * self._unit))
        self._image.paste(Image.new("RGB", (px, px), _ink(color)), corner, mask)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self._unit, y * self._unit) for x, y in points]

    def _column(self, top: Color, bottom: Color, y0: float, y1: float) -> Image.Image:
        rows = max(1, round(y1 * self._unit) - round(y0 * self._unit))
        colors = mix(top[None], bottom[None], np.linspace(0, 1, rows)[:, None])
        column = Image.fromarray(np.clip(colors, 0, 255).astype(np.uint8)[:, None])
        return column.resize((self._image.width, rows), Image.Resampling.NEAREST)


def _ink(color: Color) -> tuple[int, int, int]:
    red, green, blue = np.clip(color, 0, 255).astype(int)
    return int(red), int(green), int(blue)
