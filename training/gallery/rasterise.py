"""From a drawing to the pixels that a scene pastes: trimmed, as large as the square allows, standing on its edge."""

import io

import numpy as np
from PIL import Image

from training.gallery.gallery import SIDE

MARGIN = 5
"""Free pixels around a drawing, for the outline that scenes draw around it."""

_DRAWN = 320
"""Vector drawings are rasterised at about twice their final size, then reduced."""


def from_svg(body: str, width: int, height: int) -> np.ndarray:
    """(side, side, 4) uint8 from the inside of an SVG whose view box is `width` by `height`."""
    import resvg_py  # part of the extra `train`

    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{body}</svg>'
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=_DRAWN, height=_DRAWN))
    return from_image(Image.open(io.BytesIO(png)))


def from_image(image: Image.Image) -> np.ndarray:
    """(side, side, 4) uint8 from a picture with a transparent background; ValueError where nothing is opaque."""
    image = image.convert("RGBA")
    box = image.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    if box is None:
        raise ValueError("the picture is empty")
    image = image.crop(box)
    scale = (SIDE - 2 * MARGIN) / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    square = Image.new("RGBA", (SIDE, SIDE))
    square.paste(image.resize(size, Image.Resampling.LANCZOS), ((SIDE - size[0]) // 2, SIDE - MARGIN - size[1]))
    return np.asarray(square)
