"""The places: each draws its sky, land and water onto a canvas, and says at what height a subject stands."""

from collections.abc import Callable
from typing import Final

import numpy as np

from engine.starter.canvas import Box, Canvas, Color, Point, bezier, mix, rgb
from engine.starter.light import LAMP, Light
from engine.starter.scene import Scene


class Backdrop:
    """Draws one scene's surroundings; `random` is seeded by the scene, so the same scene always looks the same.

    `sky_boxes` holds where the sun, moon or clouds are, for the painter's loss.
    """

    def __init__(self, canvas: Canvas, scene: Scene, light: Light, random: np.random.Generator) -> None:
        self.canvas, self.scene, self.light, self.random = canvas, scene, light, random
        self._body_x = 0.5
        self.sky_boxes: list[Box] = []

    def between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))

    def draw(self) -> None:
        _PLACES[self.scene.place](self)

    @property
    def _floating(self) -> bool:
        return self.scene.subject == "boat"

    def _y(self, share: float) -> float:
        """A height given as a share of the whole picture."""
        return share * self.canvas.height

    def _sky(self, horizon: float) -> None:
        canvas, light, width = self.canvas, self.light, self.canvas.width
        canvas.gradient(light.sky_top, light.sky_low, 0, horizon)
        side = self.between(0.14, 0.24) * width
        self._body_x = side if self.random.random() < 0.5 else width - side
        if self.scene.time == "night":
            self._stars(46 if self.scene.sky == "stars" else 12, horizon)
        if self.scene.sky in ("sun", "moon"):
            low = self.scene.time in ("dawn", "sunset")
            y = self._y(self.between(0.24, 0.32) if low else self.between(0.14, 0.2))
            canvas.glow(self._body_x, y, 0.34, light.body, 0.6)
            canvas.circle(self._body_x, y, 0.095, light.body)
            self.sky_boxes.append((self._body_x - 0.13, y - 0.13, self._body_x + 0.13, y + 0.13))
        if self.scene.sky == "clouds":
            self._cloud(self._body_x, self._y(self.between(0.11, 0.17)), 1.1)
            self._cloud(width - self._body_x, self._y(self.between(0.22, 0.3)), 0.85)

    def _stars(self, count: int, horizon: float) -> None:
        for x, y, size in self.random.random((count, 3)):
            self.canvas.circle(x * self.canvas.width, y * horizon * 0.85, 0.008 + 0.008 * size, rgb(252, 250, 230))

    def _cloud(self, x: float, y: float, size: float) -> None:
        for dx, dy, radius in ((-0.09, 0.01, 0.055), (0, -0.025, 0.075), (0.09, 0.01, 0.055)):
            self.canvas.circle(x + dx * size, y + dy * size, radius * size, self.light.cloud)
        self.canvas.box(x - 0.15 * size, y, x + 0.15 * size, y + 0.062 * size, self.light.cloud, 0.03 * size)
        self.sky_boxes.append((x - 0.16 * size, y - 0.1 * size, x + 0.16 * size, y + 0.07 * size))

    def _hills(self, y: float, height: float, top: Color, bottom: Color | None = None) -> None:
        """Soft hills whose crests reach `height` above y."""
        xs = np.linspace(0, self.canvas.width, 49)
        first, second = self.random.uniform(0, 2 * np.pi, 2)
        ys = y - height * (0.6 * np.sin(xs * np.pi + first) + 0.4 * np.sin(xs * 2 * np.pi + second))
        self._land(list(zip(xs, ys, strict=True)), top, bottom)

    def _peaks(self, y: float, height: float) -> None:
        """Pointed mountains with white caps."""
        near, cap = self.light.ground(112, 128, 176, far=0.2), self.light.ground(252, 253, 255)
        shade = self.light.ground(112, 128, 176, far=0.5)
        count = 3 if self.canvas.width <= 1 else 4
        for index in self.random.permutation(count + 1):
            x = (index + self.between(-0.2, 0.2)) * self.canvas.width / count
            half, top = self.between(0.3, 0.42), y - height * self.between(0.75, 1.15)
            self.canvas.polygon([(x - half, y), (x, top), (x + half, y)], near, shade)
            self.canvas.polygon([(x, top), (x + half, y), (x + half * 0.15, y)], mix(near, self.light.sky_top, 0.25))
            drop, side = (y - top) * 0.34, half * 0.34
            edge = [(x + side, top + drop), (x + side * 0.4, top + drop * 0.75), (x, top + drop * 1.1)]
            self.canvas.polygon([(x, top), *edge, (x - side * 0.5, top + drop * 0.75), (x - side, top + drop)], cap)

    def _land(self, crest: list[Point], top: Color, bottom: Color | None) -> None:
        edge = self.canvas.height + 0.01
        points = [*crest, (self.canvas.width, edge), (0.0, edge)]
        self.canvas.polygon(points, top, top if bottom is None else bottom)

    def _water(self, y: float) -> None:
        canvas, light = self.canvas, self.light
        top, bottom = mix(light.ground(70, 160, 214), light.sky_low, 0.35), light.ground(28, 104, 172)
        canvas.gradient(top, bottom, y, canvas.height)
        depth = canvas.height - y
        if self.scene.sky in ("sun", "moon"):
            for index in range(4):
                line, half = y + (0.06 + 0.12 * index) * depth, 0.055 + 0.02 * index
                glint = mix(light.body, top, 0.15)
                canvas.box(self._body_x - half, line, self._body_x + half, line + 0.02, glint, 0.01)
        for x, share in self.random.random((6, 2)):
            line, middle = y + depth * (0.08 + 0.85 * share), x * canvas.width
            canvas.box(middle - 0.08, line, middle + 0.08, line + 0.014, mix(top, rgb(255, 255, 255), 0.3), 0.007)

    def _pine(self, x: float, y: float, height: float, color: Color) -> None:
        self.canvas.box(x - height * 0.035, y - height * 0.1, x + height * 0.035, y, self.light.ground(104, 72, 52))
        for share in (0.0, 0.3, 0.58):
            half, base = height * 0.27 * (1 - share * 0.8), y - height * (share + 0.06)
            tier = [(x - half, base), (x, y - height * min(1, share + 0.5)), (x + half, base)]
            self.canvas.polygon(tier, color * (1 + 0.12 * share))

    def beach(self) -> None:
        horizon = self._y(self.between(0.48, 0.54))
        self._sky(horizon)
        self._hills(horizon, 0.03, self.light.ground(92, 132, 160, far=0.4))
        self._water(horizon)
        if not self._floating:
            sand = self.light.ground(244, 216, 152)
            self._hills(self._y(0.77), 0.022, mix(sand, rgb(255, 255, 255), 0.5))
            self._hills(self._y(0.795), 0.022, sand, sand * 0.88)

    def lake(self) -> None:
        shore = self._y(self.between(0.54, 0.58))
        self._sky(shore)
        self._hills(shore - 0.05, 0.06, self.light.ground(96, 142, 150, far=0.4))
        pine = self.light.ground(42, 112, 80)
        for x in np.arange(0.03, self.canvas.width, 0.085):
            self._pine(x + self.between(-0.02, 0.02), shore + 0.01, self.between(0.11, 0.17), pine)
        self._water(shore)
        if not self._floating:
            grass = self.light.ground(112, 178, 86)
            self._hills(self._y(0.83), 0.025, grass, grass * 0.8)
        for x in (self.between(0.0, 0.06), self.canvas.width - self.between(0.0, 0.06)):
            for lean in (-0.03, 0.0, 0.03):
                stem = bezier(
                    (x, self.canvas.height), (x, self._y(0.9)), (x + lean, self._y(0.88)), (x + lean * 2, self._y(0.8))
                )
                self.canvas.line(stem, self.light.ground(62, 120, 60), 0.016)

    def forest(self) -> None:
        self._sky(self._y(0.62))
        far = self.light.ground(64, 136, 98, far=0.3)
        for x in np.linspace(0, self.canvas.width, round(9 * self.canvas.width)):
            self._pine(x + self.between(-0.04, 0.04), self._y(0.63), self.between(0.32, 0.44), far)
        self._hills(self._y(0.62), 0.015, self.light.ground(64, 136, 88, far=0.15))
        grass = self.light.ground(104, 168, 76)
        self._hills(self._y(0.72), 0.02, grass, grass * 0.78)
        near = self.light.ground(34, 104, 70)
        for x in (self.between(0.02, 0.1), self.canvas.width - self.between(0.02, 0.1)):
            self._pine(x, self._y(0.92), self.between(0.7, 0.85), near)

    def mountains(self) -> None:
        self._sky(self._y(0.62))
        self._peaks(self._y(0.6), 0.38)
        self._hills(self._y(0.6), 0.03, self.light.ground(84, 140, 104, far=0.12))
        meadow = self.light.ground(124, 192, 92)
        if self._floating:
            self._water(self._y(0.66))
        else:
            self._hills(self._y(0.7), 0.03, meadow, meadow * 0.8)

    def desert(self) -> None:
        self._sky(self._y(0.6))
        for share, height, color, far in (
            (0.56, 0.05, (220, 156, 108), 0.25), (0.66, 0.05, (244, 196, 120), 0.0), (0.8, 0.03, (236, 176, 96), 0.0),
        ):  # fmt: skip
            sand = self.light.ground(*color, far=far)
            self._hills(self._y(share), height, sand, sand * 0.88)
        for x in (self.between(0.07, 0.14), self.canvas.width - self.between(0.07, 0.14)):
            self._cactus(x, self._y(0.84), self.between(0.24, 0.3))

    def _cactus(self, x: float, y: float, height: float) -> None:
        green = self.light.ground(66, 144, 88)
        self.canvas.line([(x, y), (x, y - height)], green, 0.05)
        for side, low, high in ((0.3, 0.4, 0.8), (-0.3, 0.3, 0.66)):
            elbow = x + side * height
            self.canvas.line(
                [(x, y - low * height), (elbow, y - low * height), (elbow, y - high * height)], green, 0.036
            )

    def city(self) -> None:
        base = self._y(0.72)
        self._sky(base)
        tower, width = 0.12, self.canvas.width
        for x in np.arange(0, width, tower * 0.9):
            wall = self.light.ground(150, 160, 194, far=0.35) * self.between(0.92, 1.06)
            self.canvas.box(x, base - self.between(0.24, 0.44), x + tower, base, wall)
        for x in np.arange(0, width, tower * 1.02):
            height = self.between(0.1, 0.3)
            self.canvas.box(
                x, base - height, x + tower, base, self.light.ground(104, 112, 152) * self.between(0.88, 1.08)
            )
            self._windows(x, base - height, height)
        if self._floating:
            self._water(self._y(0.7))
            return
        street = self.light.ground(138, 140, 152)
        self.canvas.gradient(street, street * 0.84, base, self.canvas.height)
        self.canvas.box(0, base - 0.006, width, base + 0.016, self.light.ground(214, 214, 220))

    def _windows(self, x: float, top: float, height: float) -> None:
        color = LAMP if self.light.lamps else rgb(208, 228, 246)
        for column in range(2):
            for row in range(int(height / 0.058)):
                if self.random.random() < 0.75:
                    left, y = x + 0.02 + column * 0.048, top + 0.02 + row * 0.058
                    self.canvas.box(left, y, left + 0.032, y + 0.034, color)

    def snow(self) -> None:
        self._sky(self._y(0.62))
        self._hills(self._y(0.54), 0.06, self.light.ground(180, 200, 232, far=0.25))
        white = self.light.ground(238, 244, 255)
        self._hills(self._y(0.65), 0.03, white * 0.94)
        for x in (self.between(0.04, 0.12), self.between(0.18, 0.26), self.canvas.width - self.between(0.05, 0.15)):
            self._pine(x, self._y(0.77), self.between(0.28, 0.38), self.light.ground(56, 120, 112))
        self._hills(self._y(0.76), 0.025, white * 1.03, white * 0.9)


_PLACES: Final[dict[str, Callable[[Backdrop], None]]] = {
    "beach": Backdrop.beach,
    "lake": Backdrop.lake,
    "forest": Backdrop.forest,
    "mountains": Backdrop.mountains,
    "desert": Backdrop.desert,
    "city": Backdrop.city,
    "snow": Backdrop.snow,
}
