"""Draws a composition: a backdrop, the gallery's drawings pasted onto it, weather, then the style."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

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
from training.world.scene import SHAPES, Scene
from training.world.vocabulary import COLORS, NONE

BACKDROP_SKY = {"rain": "clouds", "snowfall": "clouds", "fog": "clear", "rainbow": "clear", "stars": "clear"}
"""What the backdrop draws above; the weather itself is laid over it, and stars are placed by cells."""

_SIZES = {1: (0.5, 0.58), 2: (0.4, 0.46), 3: (0.34, 0.4), 4: (0.3, 0.34)}
"""Height of a thing by how many stand in the scene, in shorter sides of the picture."""

_EDGES = {1: 0.5, 2: 0.26, 3: 0.21, 4: 0.17}
"""How far from the sides the outer things of a row are, in widths."""

_SIZED = {"small": (0.28, 0.33), "big": (0.7, 0.78)}
_ONE_SIDE = (0.44, 0.5)
_GROUND, _WATER, _AIR = (0.88, 0.93), (0.84, 0.9), (0.56, 0.66)
"""Where a thing's lower edge is, as a share of the picture's height."""

_STEP_BACK = 0.13
"""Of three or four in a row every second one stands farther back, higher by this."""

CELLS: Final = {(width, height): (width // 16, height // 16) for width, height in SHAPES.values()}
"""Columns and rows of each shape's grid; things fill whole cells of it, so that there is less to learn by heart."""


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
    stands: list["Stand"]
    """The farthest first."""

    texture: np.ndarray
    """(rows, columns, 3): whether a cell has a drop, a flake or a star, and where in it, -1 to 1."""

    @property
    def subject_boxes(self) -> list[Box]:
        return [item.box for item in self.shown]


@dataclass(frozen=True, slots=True)
class Stand:
    """The square in which one thing stands, in cells."""

    group: Group
    left: int
    top: int
    side: int


