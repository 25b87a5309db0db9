"""Gives a drawing another colour: its main hue becomes the new colour, its light and shade stay."""

import numpy as np
from PIL import Image

_BINS = 24
_REACH = 2
"""Neighbouring hue bins, 15° each, that count as the main hue."""

_SATURATED = 64
_LEAST_SHARE = 0.25
"""A drawing of which less has its main hue is not recoloured: nobody would call it by the new colour."""


def recolor(drawing: np.ndarray, color: tuple[int, int, int]) -> np.ndarray | None:
    """(side, side, 4) uint8 to the same in the colour; None where it has no main colour to replace."""
    hue, saturation, value = np.moveaxis(np.asarray(Image.fromarray(drawing[..., :3]).convert("HSV")), -1, 0)
    opaque = drawing[..., 3] > 128
    colored = opaque & (saturation > _SATURATED) & (value > 60)
    if not colored.any():
        return None
    bins = hue.astype(int) * _BINS // 256
    main = int(np.bincount(bins[colored], minlength=_BINS).argmax())
    distance = np.abs(bins - main)
    mask = colored & (np.minimum(distance, _BINS - distance) <= _REACH)
    if mask.sum() < _LEAST_SHARE * opaque.sum():
        return None
    level = value.astype(np.float32) / np.percentile(value[mask], 75)
    painted = drawing.copy()
    painted[mask, :3] = np.clip(np.array(color)[None] * level[mask, None], 0, 255).astype(np.uint8)
    return painted
