"""Draws a scene: backdrop, one large subject, then the style. The same scene and size always give the same pixels."""

from dataclasses import dataclass

import numpy as np

from training.drawing.backdrops import Backdrop
from training.drawing.canvas import Box, Canvas, mix, rgb
from training.drawing.light import LAMP, Light, light_of
from training.drawing.parts import WINDOW
from training.drawing.styles import INK, stylise
from training.drawing.subjects import SHAPES
from training.world.scene import Scene
from training.world.vocabulary import COLORS, NONE

OUTLINE = 0.042
"""Width of a subject's outline, in subject heights: without one the painter does not learn the shapes."""

NEUTRAL = rgb(172, 168, 180)
X_OF = {"left": 0.28, "center": 0.5, NONE: 0.5, "right": 0.72}


@dataclass(frozen=True, slots=True)
class Render:
    """`pixels` is (height, width, 3) uint8; the boxes, in pixels, say where the subject is and what is in the sky."""

    pixels: np.ndarray
    subject_box: Box | None
    sky_boxes: list[Box]

    @property
    def subject_boxes(self) -> list[Box]:
        return [] if self.subject_box is None else [self.subject_box]


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where the subject stands and how high it is, in canvas units."""

    x: float
    y: float
    size: float

    @property
    def box(self) -> Box:
        return self.x - self.size * 0.64, self.y - self.size * 1.2, self.x + self.size * 0.7, self.y + self.size * 0.1


def render(scene: Scene, width: int = 256, height: int = 256) -> Render:
    """Draw the scene at a size in pixels."""
    canvas, light, unit = Canvas(width, height), light_of(scene.time, scene.sky), min(width, height)
    random = np.random.default_rng(scene.seed)
    backdrop = Backdrop(canvas, scene, light, random)
    backdrop.draw()
    box, bare = None, None
    if scene.subject != NONE:
        stand = _stand(canvas, scene, random)
        _light_and_shade(canvas, scene, light, stand)
        bare = canvas.pixels() if scene.style == "ink" else None
        _draw_subject(canvas, scene, light, stand)
        box = _in_pixels(stand.box, unit)
    sky_boxes = [_in_pixels(sky_box, unit) for sky_box in backdrop.sky.boxes]
    return Render(stylise(canvas.pixels(), bare, scene.style, random), box, sky_boxes)


def _in_pixels(box: Box, unit: int) -> Box:
    left, top, right, bottom = box
    return left * unit, top * unit, right * unit, bottom * unit


def _stand(canvas: Canvas, scene: Scene, random: np.random.Generator) -> _Stand:
    aside = scene.position in ("left", "right")
    size = float(random.uniform(0.43, 0.47) if aside else random.uniform(0.48, 0.54))
    x = canvas.width * X_OF[scene.position] + float(random.uniform(-0.03, 0.03))
    low, high = (0.6, 0.66) if scene.subject == "balloon" else (0.88, 0.92)
    return _Stand(x, canvas.height * float(random.uniform(low, high)), size)


def _light_and_shade(canvas: Canvas, scene: Scene, light: Light, stand: _Stand) -> None:
    """The shadow that the subject throws, and the light that it gives."""
    if scene.subject not in ("balloon", "boat"):
        shadow = mix(light.ground(90, 100, 90), INK, 0.3)
        canvas.ellipse(stand.x, stand.y, stand.size * 0.52, 0.026, shadow)
    if scene.subject == "campfire" or (light.lamps and scene.subject == "lighthouse"):
        y = stand.y - stand.size * (0.45 if scene.subject == "campfire" else 0.92)
        canvas.glow(stand.x, y, 0.42, LAMP, 0.7 if light.lamps else 0.35)


def _draw_subject(canvas: Canvas, scene: Scene, light: Light, stand: _Stand) -> None:
    parts = SHAPES[scene.subject](rgb(*COLORS[scene.color]) if scene.color in COLORS else NEUTRAL)
    placed = [[(stand.x + x * stand.size, stand.y + y * stand.size) for x, y in part.points] for part in parts]
    for points in placed:
        canvas.outline(points, light.outline, OUTLINE * stand.size)
    for points, part in zip(placed, parts, strict=True):
        paint = light.window if isinstance(part.paint, str) and part.paint == WINDOW else part.paint
        color = np.asarray(paint, dtype=float)
        canvas.polygon(points, color if part.bright else light.subject(color))
