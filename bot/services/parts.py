"""Orders that paint a part of an earlier picture: Edit region, and Zoom out, whose part is what surrounds it.

Invariant: what lies outside the part stays, to the pixel that the painter was given.
"""

from __future__ import annotations

import math
from dataclasses import replace

from msgspec import structs

from bot.domain.jobs import Job, Kind, Order
from bot.domain.prompt import as_written
from bot.services.draw import FALLBACK_SIZES, CannotMask, Facts
from bot.services.versions import again, refine, sides
from engine.api.messages import parse_size

SURROUNDINGS = "Continue the picture naturally into its surroundings; keep what it shows, its light and its style."
"""What a painter that edits is told for Zoom out."""
OUT, WIDE, TALL = "out", "wide", "tall"
ZOOMS = {OUT: 2 / 3, WIDE: 1.0, TALL: 1.0}
"""How large the picture is in the new one, where 1 fills as much of it as the proportions let it."""
ZOOM_STRENGTH = 0.65
"""The colours of the picture's edges, which lie under its surroundings, show through at this share of the schedule."""
OTHER_SHAPE = 1.05
"""A picture that is wider than another by less, in proportion, is as wide."""


class NoRoomToZoom(Exception):
    """The picture has the proportions already that zooming out was to give it."""


class NoShapeToZoom(Exception):
    """The painter has no size of the proportions that zooming out was to give the picture."""


def check_can_mask(facts: Facts) -> None:
    """Raises CannotMask."""
    if not facts.masks:
        raise CannotMask


def region(parent: Job, words: str, cells: int, facts: Facts) -> Order:
    """Change some cells of the parent by words, the rest staying as it is.

    Raises what `refine` raises, and CannotMask.
    """
    check_can_mask(facts)
    order = replace(refine(parent, words), kind=Kind.REGION, from_picture=True, masked=True, cells=cells)
    fits = not facts.largest or max(sides(parent), default=facts.largest + 1) <= facts.largest
    return replace(order, size=parent.order.size) if fits else order


def zoom(parent: Job, how: str, facts: Facts) -> Order:
    """The parent's picture, smaller, and its surroundings.

    Raises CannotMask, NoRoomToZoom, NoShapeToZoom, and what `again` raises.
    """
    check_can_mask(facts)
    spec = structs.replace(parent.spec or as_written(parent.order.words), instruction=SURROUNDINGS)
    return again(parent).started_anew(
        spec=spec,
        kind=Kind.ZOOM,
        count=1,
        shape=parent.order.shape if how == OUT else how,
        size=_zoomed(parent, how, facts),
        from_picture=True,
        masked=True,
        strength=None if "strength" in facts.lacks else ZOOM_STRENGTH,
        of_picture=None,
    )


def _zoomed(parent: Job, how: str, facts: Facts) -> str:
    """Return the painter's own size for it: that of the nearest proportions, or the wide or tall one."""
    sizes = facts.sizes or FALLBACK_SIZES
    width, height = sides(parent) or parse_size(sizes.get(parent.order.shape) or next(iter(sizes.values())))
    ratio = width / height
    ratios = {size: width / height for size in sizes.values() for width, height in [parse_size(size)]}
    if how == OUT:
        return min(ratios, key=lambda size: abs(math.log(ratios[size] / ratio)))
    size = facts.size(how) or ""
    if size not in ratios:
        raise NoShapeToZoom
    if (ratios[size] / ratio if how == WIDE else ratio / ratios[size]) < OTHER_SHAPE:
        raise NoRoomToZoom
    return size
