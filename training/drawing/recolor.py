"""Gives a drawing another colour: its main hue becomes the new colour, its light and shade stay."""

from typing import Final

import numpy as np
from PIL import Image

from training.world.vocabulary import COLORS, NONE

_BINS = 24
_REACH = 2
"""Neighbouring hue bins, 15° each, that count as the main hue."""

_SATURATED, _DARK = 64, 80
"""Of 255: what is less saturated is grey or white, and what is less bright is a line."""

_LEAST_SHARE = 0.25
"""A drawing of which less has its main hue is not recoloured: nobody would call it by the new colour."""

_TINT, _SHADE, _WHITE_SHADE = 0.9, 0.7, 0.35
"""How strongly lighter and darker parts of the main hue stand out in the new colour, darker ones in white."""

_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
_BLACK, _WHITE = 70.0, 235.0
"""Luminances. A darker colour than the first hides a drawing's lines, which are drawn pale on it; the second has
nothing lighter: there the lightest part is the colour, and the rest its shades."""

_FEW_LINES = 0.08
"""Of a drawing: more that is dark are parts of it, as wheels are."""

_GREYS: Final = ("white", "black")
_PALE: Final = (236, 226, 190)

_OWN_SHARE = 0.55
"""A drawing of which less has its main hue has no colour that it could be called by."""

_ALIKE, _UNLIKE, _APART = 24.0, 48.0, 12.0
"""Mean differences of a channel, 0 to 255: up to the first a drawing has a colour, from the second on it has not; by
the third its colour is nearer than any other."""


def main_part(drawing: np.ndarray) -> np.ndarray | None:
    """Which pixels of a drawing, (side, side, 4) uint8, have its main hue, or none where most are grey or white,
    (side, side) bool; None where too few are alike."""
    hue, saturation, value = _hsv(drawing)
    seen = (drawing[..., 3] > 128) & (value > _DARK)
    colored = seen & (saturation > _SATURATED)
    bins = hue.astype(int) * _BINS // 256
    counts = np.bincount(bins[colored], minlength=_BINS)
    around = sum(np.roll(counts, shift) for shift in range(-_REACH, _REACH + 1))
    distance = np.abs(bins - int(np.argmax(np.where(counts > 0, around, 0))))
    main = colored & (np.minimum(distance, _BINS - distance) <= _REACH)
    mask: np.ndarray = max(main, seen & ~colored, key=np.count_nonzero)
    return None if mask.sum() < _LEAST_SHARE * (drawing[..., 3] > 128).sum() else mask


def all_parts(drawing: np.ndarray) -> np.ndarray:
    """Which pixels of a drawing, (side, side, 4) uint8, are not its lines, (side, side) bool."""
    mask: np.ndarray = (drawing[..., 3] > 128) & (_hsv(drawing)[2] > _DARK)
    return mask


def recolor(drawing: np.ndarray, color: tuple[int, int, int], *, whole: bool = False) -> np.ndarray | None:
    """(side, side, 4) uint8 to the same in the colour, all of it or its main part; None where it has no such part."""
    mask = all_parts(drawing) if whole else main_part(drawing)
    return None if mask is None else _painted(drawing, mask, color)


def _painted(drawing: np.ndarray, mask: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    light = drawing[..., :3].astype(np.float32) @ _LUMINANCE
    new, white = np.array(color, np.float32), np.array((255, 255, 255), np.float32)
    is_white = new @ _LUMINANCE > _WHITE
    level = light[mask] / np.percentile(light[mask], 98 if is_white else 50)
    shaded = new * np.minimum(level, 1)[:, None] ** (_WHITE_SHADE if is_white else _SHADE)
    share = np.clip((level - 1) * _TINT, 0, 0.75)[:, None]
    painted = drawing.copy()
    painted[mask, :3] = (shaded + share * (white - shaded)).astype(np.uint8)
    opaque = drawing[..., 3] > 128
    lines = opaque & ~mask & (light < _BLACK)
    if new @ _LUMINANCE < _BLACK and lines.sum() < _FEW_LINES * opaque.sum():
        painted[lines, :3] = _PALE
    return painted


def own_color(drawing: np.ndarray) -> str | None:
    """The colour of the vocabulary that a drawing has without recolouring; None where that is open to doubt.

    NONE stands for a drawing that is unlike all of them, or has no main colour.
    """
    mask = main_part(drawing)
    if mask is None:
        return NONE
    if mask.sum() < _OWN_SHARE * (drawing[..., 3] > 128).sum():
        return None
    part, is_grey = drawing[mask, :3].astype(int), np.median(_hsv(drawing)[1][mask]) <= _SATURATED
    differences = {
        name: float(np.abs(_painted(drawing, mask, color)[mask, :3] - part).mean())
        for name, color in COLORS.items()
        if not is_grey or name in _GREYS
    }
    nearest, second = sorted(differences, key=differences.__getitem__)[:2]
    if differences[nearest] <= _ALIKE and differences[second] - differences[nearest] >= _APART:
        return nearest
    return NONE if differences[nearest] >= _UNLIKE else None


def _hsv(drawing: np.ndarray) -> np.ndarray:
    return np.moveaxis(np.asarray(Image.fromarray(drawing[..., :3]).convert("HSV")), -1, 0)
