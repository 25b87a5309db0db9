"""A mask: read from files that anyone may send, fitted to the size to be painted, and applied to what was painted.

Invariant: outside the mask a finished picture has the very pixels that the painter was given.
"""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter, ImageOps

from engine.api.errors import BadRequest
from engine.painting.start_image import decode

STRENGTH = 0.9
"""The share of the noise schedule where none is named: enough for another thing, with the colours of what is there."""
BLEND = 64
"""Inside the mask, along its edge, a picture's shorter side by this is the spread of the blend, in pixels."""


def read_mask(file: bytes, size: tuple[int, int]) -> Image.Image:
    """Return a mask (L) for a picture of this size: white where the file is transparent. Raises BadRequest.

    A mask of another size is scaled where its sides are in the same proportion, to the pixel.
    """
    mask = decode(file, "mask", None)
    if not _same_shape(mask.size, size):
        raise BadRequest(
            f"mask: has {mask.width}x{mask.height} pixels and the picture {size[0]}x{size[1]}; "
            "make them equal, or equal in proportion.",
            param="mask",
        )
    return ImageChops.invert(mask.convert("RGBA").getchannel("A")).resize(size, Image.Resampling.NEAREST)


def fit_mask(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the mask at this size as `start_image.fit` does it, with no value that it had not. Raises BadRequest."""
    fitted = mask if mask.size == size else ImageOps.fit(mask, size, Image.Resampling.NEAREST)
    least, most = fitted.getextrema()
    if most == 0:
        raise BadRequest("mask: make transparent what is to be painted anew; nothing in it is.", param="mask")
    if least == 255:
        raise BadRequest("mask: all of it is transparent; leave it out to paint the whole picture.", param="mask")
    return fitted


def composed(painted: Image.Image, given: Image.Image, mask: Image.Image) -> Image.Image:
    """Return the given picture with what was painted in the mask, blended along the mask's edge on its inside."""
    return Image.composite(painted, given, _blend(mask))


def _blend(mask: Image.Image) -> Image.Image:
    """Return the mask, lower near its edge: 0 at the edge itself, and everywhere outside.

    A blurred edge is at one half where the edge was, so twice the blurred mask less one begins there.
    """
    radius = max(1.0, min(mask.size) / BLEND)
    soft = mask.filter(ImageFilter.GaussianBlur(radius)).point([max(0, 2 * level - 255) for level in range(256)])
    soft = ImageChops.darker(soft, mask)
    return soft if soft.getbbox() else mask  # of one that is all edge, nothing would be left


def _same_shape(mask: tuple[int, int], picture: tuple[int, int]) -> bool:
    width, height = picture
    return round(mask[0] * height / width) == mask[1] or round(mask[1] * width / height) == mask[0]
