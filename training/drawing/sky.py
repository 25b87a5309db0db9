"""The sky of a scene: its gradient, and one thing to see in it, large enough to be learnt."""

import numpy as np

from training.drawing.canvas import Box, Canvas, Point, mix, rgb
from training.drawing.light import Light
from training.world.scene import Scene

BODY_RADIUS = 0.1
_STAR = rgb(255, 250, 224)
_SPARKLE = 0.032
_PUFFS = ((-0.1, 0.012, 0.055), (-0.02, -0.03, 0.078), (0.075, -0.008, 0.062), (0.14, 0.026, 0.04))
_BOLT = ((0.02, -0.17), (-0.075, 0.02), (-0.012, 0.02), (-0.045, 0.18), (0.085, -0.035), (0.02, -0.035), (0.075, -0.17))


class Sky:
    """Draws the sky; `boxes` says where its sun, moon, clouds or lightning are, `body_x` below what the water shines.

    What is in the sky keeps to the side where the subject is not, and to the right where that is free: of a sun that
    may stand on either side a small painter draws two.
    """

    def __init__(self, canvas: Canvas, scene: Scene, light: Light, random: np.random.Generator) -> None:
        self.canvas, self.scene, self.light, self.random = canvas, scene, light, random
        side = self._between(0.15, 0.24) * canvas.width
        self.body_x = side if scene.position == "right" else canvas.width - side
        self.boxes: list[Box] = []
        self.stars: list[Point] = []
        """Where stars are, in units, that whoever asks for the sky has placed himself."""

    def _between(self, low: float, high: float) -> float:
        return float(self.random.uniform(low, high))

    def draw(self, horizon: float) -> None:
        """Fill the picture with sky, its lowest colour reached at the horizon."""
        canvas, light = self.canvas, self.light
        canvas.gradient(light.sky_top, light.sky_low, 0, horizon)
        canvas.gradient(light.sky_low, light.sky_low, horizon, canvas.height)
        for star in self.stars:
            self._sparkle(star, _SPARKLE)
        if self.scene.sky in ("sun", "moon"):
            self._body()
        elif self.scene.sky == "clouds":
            self._cloud(self.body_x, self._between(0.12, 0.18) * canvas.height, 1.15)
            self._cloud(canvas.width - self.body_x, self._between(0.24, 0.31) * canvas.height, 0.9)
        elif self.scene.sky == "stars":
            self._stars(34, horizon)
        elif self.scene.sky == "storm":
            self._storm(horizon)

    def _body(self) -> None:
        canvas, light = self.canvas, self.light
        low = self.scene.time in ("dawn", "sunset")
        y = self._between(0.21, 0.28) if low else self._between(0.15, 0.2)
        x, y = self.body_x, y * canvas.height
        if self.scene.sky == "moon":
            self._stars(9, y * 2)
        canvas.glow(x, y, 0.36, light.body, 0.65)
        canvas.circle(x, y, BODY_RADIUS, light.body)
        if self.scene.sky == "moon":
            grey = mix(light.body, light.sky_low, 0.28)
            for dx, dy, radius in ((-0.035, -0.025, 0.026), (0.035, 0.01, 0.019), (-0.01, 0.045, 0.015)):
                canvas.circle(x + dx, y + dy, radius, grey)
        reach = BODY_RADIUS + 0.03
        self.boxes.append((x - reach, y - reach, x + reach, y + reach))

    def _stars(self, count: int, horizon: float) -> None:
        for index, (x, y, size) in enumerate(self.random.random((count, 3))):
            at = (x * self.canvas.width, (0.03 + y * 0.8) * horizon)
            if index % 6 == 0:
                self._sparkle(at, 0.028 + 0.014 * size)
            else:
                self.canvas.circle(*at, 0.008 + 0.007 * size, _STAR)

    def _sparkle(self, at: Point, size: float) -> None:
        thin = size * 0.26
        angles = np.arange(8) * np.pi / 4
        reach = np.where(np.arange(8) % 2, thin * 1.41, size)
        points = zip(at[0] + reach * np.cos(angles), at[1] + reach * np.sin(angles), strict=True)
        self.canvas.polygon([(float(x), float(y)) for x, y in points], _STAR)

    def _cloud(self, x: float, y: float, size: float) -> None:
        shade = mix(self.light.cloud, self.light.sky_low, 0.35)
        for color, lift in ((shade, 0.0), (self.light.cloud, 0.018)):
            for dx, dy, radius in _PUFFS:
                self.canvas.circle(x + dx * size, y + (dy - lift) * size, radius * size, color)
            right, low = x + 0.18 * size, y + (0.068 - lift) * size
            self.canvas.box(x - 0.155 * size, y - lift * size, right, low, color, 0.033 * size)
        self.boxes.append((x - 0.17 * size, y - 0.13 * size, x + 0.19 * size, y + 0.08 * size))

    def _storm(self, horizon: float) -> None:
        """A bank of dark clouds, rain, and one bolt."""
        canvas, dark = self.canvas, self.light.cloud
        pale = mix(dark, self.light.sky_low, 0.3)
        for color, base in ((pale, 0.2), (dark, 0.1)):
            for x in np.arange(-0.05, canvas.width + 0.1, 0.17):
                canvas.circle(x + self._between(-0.03, 0.03), base * canvas.height, self._between(0.1, 0.14), color)
            canvas.gradient(color, color, 0, base * canvas.height)
        rain = mix(self.light.sky_low, rgb(255, 255, 255), 0.35)
        for x, y in self.random.random((16, 2)):
            left, top = x * canvas.width, (0.3 + 0.65 * y) * horizon
            canvas.line([(left, top), (left - 0.03, top + 0.09)], rain, 0.008)
        x, y = self.body_x, 0.33 * canvas.height
        canvas.glow(x, y, 0.3, rgb(255, 250, 214), 0.45)
        canvas.polygon([(x + dx, y + dy) for dx, dy in _BOLT], rgb(255, 238, 130))
        self.boxes.append((x - 0.12, y - 0.2, x + 0.12, y + 0.2))
