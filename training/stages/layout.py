"""What stands in each cell of a gallery's picture, as channels of its latents beside those of the patch basis.

The patch basis tells a picture's colours, as a blur. The layout tells which thing each cell belongs to and which part
of it, in which style the picture is, and what falls from its sky. Where a thing stands the blur is the same in all of
its cells: its main colour. So nothing in a painter's latents shows a drawing: the decoder has to learn the drawings by
heart, and draws them sharply where the layout says, and the painter learns only what stands where. That takes it a
small part of the pictures that drawings take.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

import numpy as np

from training.drawing.collage import Collage, Picture
from training.drawing.weather import TEXTURE
from training.gallery.gallery import Gallery
from training.world.composition import WEATHER, Composition
from training.world.vocabulary import STYLES

BITS: Final = 24
"""Of the code that stands for a thing, each -1 or 1: many more than it takes, so that errors do no harm."""

_APART = 6
"""Bits in which any two codes differ at least, and in which they agree at least in half as many."""

_MIDDLE: Final = 3.0
"""How much sooner a cell counts for a thing's colour the nearer it is to the thing's middle: at its rim shows what is
behind it."""

_WAVES: Final = (1, 2)
_PLACE = 2 + 4 * len(_WAVES)
_FALLING: Final = WEATHER[:3]
_NOTHING = -0.5

MARKS: Final = 1 + BITS + _PLACE + len(STYLES) - 1 + len(_FALLING) + TEXTURE
"""Channels: whether a thing is there, its code, which part of it, the style, the weather and its texture."""

_SEEN_CELLS = 5
"""Cells of one thing that it takes to say that it is in a picture."""


class Layout:
    """The marks of one gallery's pictures."""

    def __init__(self, gallery: Gallery, collage: Collage) -> None:
        self._by_word, self._collage = gallery.by_word, collage
        self.codes = codes(len(gallery.things))

    def marks(self, scene: Composition, drawn: Picture) -> np.ndarray:
        """The marks of a rendered scene, (MARKS, rows, columns) float32."""
        rows, columns, _ = drawn.texture.shape
        marks = np.zeros((rows, columns, MARKS), np.float32)
        marks[..., 0] = _NOTHING
        for stand in drawn.stands:
            cells = np.zeros((stand.side, stand.side, 1 + BITS + _PLACE), np.float32)
            cells[..., 0] = 1
            cells[..., 1 : 1 + BITS] = self.codes[self._by_word[stand.group.thing]]
            cells[..., 1 + BITS :] = _parts(stand.side)
            covered = self._collage.cover(stand.group.thing, stand.side) > 0.03
            here = marks[stand.top : stand.top + stand.side, stand.left : stand.left + stand.side]
            shown = covered[: here.shape[0], : here.shape[1]]
            here[..., : cells.shape[2]][shown] = cells[: here.shape[0], : here.shape[1]][shown]
        at = 1 + BITS + _PLACE
        if scene.style != STYLES[0]:
            marks[..., at + STYLES.index(scene.style) - 1] = 1
        at += len(STYLES) - 1
        if scene.sky in _FALLING:
            marks[..., at + _FALLING.index(scene.sky)] = 1
        marks[..., at + len(_FALLING) :] = drawn.texture
        return marks.transpose(2, 0, 1)

    def seen(self, marks: np.ndarray) -> Iterator[set[int]]:
        """Which things, by their number, each of (n, MARKS, rows, columns) shows."""
        for picture in marks:
            alike = picture[1 : 1 + BITS, picture[0] > 0.25].T @ self.codes.T
            sure = alike.max(1, initial=0.0) > BITS / 2
            numbers, counts = np.unique(alike.argmax(1)[sure], return_counts=True)
            yield {int(number) for number, count in zip(numbers, counts, strict=True) if count >= _SEEN_CELLS}


def one_color_each(blur: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """The patch basis's channels (n, rows, columns), with all cells of a thing alike: its mean, most of its middle."""
    there = marks[0] > 0
    if not there.any():
        return blur
    across, down = marks[1 + BITS : 3 + BITS, there]
    weights = np.exp(-_MIDDLE * (across**2 + down**2))
    kinds, which = np.unique(marks[1 : 1 + BITS, there].T > 0, axis=0, return_inverse=True)
    share = np.zeros((len(kinds), len(weights)), np.float32)
    share[which.ravel(), np.arange(len(weights))] = weights
    means = share @ blur[:, there].T / share.sum(1, keepdims=True)
    evened = blur.copy()
    evened[:, there] = means[which.ravel()].T
    return evened


@cache
def _parts(side: int) -> np.ndarray:
    """Which part of a thing each of its cells is: where from its middle, -1 to 1, and waves of it, (side, side, n)."""
    middle = (2 * np.arange(side) + 1 - side) / side
    across, down = np.meshgrid(middle, middle)
    found = [across, down]
    for wave in _WAVES:
        for way in (across, down):
            found += [np.sin(np.pi * wave * way), np.cos(np.pi * wave * way)]
    return np.stack(found, axis=-1).astype(np.float32)


def codes(count: int) -> np.ndarray:
    """So many codes, (count, BITS) of -1 and 1; the first ones are the same whatever the count."""
    random, found = np.random.default_rng(7), list[np.ndarray]()
    while len(found) < count:
        code = random.choice((-1.0, 1.0), BITS)
        if all(_APART <= (code != other).sum() <= BITS - _APART // 2 for other in found):
            found.append(code)
    return np.array(found, np.float32)
