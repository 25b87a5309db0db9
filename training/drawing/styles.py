"""What each style makes of the flat picture, at any size: paper, pigment and line."""

import numpy as np
from PIL import Image, ImageFilter

from training.drawing.canvas import mix, rgb

PAPER = rgb(252, 249, 242)
INK = rgb(40, 36, 48)
_LUMA = rgb(0.3, 0.59, 0.11)


def stylise(pixels: np.ndarray, bare: np.ndarray | None, style: str, random: np.random.Generator) -> np.ndarray:
    """(h, w, 3) uint8 to the same in a style; `bare` is the picture before the subject was drawn, if there is one."""
    if style == "watercolor":
        return _watercolor(pixels, random)
    if style == "ink":
        return _ink(pixels, pixels if bare is None else bare)
    if style == "pastel":
        return _pastel(pixels, random)
    return pixels.copy()


def _unit(pixels: np.ndarray) -> int:
    return int(min(pixels.shape[:2]))


def _watercolor(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Thin paint on paper: paler, pigment in pools, and a ragged edge of bare paper."""
    height, width, _ = pixels.shape
    unit = _unit(pixels)
    soft = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(unit / 220)), dtype=np.float32)
    pools = _smooth_noise(random, height, width, unit / 5)[..., None]
    washed = mix(soft, PAPER.astype(np.float32), 0.24 + 0.14 * pools)
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    margin = np.minimum(np.minimum(rows, height - 1 - rows), np.minimum(columns, width - 1 - columns)) / unit
    ragged = margin - 0.042 - 0.02 * _smooth_noise(random, height, width, unit / 11)
    cover = np.clip(ragged / 0.02 + 0.5, 0, 1)[..., None]
    rim = np.clip(1 - np.abs(ragged - 0.012) / 0.014, 0, 1)[..., None]
    return _to_bytes(mix(PAPER, washed * (1 - 0.1 * rim), cover))


def _ink(pixels: np.ndarray, bare: np.ndarray) -> np.ndarray:
    """Grey washes on paper with a breath of their colour; only the subject keeps its own, so a red house stays red."""
    colored = pixels.astype(np.float32)
    grey = colored @ _LUMA.astype(np.float32)
    low, high = np.percentile(grey[::4, ::4], (1, 99))
    wash = np.clip((grey - low) / (high - low + 1), 0, 1)[..., None]
    mean = float(grey[::4, ::4].mean())
    wash = wash ** (0.55 if mean > 110 else 0.9)
    drawing = INK * (1 - wash) + PAPER * wash
    drawing = drawing + 0.24 * (colored - grey[..., None])
    changed = np.abs(colored - bare).max(axis=2, keepdims=True) > 12
    return _to_bytes(np.where(changed, mix(colored, PAPER, 0.08), drawing))


def _pastel(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Pale chalk: colours near to white, dark lines turned to soft mauve, the paper's grain showing through."""
    height, width, _ = pixels.shape
    unit = _unit(pixels)
    soft = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(unit / 260)), dtype=np.float32)
    grey = (soft @ _LUMA.astype(np.float32))[..., None]
    vivid = soft + 0.4 * (soft - grey)
    chalk = mix(vivid, np.array((255, 246, 240), dtype=np.float32), 0.46)
    strokes = _smooth_noise(random, height, width, unit / 42)[..., None]
    return _to_bytes(chalk + 7 * strokes)


def _to_bytes(pixels: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = np.clip(pixels, 0, 255).astype(np.uint8)
    return rounded


def _smooth_noise(random: np.random.Generator, height: int, width: int, cell: float) -> np.ndarray:
    """Noise from -1 to 1 that changes over about `cell` pixels."""
    coarse = random.uniform(-1, 1, (int(height / cell) + 2, int(width / cell) + 2)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
