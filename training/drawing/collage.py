"""Draws a composition: a backdrop, the gallery's drawings pasted onto it, weather, then the style."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from engine.starter.lexicon.order import Group
from training.drawing import weather
from training.drawing.backdrops import Backdrop
from training.drawing.canvas import Box, Canvas, mix
from training.drawing.light import Light, light_of
from training.drawing.recolor import own_color, recolor
from training.drawing.renderer import X_OF
from training.drawing.styles import INK, stylise
from training.gallery.gallery import Gallery
from training.world.composition import Composition
from training.world.scene import Scene
from training.world.vocabulary import COLORS, NONE

BACKDROP_SKY = {"rain": "clouds", "snowfall": "clouds", "fog": "clear", "rainbow": "clear"}
"""What the backdrop draws above; the weather itself is laid over it."""

_SIZES = {1: (0.5, 0.58), 2: (0.42, 0.48), 3: (0.36, 0.4), 4: (0.31, 0.34)}
"""Height of a thing by how many stand in the scene, in shorter sides of the picture."""

_EDGES = {1: 0.5, 2: 0.26, 3: 0.21, 4: 0.17}
"""How far from the sides the outer things of a row are, in widths."""

_SIZED = {"small": (0.28, 0.33), "big": (0.7, 0.78)}
_ONE_SIDE = (0.44, 0.5)
_GROUND, _WATER, _AIR = (0.88, 0.93), (0.84, 0.9), (0.56, 0.66)
"""Where a thing's lower edge is, as a share of the picture's height."""

_STEP_BACK = 0.15
"""Of three or four in a row every second one stands farther back, higher by this."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing in a picture; the box is in pixels."""

    thing: str
    color: str | None
    """The colour that it shows, whether or not it was asked for: NONE if it has no name, None if that is in doubt."""

    box: Box