class Collage:
    """Draws compositions of one gallery; the same composition and size always give the same pixels."""

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._colored = lru_cache(maxsize=2048)(self._color)
        self._edged = lru_cache(maxsize=1024)(self._edge)
        self._covered = lru_cache(maxsize=4096)(self._cover)
        self._lit = lru_cache(maxsize=4096)(self._light)
        self._own_color = lru_cache(maxsize=None)(lambda index: own_color(gallery.drawings[index]))

    def render(self, scene: Composition, width: int = 256, height: int = 256) -> Picture:
        """Draw the composition at a size in pixels, which has the sides of one of the shapes, doubled or halved."""
        random = np.random.default_rng(scene.seed)
        columns, rows = grid_of(width, height)
        light = light_of(scene.time, "storm" if scene.sky in ("storm", "rain") else scene.sky)
        canvas = Canvas(width, height)
        backdrop = Backdrop(canvas, _bare(scene, self._floats(scene)), light, random)
        if scene.sky == "stars":
            texture = weather.stars(columns, rows, np.random.default_rng([scene.seed, 1]))
            unit = min(columns, rows)
            backdrop.sky.stars = [(x / unit, y / unit) for x, y in weather.places(texture)]
        backdrop.draw()
        bare = canvas.pixels()
        if scene.sky == "rainbow":
            bare = weather.rainbow(bare, random, 0.56)
        image = Image.fromarray(bare).convert("RGB")
        stands = self.stands(scene, columns, rows, random)
        shown = [self._paste(image, stand, scene, light, width // columns) for stand in stands]
        if scene.sky != "stars":
            texture = weather.texture(scene.sky, columns, rows, random)
        pixels = weather.over(np.asarray(image), scene.sky, light, texture)
        unit = min(width, height)
        sky_boxes = [
            (left * unit, top * unit, right * unit, low * unit) for left, top, right, low in backdrop.sky.boxes
        ]
        styled = stylise(pixels, bare if scene.style == "ink" else None, scene.style, random)
        return Picture(styled, shown, sky_boxes, stands, texture)

    def _floats(self, scene: Composition) -> bool:
        """Whether all things of the scene, and at least one, are of the water."""
        kinds = {self._gallery.things[self._gallery.by_word[group.thing]].stands for group in scene.groups}
        return kinds == {"water"}

    def page(self, scene: Composition, side: int, paper: tuple[int, int, int], cell: int) -> Picture:
        """As many of the scene's things as a square has room for, each `side` cells wide, on plain paper.

        A cell has `cell` pixels. Only for learning drawings by heart: nothing of a page but them is to be learnt.
        """
        count = CELLS[SHAPES["square"]][0]
        across, image = count // side, Image.new("RGB", (count * cell, count * cell), paper)
        light = light_of(scene.time, scene.sky)
        stands = [
            Stand(group, at % across * side, at // across * side, side)
            for at, group in enumerate(scene.groups[: across**2])
        ]
        shown = [self._paste(image, stand, scene, light, cell) for stand in stands]
        return Picture(np.asarray(image), shown, [], stands, np.zeros((count, count, 3), np.float32))

    def stands(self, scene: Composition, columns: int, rows: int, random: np.random.Generator) -> list[Stand]:
        """Every single thing of the scene, the farthest first."""
        singles = [group for group in scene.groups for _ in range(group.count)]
        if scene.relation == "front":
            return self._before_each_other(singles, columns, rows, random)
        stands = []
        for index, group in enumerate(singles):
            x = X_OF[scene.position] if scene.position != NONE else _across(index, len(singles))
            roam = 0.1 if len(singles) == 1 and scene.position == NONE else 0.03
            back = _STEP_BACK if len(singles) > 2 and index % 2 else 0.0
            sizes = _heights(group, len(singles), scene.position)
            stands.append(
                self._stand(group, x + float(random.uniform(-roam, roam)), back, sizes, columns, rows, random)
            )
        return sorted(stands, key=lambda stand: stand.top + stand.side)

    def _before_each_other(
        self, singles: list[Group], columns: int, rows: int, random: np.random.Generator
    ) -> list[Stand]:
        front, behind = singles
        side = float(random.choice((-1.0, 1.0)))
        far = self._stand(behind, 0.5 + 0.08 * side, 0.12, (0.56, 0.64), columns, rows, random)
        near = self._stand(front, 0.5 - 0.17 * side, -0.02, (0.36, 0.4), columns, rows, random)
        return [far, near]

    def _stand(
        self, group: Group, x: float, back: float, sizes: tuple[float, float], columns: int, rows: int,
        random: np.random.Generator,
    ) -> Stand:  # fmt: skip
        stands = self._gallery.things[self._gallery.by_word[group.thing]].stands
        low, high = {"ground": _GROUND, "water": _WATER, "air": _AIR}[stands]
        side = round(float(random.uniform(*sizes)) * min(columns, rows))
        foot = min(rows, round((float(random.uniform(low, high)) - back) * rows))
        left = round(x * columns - side / 2)
        return Stand(group, max(0, min(columns - side, left)), max(0, foot - side), side)

    def _paste(self, image: Image.Image, stand: Stand, scene: Composition, light: Light, cell: int) -> Shown:
        group, index = stand.group, self._gallery.by_word[stand.group.thing]
        drawing = self._lit(index, group.color, scene.time, scene.sky in ("storm", "rain"))
        left, top, side = stand.left * cell, stand.top * cell, stand.side * cell
        if self._gallery.things[index].stands == "ground":
            _shade(image, left + side / 2, top + side * 0.97, side * 0.94, light)
        finer = side <= drawing.width
        placed = drawing.resize((side, side), Image.Resampling.BOX if finer else Image.Resampling.BICUBIC)
        image.paste(placed, (left, top), placed)
        box = placed.getchannel("A").getbbox() or (0, 0, side, side)
        edges = left + box[0], top + box[1], left + box[2], top + box[3]
        return Shown(group.thing, self._shown_color(index, group.color), edges)

    def cover(self, thing: str, side: int) -> np.ndarray:
        """How much of each cell a thing covers that fills `side` cells in both directions, (side, side), 0 to 1."""
        return self._covered(self._gallery.by_word[thing], side)

    def _cover(self, index: int, side: int) -> np.ndarray:
        fine = Image.fromarray(self._edged(index)).resize((side * 8, side * 8), Image.Resampling.BOX)
        shares: np.ndarray = np.asarray(fine, np.float32).reshape(side, 8, side, 8).mean(axis=(1, 3)) / 255
        return shares

    def _color(self, index: int, color: str) -> np.ndarray | None:
        """The drawing in a colour; None where it cannot take it."""
        drawing: np.ndarray = self._gallery.drawings[index]
        return drawing if color == NONE else recolor(drawing, COLORS[color], whole=self._gallery.things[index].whole)

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


def grid_of(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of the grid of a picture; ValueError where it has the sides of no shape."""
    for (wide, high), grid in CELLS.items():
        if width * high == height * wide:
            return grid
    raise ValueError(f"{width}x{height} is none of the shapes")


def _shade(image: Image.Image, x: float, y: float, size: float, light: Light) -> None:
    """The shadow on the ground, around (x, y), of something so wide."""
    shadow = mix(light.ground(90, 100, 90), INK, 0.3)
    half, flat = size * 0.42, size * 0.055
    mask = Image.new("L", (max(2, round(half * 2)) * 2, max(2, round(flat * 2)) * 2))
    ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), fill=150)
    mask = mask.reduce(2)
    red, green, blue = (int(value) for value in np.clip(shadow, 0, 255))
    image.paste((red, green, blue), (round(x - half), round(y - flat)), mask)


def _across(index: int, number: int) -> float:
    """The share of the width at which the thing with this number stands, so that the outer ones are whole."""
    edge = _EDGES[number]
    return 0.5 if number == 1 else edge + index * (1 - 2 * edge) / (number - 1)


def _heights(group: Group, number: int, position: str) -> tuple[float, float]:
    if number == 1:
        return _SIZED.get(group.size, _ONE_SIDE if position in ("left", "right") else _SIZES[1])
    return _SIZES[number]


def _bare(scene: Composition, floating: bool) -> Scene:
    """The surroundings, as the backdrop takes them; `floating` puts water where there would be ground."""
    return Scene(scene.place, scene.time, "boat" if floating else NONE, sky=BACKDROP_SKY.get(scene.sky, scene.sky),
                 position=scene.position, seed=scene.seed)  # fmt: skip
