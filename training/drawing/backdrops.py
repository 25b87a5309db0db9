"""The places: each draws its sky, land and water onto a canvas."""

from collections.abc import Callable
from typing import Final

import numpy as np

from training.drawing.canvas import Canvas, Color, Point, bezier, mix, rgb
from training.drawing.light import LAMP, Light
from training.drawing.sky import Sky
from training.world.scene import Scene

_PETALS: Final = ((250, 96, 110), (255, 236, 120), (240, 150, 220), (255, 255, 255))


class Backdrop:
    """Draws one scene's surroundings; `random` is seeded by the scene, so the same scene always looks the same."""

    def __init__(self, canvas: Canvas, scene: Scene, light: Light, random: np.random.Generator) -> None:
        self.canvas, self.scene, self.light, self.random = canvas, scene, light, random
        self.sky = Sky(canvas, scene, light, random)

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

    def _edges(self) -> list[float]:
        """Where tall things of the foreground stand: at the sides that the subject leaves free."""
        left, right = self.between(0.04, 0.1), self.canvas.width - self.between(0.04, 0.1)
        return {"left": [right], "right": [left]}.get(self.scene.position, [left, right])

    def _hills(self, y: float, height: float, top: Color, bottom: Color | None = None) -> None:
        """Soft hills whose crests reach `height` above y."""
        xs = np.linspace(0, self.canvas.width, 49)
        first, second = self.random.uniform(0, 2 * np.pi, 2)
        ys = y - height * (0.6 * np.sin(xs * np.pi + first) + 0.4 * np.sin(xs * 2 * np.pi + second))
        self._land(list(zip(xs, ys, strict=True)), top, bottom)

    def _land(self, crest: list[Point], top: Color, bottom: Color | None) -> None:
        edge = self.canvas.height + 0.01
        points = [*crest, (self.canvas.width, edge), (0.0, edge)]
        self.canvas.polygon(points, top, top if bottom is None else bottom)

    def _peaks(self, y: float, height: float) -> None:
        """Pointed mountains with white caps, lit from one side."""
        rock, cap = self.light.ground(122, 138, 188, far=0.12), self.light.ground(252, 253, 255)
        low, dark = self.light.ground(122, 138, 188, far=0.45), self.light.ground(88, 98, 152, far=0.1)
        count = 3 if self.canvas.width <= 1 else 4
        for index in self.random.permutation(count + 1):
            x = (index + self.between(-0.2, 0.2)) * self.canvas.width / count
            half, top = self.between(0.32, 0.44), y - height * self.between(0.75, 1.15)
            self.canvas.polygon([(x - half, y), (x, top), (x + half, y)], rock, low)
            self.canvas.polygon([(x, top), (x + half, y), (x + half * 0.18, y)], dark, low)
            drop, side = (y - top) * 0.36, half * 0.36
            jag = [(x + side, top + drop), (x + side * 0.45, top + drop * 0.72), (x, top + drop * 1.15)]
            jag += [(x - side * 0.5, top + drop * 0.74), (x - side, top + drop)]
            self.canvas.polygon([(x, top), *jag], cap)
            self.canvas.polygon([(x, top), jag[0], jag[1], (x + side * 0.18, top + drop)], mix(cap, dark, 0.3))

    def _water(self, y: float) -> None:
        canvas, light = self.canvas, self.light
        top, bottom = mix(light.ground(84, 178, 226), light.sky_low, 0.35), light.ground(30, 112, 184)
        canvas.gradient(top, bottom, y, canvas.height)
        depth = canvas.height - y
        if self.scene.sky in ("sun", "moon"):
            for index in range(5):
                line, half = y + (0.05 + 0.11 * index) * depth, 0.06 + 0.018 * index - 0.03 * (index % 2)
                glint = mix(light.body, top, 0.12)
                canvas.box(self.sky.body_x - half, line, self.sky.body_x + half, line + 0.022, glint, 0.011)
        foam = mix(top, rgb(255, 255, 255), 0.4)
        for x, share in self.random.random((6, 2)):
            line, middle = y + depth * (0.1 + 0.8 * share), x * canvas.width
            canvas.box(middle - 0.08, line, middle + 0.08, line + 0.015, foam, 0.007)

    def _pine(self, x: float, y: float, height: float, color: Color) -> None:
        self.canvas.box(x - height * 0.035, y - height * 0.1, x + height * 0.035, y, self.light.ground(112, 76, 56))
        for share in (0.0, 0.3, 0.58):
            half, base = height * 0.27 * (1 - share * 0.8), y - height * (share + 0.06)
            tip = (x, y - height * min(1, share + 0.5))
            self.canvas.polygon([(x - half, base), tip, (x + half, base)], color * (1 + 0.12 * share))
            self.canvas.polygon([(x, base), tip, (x + half, base)], color * (0.88 + 0.12 * share))

    def _palm(self, x: float, y: float, height: float) -> None:
        lean = 0.09 if x < self.canvas.width / 2 else -0.09
        top = (x + lean, y - height)
        self.canvas.line(bezier((x, y), (x, y - height * 0.5), (x + lean * 0.4, y - height * 0.8), top),
                         self.light.ground(150, 104, 66), 0.036)  # fmt: skip
        leaf = self.light.ground(52, 148, 92)
        for dx, dy in ((-0.19, 0.07), (-0.15, -0.07), (0.0, -0.13), (0.15, -0.07), (0.19, 0.07)):
            tip, middle = (top[0] + dx, top[1] + dy), (top[0] + dx * 0.55, top[1] + dy * 0.5 - 0.055)
            under = (top[0] + dx * 0.5, top[1] + dy * 0.5 + 0.015)
            self.canvas.polygon([*bezier(top, middle, middle, tip, 8), *bezier(tip, under, under, top, 8)], leaf)

    def beach(self) -> None:
        horizon = self._y(self.between(0.5, 0.55))
        self.sky.draw(horizon)
        self._hills(horizon, 0.025, self.light.ground(104, 150, 176, far=0.4))
        self._water(horizon)
        if self._floating:
            return
        sand = self.light.ground(248, 220, 158)
        self._hills(self._y(0.755), 0.022, mix(sand, rgb(255, 255, 255), 0.6))
        self._hills(self._y(0.785), 0.022, sand, sand * 0.9)
        for x in self._edges()[:1]:
            self._palm(x, self._y(0.86), self.between(0.35, 0.4))

    def lake(self) -> None:
        shore = self._y(self.between(0.54, 0.58))
        self.sky.draw(shore)
        self._hills(shore - 0.05, 0.06, self.light.ground(108, 156, 164, far=0.4))
        pine = self.light.ground(46, 122, 88)
        for x in np.arange(0.03, self.canvas.width, 0.085):
            self._pine(x + self.between(-0.02, 0.02), shore + 0.01, self.between(0.12, 0.18), pine)
        self._water(shore)
        if not self._floating:
            grass = self.light.ground(120, 190, 92)
            self._hills(self._y(0.83), 0.025, grass, grass * 0.82)
        reed = self.light.ground(66, 132, 66)
        for x in self._edges():
            for lean in (-0.035, 0.0, 0.035):
                foot, tip = (x + lean * 0.5, self.canvas.height), (x + lean * 2, self._y(0.76))
                self.canvas.line(bezier(foot, (foot[0], self._y(0.9)), (x + lean, self._y(0.86)), tip), reed, 0.016)
                self.canvas.line([tip, (tip[0], tip[1] + 0.06)], self.light.ground(130, 84, 52), 0.028)

    def forest(self) -> None:
        self.sky.draw(self._y(0.62))
        far = self.light.ground(84, 158, 122, far=0.32)
        for x in np.linspace(0, self.canvas.width, round(9 * self.canvas.width)):
            self._pine(x + self.between(-0.04, 0.04), self._y(0.63), self.between(0.3, 0.4), far)
        self._hills(self._y(0.62), 0.015, self.light.ground(76, 152, 100, far=0.15))
        if self._floating:
            self._water(self._y(0.72))
        else:
            grass = self.light.ground(114, 182, 84)
            self._hills(self._y(0.72), 0.02, grass, grass * 0.8)
        near = self.light.ground(40, 120, 82)
        for x in self._edges():
            self._pine(x, self._y(0.92), self.between(0.66, 0.78), near)

    def mountains(self) -> None:
        self.sky.draw(self._y(0.62))
        self._peaks(self._y(0.66), 0.42)
        self._hills(self._y(0.61), 0.03, self.light.ground(84, 150, 112, far=0.12))
        if self._floating:
            self._water(self._y(0.67))
            return
        slope = self.light.ground(112, 184, 96)
        self._hills(self._y(0.7), 0.03, slope, slope * 0.8)

    def desert(self) -> None:
        self.sky.draw(self._y(0.6))
        for share, height, color, far in (
            (0.56, 0.05, (226, 162, 112), 0.25), (0.66, 0.05, (250, 204, 128), 0.0), (0.8, 0.03, (242, 184, 102), 0.0),
        ):  # fmt: skip
            sand = self.light.ground(*color, far=far)
            self._hills(self._y(share), height, sand, sand * 0.88)
        if self._floating:
            self._water(self._y(0.76))
        for x in self._edges():
            self._cactus(x, self._y(0.84), self.between(0.26, 0.32))

    def _cactus(self, x: float, y: float, height: float) -> None:
        green, inward = self.light.ground(72, 158, 96), 1 if x < self.canvas.width / 2 else -1
        self.canvas.line([(x, y), (x, y - height)], green, 0.056)
        for side, low, high in ((0.28 * inward, 0.4, 0.8), (-0.28 * inward, 0.3, 0.66)):
            elbow = x + side * height
            arm = [(x, y - low * height), (elbow, y - low * height), (elbow, y - high * height)]
            self.canvas.line(arm, green, 0.04)

    def city(self) -> None:
        base = self._y(0.72)
        self.sky.draw(base)
        tower, width = 0.12, self.canvas.width
        for x in np.arange(0, width, tower * 0.9):
            wall = self.light.ground(158, 170, 206, far=0.4) * self.between(0.94, 1.05)
            self.canvas.box(x, base - self.between(0.26, 0.42), x + tower, base, wall)
        for x in np.arange(0, width, tower * 1.04):
            height = self.between(0.12, 0.3)
            wall = self.light.ground(112, 122, 168) * self.between(0.9, 1.1)
            self.canvas.box(x, base - height, x + tower, base, wall)
            self._windows(x, base - height, height)
        if self._floating:
            self._water(self._y(0.7))
            return
        street = self.light.ground(150, 152, 166)
        self.canvas.gradient(street, street * 0.86, base, self.canvas.height)
        self.canvas.box(0, base - 0.006, width, base + 0.02, self.light.ground(222, 222, 228))

    def _windows(self, x: float, top: float, height: float) -> None:
        color = LAMP if self.light.lamps else rgb(212, 232, 248)
        for column in range(2):
            for row in range(int(height / 0.058)):
                if self.random.random() < 0.75:
                    left, y = x + 0.02 + column * 0.048, top + 0.02 + row * 0.058
                    self.canvas.box(left, y, left + 0.032, y + 0.034, color)

    def meadow(self) -> None:
        self.sky.draw(self._y(0.6))
        self._hills(self._y(0.55), 0.05, self.light.ground(126, 184, 150, far=0.35))
        self._hills(self._y(0.62), 0.04, self.light.ground(126, 196, 104, far=0.1))
        if self._floating:
            self._water(self._y(0.68))
            self._hills(self._y(0.95), 0.02, self.light.ground(120, 200, 84))
        else:
            grass = self.light.ground(138, 208, 88)
            self._hills(self._y(0.7), 0.025, grass, grass * 0.84)
        self._flowers()

    def _flowers(self) -> None:
        """Blossoms at the lower edge, large enough to be told from grass."""
        petals = [self.light.ground(*color) for color in _PETALS]
        for index, x in enumerate(np.arange(0.04, self.canvas.width, 0.105)):
            at, y = x + self.between(-0.025, 0.025), self._y(self.between(0.9, 0.965))
            self.canvas.line([(at, y), (at, self.canvas.height)], self.light.ground(78, 156, 66), 0.012)
            self.canvas.circle(at, y, 0.03, petals[(index + int(self.scene.seed)) % len(petals)])
            self.canvas.circle(at, y, 0.011, self.light.ground(250, 190, 60))

    def snow(self) -> None:
        self.sky.draw(self._y(0.62))
        self._hills(self._y(0.54), 0.06, self.light.ground(190, 210, 240, far=0.25))
        white = self.light.ground(240, 246, 255)
        self._hills(self._y(0.65), 0.03, white * 0.94)
        pine = self.light.ground(62, 132, 122)
        for x in self._edges():
            for shift, size in ((0.1, 0.26), (0.0, 0.38)):
                at, height = x + (shift if x < self.canvas.width / 2 else -shift), size * self.between(0.9, 1.1)
                self._pine(at, self._y(0.77), height, pine)
                self._cap(at, self._y(0.77), height, white)
        if self._floating:
            self._water(self._y(0.76))
        else:
            self._hills(self._y(0.76), 0.025, white * 1.03, white * 0.92)

    def _cap(self, x: float, y: float, height: float, white: Color) -> None:
        """Snow on the top of a pine."""
        top, low, half = y - height, y - height * 0.78, height * 0.08
        self.canvas.polygon([(x - half, low), (x, top), (x + half, low), (x, low - height * 0.06)], white)


_PLACES: Final[dict[str, Callable[[Backdrop], None]]] = {
    "beach": Backdrop.beach,
    "lake": Backdrop.lake,
    "forest": Backdrop.forest,
    "mountains": Backdrop.mountains,
    "desert": Backdrop.desert,
    "city": Backdrop.city,
    "meadow": Backdrop.meadow,
    "snow": Backdrop.snow,
}