@dataclass(frozen=True, slots=True)
class Picture:
    """`pixels` is (height, width, 3) uint8."""

    pixels: np.ndarray
    shown: list[Shown]
    sky_boxes: list[Box]

    @property
    def subject_boxes(self) -> list[Box]:
        return [item.box for item in self.shown]


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where one thing stands: the middle of its lower edge and its height, in pixels."""

    group: Group
    stands: str
    x: float
    y: float
    size: float


class Collage:
    """Draws compositions of one gallery; the same composition and size always give the same pixels."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._colored = lru_cache(maxsize=2048)(self._color)
        self._edged = lru_cache(maxsize=1024)(self._edge)
        self._lit = lru_cache(maxsize=4096)(self._light)
        self._own_color = lru_cache(maxsize=None)(lambda index: own_color(gallery.drawings[index]))

    def render(self, scene: Composition, width: int = 256, height: int = 256) -> Picture:
        """Draw the composition at a size in pixels."""
        random = np.random.default_rng(scene.seed)
        light = light_of(scene.time, "storm" if scene.sky in ("storm", "rain") else scene.sky)
        canvas = Canvas(width, height)
        backdrop = Backdrop(canvas, _bare(scene), light, random)
        backdrop.draw()
        bare = canvas.pixels()
        if scene.sky == "rainbow":
            bare = weather.rainbow(bare, random, 0.56)
        image = Image.fromarray(bare).convert("RGB")
        shown = [self._paste(image, stand, scene, light) for stand in self._stands(scene, width, height, random)]
        pixels = weather.over(np.asarray(image), scene.sky, light, random)
        unit = min(width, height)
        sky_boxes = [
            (left * unit, top * unit, right * unit, low * unit) for left, top, right, low in backdrop.sky.boxes
        ]
        return Picture(stylise(pixels, bare if scene.style == "ink" else None, scene.style, random), shown, sky_boxes)

    def _stands(self, scene: Composition, width: int, height: int, random: np.random.Generator) -> list[_Stand]:
        """Every single thing of the scene, the farthest first."""
        singles = [group for group in scene.groups for _ in range(group.count)]
        unit = min(width, height)
        if scene.relation == "front":
            return self._before_each_other(singles, width, height, random)
        stands = []
        for index, group in enumerate(singles):
            low, high = _heights(group, len(singles), scene.position)
            x = width * (X_OF[scene.position] if scene.position != NONE else _across(index, len(singles)))
            roam = 0.1 if len(singles) == 1 and scene.position == NONE else 0.025
            back = _STEP_BACK if len(singles) > 2 and index % 2 else 0.0
            stands.append(
                self._stand(
                    group, x + float(random.uniform(-roam, roam)) * width, back, (low, high), unit, height, random
                )
            )
        return sorted(stands, key=lambda stand: stand.y)

    def _before_each_other(
        self, singles: list[Group], width: int, height: int, random: np.random.Generator
    ) -> list[_Stand]:
        front, behind = singles
        unit, side = min(width, height), float(random.choice((-1.0, 1.0)))
        far = self._stand(behind, width * (0.5 + 0.08 * side), 0.1, (0.6, 0.66), unit, height, random)
        near = self._stand(front, width * (0.5 - 0.17 * side), -0.03, (0.36, 0.4), unit, height, random)
        return [far, near]

    def _stand(
        self, group: Group, x: float, back: float, sizes: tuple[float, float], unit: int, height: int,
        random: np.random.Generator,
    ) -> _Stand:  # fmt: skip
        stands = self._gallery.things[self._gallery.by_word[group.thing]].stands
        low, high = {"ground": _GROUND, "water": _WATER, "air": _AIR}[stands]
        y = float(random.uniform(low, high)) - back
        return _Stand(group, stands, x, y * height, float(random.uniform(*sizes)) * unit)

    def _paste(self, image: Image.Image, stand: _Stand, scene: Composition, light: Light) -> Shown:
        group = stand.group
        drawing = self._lit(self._gallery.by_word[group.thing], group.color, scene.time, scene.sky in ("storm", "rain"))
        if stand.stands == "ground":
            self._shade(image, stand, light)
        side = round(stand.size * drawing.width / (drawing.width - 10))
        left, top = round(stand.x - side / 2), round(stand.y - side + side * 0.03)
        finer = side <= drawing.width
        placed = drawing.resize((side, side), Image.Resampling.BOX if finer else Image.Resampling.BICUBIC)
        image.paste(placed, (left, top), placed)
        box = placed.getchannel("A").getbbox() or (0, 0, side, side)
        edges = left + box[0], top + box[1], left + box[2], top + box[3]
        return Shown(group.thing, self._shown_color(self._gallery.by_word[group.thing], group.color), edges)

    def _shade(self, image: Image.Image, stand: _Stand, light: Light) -> None:
        shadow = mix(light.ground(90, 100, 90), INK, 0.3)
        half, flat = stand.size * 0.42, stand.size * 0.055
        mask = Image.new("L", (max(2, round(half * 2)) * 2, max(2, round(flat * 2)) * 2))
        ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=150)
        mask = mask.reduce(2)
        red, green, blue = (int(value) for value in np.clip(shadow, 0, 255))
        image.paste((red, green, blue), (round(stand.x - half), round(stand.y - flat)), mask)

    def _color(self, index: int, color: str) -> np.ndarray | None:
        """The drawing in a colour; None where it cannot take it."""
        drawing: np.ndarray = self._gallery.drawings[index]
        return drawing if color == NONE else recolor(drawing, COLORS[color])

    def _shown_color(self, index: int, color: str) -> str | None:
        own: str | None = self._own_color(index)
        return own if color == NONE or self._colored(index, color) is None else color

    def _light(self, index: int, color: str, time: str, wet: bool) -> Image.Image:
        """The drawing in the light of a time of day, with a dark outline around it."""
        drawing, light = self._colored(index, color), light_of(time, "storm" if wet else "clear")
        if drawing is None:
            drawing = self._gallery.drawings[index]
        lit = np.stack([drawing[..., channel].astype(float) for channel in range(3)], axis=-1)
        lit = mix(lit * np.sqrt(np.sqrt(light.tint)), light.veil, light.veil_share * 0.3)
        cover = drawing[..., 3:].astype(float) / 255
        mixed = np.clip(light.outline * (1 - cover) + lit * cover, 0, 255)
        return Image.fromarray(np.concatenate([mixed, self._edged(index)[..., None]], axis=-1).astype(np.uint8), "RGBA")

    def _edge(self, index: int) -> np.ndarray:
        """The opacity of the drawing with its outline, (side, side) uint8."""
        alpha = Image.fromarray(self._gallery.drawings[index, ..., 3])
        return np.asarray(alpha.filter(ImageFilter.MaxFilter(7)).filter(ImageFilter.GaussianBlur(0.8)))


def _across(index: int, number: int) -> float:
    """The share of the width at which the thing with this number stands, so that the outer ones are whole."""
    edge = _EDGES[number]
    return 0.5 if number == 1 else edge + index * (1 - 2 * edge) / (number - 1)


def _heights(group: Group, number: int, position: str) -> tuple[float, float]:
    if number == 1:
        return _SIZED.get(group.size, _ONE_SIDE if position in ("left", "right") else _SIZES[1])
    return _SIZES[number]


def _bare(scene: Composition) -> Scene:
    """The surroundings, as the backdrop takes them."""
    return Scene(scene.place, scene.time, sky=BACKDROP_SKY.get(scene.sky, scene.sky), position=scene.position,
                 seed=scene.seed)  # fmt: skip
