"""Gives a drawing another colour: its main hue becomes the new colour, its light and shade stay."""

import numpy as np
from PIL import Image

from training.world.vocabulary import COLORS, NONE

_BINS = 24
_REACH = 2
"""Neighbouring hue bins, 15° each, that count as the main hue."""

_SATURATED = 64
_LEAST_SHARE = 0.25
"""A drawing of which less has its main hue is not recoloured: nobody would call it by the new colour."""

_ALIKE, _UNLIKE, _APART = 24.0, 48.0, 12.0
"""Mean differences of a channel, 0 to 255: up to the first a drawing has a colour, from the second on it has not; by
the third its colour is nearer than any other."""


def main_part(drawing: np.ndarray) -> np.ndarray | None:
    """Which pixels of a drawing, (side, side, 4) uint8, have its main hue, (side, side) bool; None where too few do."""
    hue, saturation, value = _hsv(drawing)
    opaque = drawing[..., 3] > 128
    colored = opaque & (saturation > _SATURATED) & (value > 60)
    if not colored.any():
        return None
    bins = hue.astype(int) * _BINS // 256
    main = int(np.bincount(bins[colored], minlength=_BINS).argmax())
    distance = np.abs(bins - main)
    mask: np.ndarray = colored & (np.minimum(distance, _BINS - distance) <= _REACH)
    return None if mask.sum() < _LEAST_SHARE * opaque.sum() else mask


def recolor(drawing: np.ndarray, color: tuple[int, int, int]) -> np.ndarray | None:
    """(side, side, 4) uint8 to the same in the colour; None where it has no main colour to replace."""
    mask = main_part(drawing)
    return None if mask is None else _painted(drawing, mask, color)


def _painted(drawing: np.ndarray, mask: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    value = _hsv(drawing)[2]
    level = value.astype(np.float32) / np.percentile(value[mask], 75)
    painted = drawing.copy()
    painted[mask, :3] = np.clip(np.array(color)[None] * level[mask, None], 0, 255).astype(np.uint8)
    return painted


def own_color(drawing: np.ndarray) -> str | None:
    """The colour of the vocabulary that a drawing has without recolouring; None where that is open to doubt.

    NONE stands for a drawing that is unlike all of them, or has no main colour.
    """
    mask = main_part(drawing)
    if mask is None:
        return NONE
    part = drawing[mask, :3].astype(int)
    differences = {
        name: float(np.abs(_painted(drawing, mask, color)[mask, :3] - part).mean()) for name, color in COLORS.items()
    }
    nearest, second = sorted(differences, key=differences.__getitem__)[:2]
    if differences[nearest] <= _ALIKE and differences[second] - differences[nearest] >= _APART:
        return nearest
    return NONE if differences[nearest] >= _UNLIKE else None


def _hsv(drawing: np.ndarray) -> np.ndarray:
    return np.moveaxis(np.asarray(Image.fromarray(drawing[..., :3]).convert("HSV")), -1, 0)
