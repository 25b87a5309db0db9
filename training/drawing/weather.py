"""Rain, falling snow, fog and a rainbow, laid over a drawn scene, and which cells of the sky have a star."""

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from training.drawing.canvas import mix, rgb
from training.drawing.light import Light

_DENSITY: Final = {"rain": 0.45, "snowfall": 0.36}
"""In what share of the picture's cells something falls."""

TEXTURE: Final = 3
"""Values of each cell that say what falls in it, and where."""

_STARRY: Final = 0.22
_SKY: Final = 0.45
"""In what share of the cells above there is a star, and how far down the picture, in heights, stars reach."""

_FINER = 2
_BANDS = ((226, 60, 60), (244, 150, 50), (250, 220, 80), (90, 190, 90), (70, 130, 220), (140, 90, 200))


def rainbow(pixels: np.ndarray, random: np.random.Generator, horizon: float) -> np.ndarray:
    """An arc across the sky, above `horizon` (a share of the height), behind whatever is drawn afterwards."""
    height, width, _ = pixels.shape
    unit = min(height, width)
    x = width * float(random.uniform(0.4, 0.6))
    reach = np.hypot(np.arange(width)[None] - x, np.arange(height)[:, None] - horizon * height) / unit
    arched = pixels.astype(np.float32)
    fade = np.clip((horizon * height - np.arange(height)) / (0.08 * unit), 0, 1)[:, None, None] * 0.75
    outer, band = float(random.uniform(0.42, 0.5)), 0.024
    for index, color in enumerate(_BANDS):
        inside = (reach < outer - index * band) & (reach >= outer - (index + 1) * band)
        arched = np.where(inside[..., None], mix(arched, rgb(*color), fade), arched)
    return _bytes(arched)


def texture(sky: str, columns: int, rows: int, random: np.random.Generator) -> np.ndarray:
    """(rows, columns, 3): 1 in cells that have a drop or a flake, and where in the cell it is, -1 to 1; else 0."""
    drawn = random.uniform(-1, 1, (rows, columns, TEXTURE)).astype(np.float32)
    drawn[..., :1] = random.random((rows, columns, 1)) < _DENSITY.get(sky, 0.0)
    drawn[..., 1:] *= drawn[..., :1]
    return drawn


def stars(columns: int, rows: int, random: np.random.Generator) -> np.ndarray:
    """The texture of a starry sky, as `texture` gives that of the weather."""
    drawn = random.uniform(-1, 1, (rows, columns, TEXTURE)).astype(np.float32)
    drawn[..., :1] = random.random((rows, columns, 1)) < _STARRY
    drawn[round(_SKY * rows) :] = 0
    drawn[..., 1:] *= drawn[..., :1]
    return drawn


def places(texture: np.ndarray) -> list[tuple[float, float]]:
    """Where in a picture whatever the texture holds is: x and y in cells."""
    found = []
    for row, column in np.argwhere(texture[..., 0]):
        x, y = texture[row, column, 1:] * 0.35 + 0.5
        found.append((column + float(x), row + float(y)))
    return found


def over(pixels: np.ndarray, sky: str, light: Light, texture: np.ndarray) -> np.ndarray:
    """The scene in rain, falling snow or fog; as it is under any other sky."""
    if sky == "rain":
        return _falling(_bytes(mix(pixels.astype(np.float32), rgb(96, 110, 138), 0.16)), texture, _drop)
    if sky == "snowfall":
        return _falling(_bytes(mix(pixels.astype(np.float32), rgb(214, 224, 240), 0.1)), texture, _flake)
    if sky == "fog":
        return _fog(pixels, light)
    return pixels


def _falling(
    pixels: np.ndarray, texture: np.ndarray, draw: Callable[[ImageDraw.ImageDraw, float, float, float], None]
) -> np.ndarray:
    """Draw what falls over a picture, in each cell that has some, with smooth edges."""
    height, width, _ = pixels.shape
    cell = width / texture.shape[1] * _FINER
    image = Image.fromarray(pixels).resize((width * _FINER, height * _FINER), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(image)
    for x, y in places(texture):
        draw(pen, x * cell, y * cell, cell)
    return np.asarray(image.reduce(_FINER))


def _drop(pen: ImageDraw.ImageDraw, x: float, y: float, cell: float) -> None:
    pen.line((x + 0.25 * cell, y - 0.75 * cell, x - 0.25 * cell, y + 0.75 * cell), (206, 226, 246), round(cell / 8))


def _flake(pen: ImageDraw.ImageDraw, x: float, y: float, cell: float) -> None:
    reach = cell * 0.2
    pen.ellipse((x - reach, y - reach, x + reach, y + reach), (255, 255, 255))


def _fog(pixels: np.ndarray, light: Light) -> np.ndarray:
    """A veil, thickest at the horizon; things in front stay plain enough to be told."""
    rows = np.arange(len(pixels)) / len(pixels)
    share = 0.22 + 0.38 * np.exp(-(((rows - 0.5) / 0.2) ** 2))
    return _bytes(mix(pixels.astype(np.float32), mix(light.sky_low, rgb(226, 230, 236), 0.6), share[:, None, None]))


def _bytes(pixels: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = np.clip(pixels, 0, 255).astype(np.uint8)
    return rounded
