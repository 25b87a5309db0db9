"""Draws a scene: backdrop, one large subject, then the style. The same scene and size always give the same pixels."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from engine.starter.backdrops import Backdrop
from engine.starter.canvas import Box, Canvas, mix, rgb
from engine.starter.light import LAMP, LIGHTS, Light
from engine.starter.scene import Scene
from engine.starter.subjects import SHAPES, WINDOW
from engine.starter.vocabulary import COLORS, NONE

OUTLINE = 0.05
"""Width of a subject's outline, in subject heights: without one the painter does not learn the shapes."""

NEUTRAL = rgb(172, 168, 180)
PAPER = rgb(250, 246, 238)
INK = rgb(38, 34, 44)


@dataclass(frozen=True, slots=True)
class Render:
    """`pixels` is (height, width, 3) uint8; the boxes, in pixels, say where the subject is and what is in the sky."""

    pixels: np.ndarray
    subject_box: Box | None
    sky_boxes: list[Box]


def render(scene: Scene, width: int = 128, height: int = 128) -> Render:
    """Draw the scene at a size in pixels."""
    canvas, light, unit = Canvas(width, height), LIGHTS[scene.time], min(width, height)
    random = np.random.default_rng(scene.seed)
    backdrop = Backdrop(canvas, scene, light, random)
    backdrop.draw()
    plain = canvas.pixels()
    box = None
    if scene.subject != NONE:
        box = _in_pixels(_draw_subject(canvas, scene, light, random), unit)
    sky_boxes = [_in_pixels(sky_box, unit) for sky_box in backdrop.sky_boxes]
    return Render(_stylise(canvas.pixels(), plain, scene, random), box, sky_boxes)


def _in_pixels(box: Box, unit: int) -> Box:
    left, top, right, bottom = box
    return left * unit, top * unit, right * unit, bottom * unit


def _draw_subject(canvas: Canvas, scene: Scene, light: Light, random: np.random.Generator) -> Box:
    """Draw the subject; returns its box in canvas units."""
    size = float(random.uniform(0.46, 0.54))
    x = canvas.width / 2 + float(random.uniform(-0.06, 0.06))
    y = canvas.height * float(random.uniform(0.88, 0.92))
    if scene.subject == "balloon":
        y = canvas.height * float(random.uniform(0.6, 0.66))
    elif scene.subject != "boat":
        canvas.ellipse(x, y, size * 0.52, 0.026, mix(light.ground(90, 100, 90), INK, 0.35))
    if light.lamps and scene.subject in ("campfire", "lighthouse"):
        canvas.glow(x, y - size * (0.45 if scene.subject == "campfire" else 0.9), 0.42, LAMP, 0.7)
    base = rgb(*COLORS[scene.color]) if scene.color in COLORS else NEUTRAL
    parts = SHAPES[scene.subject](base)
    placed = [[(x + px * size, y + py * size) for px, py in part.points] for part in parts]
    for points in placed:
        canvas.outline(points, light.outline, OUTLINE * size)
    for points, part in zip(placed, parts, strict=True):
        paint = light.window if isinstance(part.paint, str) and part.paint == WINDOW else part.paint
        color = np.asarray(paint, dtype=float)
        canvas.polygon(points, color if part.bright else light.subject(color))
    return x - size * 0.64, y - size * 1.16, x + size * 0.7, y + size * 0.1


def _stylise(pixels: np.ndarray, plain: np.ndarray, scene: Scene, random: np.random.Generator) -> np.ndarray:
    """Turn the flat picture into its style; `plain` is the same picture before the subject was drawn."""
    if scene.style == "watercolor":
        return _watercolor(pixels, random)
    if scene.style == "ink":
        return _ink(pixels, plain)
    return pixels.copy()


def _watercolor(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Thin paint on paper: paler, pigment in pools, and a ragged edge of bare paper."""
    height, width, _ = pixels.shape
    soft = np.asarray(Image.fromarray(pixels).filter(ImageFilter.MedianFilter(3)), dtype=float)
    pools = _smooth_noise(random, height, width, 18)[..., None]
    washed = mix(soft, PAPER, 0.2 + 0.1 * pools)
    rows, columns = np.arange(height)[:, None], np.arange(width)[None]
    margin = np.minimum(np.minimum(rows, height - 1 - rows), np.minimum(columns, width - 1 - columns))
    ragged = margin - 5 - 3 * _smooth_noise(random, height, width, 10)
    cover = np.clip(ragged / 4 + 0.5, 0, 1)[..., None]
    return _to_bytes(mix(PAPER, washed, cover))


def _ink(pixels: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Grey washes on paper; only the subject keeps its colour, so that a red house stays red."""
    grey = pixels.astype(float) @ rgb(0.3, 0.59, 0.11)
    low, high = np.percentile(grey, (1, 99))
    wash = np.clip((grey - low) / (high - low + 1), 0, 1)[..., None] ** 0.8
    drawing = INK * (1 - wash) + PAPER * wash
    changed = np.abs(pixels.astype(float) - plain).max(axis=2, keepdims=True) > 12
    colored = np.asarray(pixels, dtype=float)
    return _to_bytes(np.where(changed, mix(colored, PAPER, 0.08), drawing))


def _to_bytes(pixels: np.ndarray) -> np.ndarray:
    rounded: np.ndarray = np.clip(pixels, 0, 255).astype(np.uint8)
    return rounded


def _smooth_noise(random: np.random.Generator, height: int, width: int, cell: int) -> np.ndarray:
    """Noise from -1 to 1 that changes over about `cell` pixels."""
    coarse = random.uniform(-1, 1, (height // cell + 2, width // cell + 2)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
