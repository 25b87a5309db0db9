"""Reads a start image from files that anyone may send, and fits it to the size to be painted.

Invariant: nothing larger than `MAX_PIXELS` is ever decoded, and of the file nothing but the pixels is kept.
"""

from __future__ import annotations

import io
import struct

from PIL import Image, ImageOps

from engine.api.errors import BadRequest

MAX_PIXELS = 64_000_000
"""Above the cameras of phones; decoded, 192 MB."""
FORMATS = ("PNG", "JPEG", "WEBP")

_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)
"""What Pillow's readers raise for files that are cut short or lie about themselves."""


def read_picture(file: bytes, *, shrink_to: int | None = None) -> Image.Image:
    """Return the file's picture in RGB, upright, on white where it is transparent. Raises BadRequest.

    A JPEG may come smaller than it is, but with no side shorter than `shrink_to` pixels.
    """
    picture = decode(file, "image", shrink_to)
    if picture.has_transparency_data:
        coloured = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), coloured)
    if picture.mode.startswith("I"):  # grey in 16 bits, which Pillow would cut off at 255
        picture = picture.convert("I").point(lambda level: level * (1 / 256))
    return picture.convert("RGB")


def fit(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the picture at this size, undistorted: its middle, as much of it as fits."""
    return picture if picture.size == size else ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def shrunk(picture: Image.Image, pixels: int) -> Image.Image:
    """Return the picture, whole and in its own shape, with about so many pixels where it has more."""
    scale = (pixels / (picture.width * picture.height)) ** 0.5
    if scale >= 1:
        return picture
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)


def decode(file: bytes, param: str, shrink_to: int | None) -> Image.Image:
    """Return the pixels of the file that the field `param` held, upright. Raises BadRequest."""
    try:
        picture = Image.open(io.BytesIO(file), formats=FORMATS)
    except Image.DecompressionBombError:
        raise BadRequest(f"{param}: has more than {MAX_PIXELS // 1_000_000} megapixels.", param=param) from None
    except _DAMAGED:
        raise BadRequest(f"{param}: must be a picture, as a PNG, JPEG or WebP file.", param=param) from None
    if picture.width * picture.height > MAX_PIXELS:
        raise BadRequest(f"{param}: has more than {MAX_PIXELS // 1_000_000} megapixels.", param=param)
    if (
        getattr(picture, "is_animated", False) and picture.format != "MPO"
    ):  # an MPO holds a photo's depth map or the like
        raise BadRequest(f"{param}: is animated; send a picture that stands still.", param=param)
    try:
        if shrink_to is not None:
            picture.draft("RGB", (shrink_to, shrink_to))
        picture.load()
        return ImageOps.exif_transpose(picture)
    except (*_DAMAGED, Image.DecompressionBombError):
        raise BadRequest(f"{param}: is damaged or cut short.", param=param) from None
