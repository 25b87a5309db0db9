"""Small pictures as files, for the tests of start images."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw


def drawing(size: tuple[int, int] = (64, 64)) -> Image.Image:
    """A red square on green in the upper left, blue below: no symmetry, so that turning and cropping show."""
    image = Image.new("RGB", size, "green")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, size[1] // 2, size[0], size[1]), fill="blue")
    pen.rectangle((0, 0, size[0] // 4, size[1] // 4), fill="red")
    return image


def file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def window(size: tuple[int, int] = (64, 64)) -> bytes:
    """A mask whose right half is transparent."""
    mask = Image.new("RGBA", size, "black")
    mask.paste((0, 0, 0, 0), (size[0] // 2, 0, size[0], size[1]))
    return file(mask)
