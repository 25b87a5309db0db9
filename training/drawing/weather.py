"""Rain, falling snow, fog and a rainbow, laid over a drawn scene."""

import numpy as np
from PIL import Image, ImageDraw

from training.drawing.canvas import mix, rgb
from training.drawing.light import Light

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


def over(pixels: np.ndarray, sky: str, light: Light, random: np.random.Generator) -> np.ndarray:
    """The scene in rain, falling snow or fog; as it is under any other sky."""
    if sky == "rain":
        return _rain(pixels, random)
    if sky == "snowfall":
        return _snowfall(pixels, random)
    if sky == "fog":
        return _fog(pixels, light)
    return pixels


def _rain(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    height, width, _ = pixels.shape
    unit = min(height, width)
    image = Image.fromarray(_bytes(mix(pixels.astype(np.float32), rgb(96, 110, 138), 0.16)))
    pen = ImageDraw.Draw(image)
    for x, y in random.random((46, 2)):
        left, top = x * (width + 0.1 * unit), (y * 1.1 - 0.1) * height
        pen.line((left, top, left - 0.035 * unit, top + 0.1 * unit), (206, 226, 246), max(1, round(unit / 128)))
    return np.asarray(image)


def _snowfall(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    height, width, _ = pixels.shape
    unit = min(height, width)
    image = Image.fromarray(_bytes(mix(pixels.astype(np.float32), rgb(214, 224, 240), 0.1)))
    pen = ImageDraw.Draw(image)
    for x, y, size in random.random((60, 3)):
        reach = unit * (0.008 + 0.008 * size)
        left, top = x * width, y * height
        pen.ellipse((left - reach, top - reach, left + reach, top + reach), (255, 255, 255))
    return np.asarray(image)


def _fog(pixels: np.ndarray, light: Light) -> np.ndarray:
    """A veil, thickest at the horizon; things in front stay plain enough to be told."""
    rows = np.arange(len(pixels)) / len(pixels)
    share = 0.22 + 0.38 * np.exp(-(((rows - 0.5) / 0.2) ** 2))
    return _bytes(mix(pixels.astype(np.float32), mix(light.sky_low, rgb(226, 230, 236), 0.6), share[:, None, None]))


def _bytes(pixels: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = np.clip(pixels, 0, 255).astype(np.uint8)
    return rounded
