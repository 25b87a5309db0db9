"""How each time of day colours the sky, the ground and the subject. Night stays light enough to see the ground by."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from engine.starter.canvas import Color, mix, rgb

LAMP: Final = rgb(255, 220, 128)


@dataclass(frozen=True, slots=True)
class Light:
    """`tint` multiplies a surface's colour, then `veil` is mixed in by `veil_share`; a subject gets half of both."""

    sky_top: Color
    sky_low: Color
    tint: Color
    veil: Color
    veil_share: float
    body: Color
    cloud: Color
    outline: Color
    lamps: bool

    def ground(self, red: float, green: float, blue: float, far: float = 0.0) -> Color:
        """A surface's colour in this light; `far` (0 to 1) fades it into the horizon."""
        lit = mix(rgb(red, green, blue) * self.tint, self.veil, self.veil_share)
        return mix(lit, self.sky_low, far)

    def subject(self, color: Color) -> Color:
        """A subject's colour in this light: it stays nearer to its own colour than the ground does."""
        return mix(color * np.sqrt(np.sqrt(self.tint)), self.veil, self.veil_share * 0.35)

    @property
    def window(self) -> Color:
        return LAMP if self.lamps else rgb(190, 226, 246)


LIGHTS: Final[dict[str, Light]] = {
    "dawn": Light(
        sky_top=rgb(120, 158, 222), sky_low=rgb(255, 206, 200), tint=rgb(0.95, 0.88, 0.92), veil=rgb(255, 196, 206),
        veil_share=0.12, body=rgb(255, 240, 214), cloud=rgb(255, 226, 224), outline=rgb(74, 52, 84), lamps=False,
    ),
    "day": Light(
        sky_top=rgb(64, 150, 232), sky_low=rgb(200, 232, 250), tint=rgb(1, 1, 1), veil=rgb(255, 255, 255),
        veil_share=0.0, body=rgb(255, 232, 110), cloud=rgb(255, 255, 255), outline=rgb(44, 38, 56), lamps=False,
    ),
    "sunset": Light(
        sky_top=rgb(136, 62, 128), sky_low=rgb(255, 178, 84), tint=rgb(0.92, 0.7, 0.64), veil=rgb(255, 130, 60),
        veil_share=0.14, body=rgb(255, 232, 140), cloud=rgb(255, 160, 128), outline=rgb(58, 28, 54), lamps=True,
    ),
    "dusk": Light(
        sky_top=rgb(62, 50, 126), sky_low=rgb(214, 132, 182), tint=rgb(0.7, 0.62, 0.84), veil=rgb(140, 80, 170),
        veil_share=0.18, body=rgb(250, 244, 226), cloud=rgb(232, 176, 214), outline=rgb(34, 24, 62), lamps=True,
    ),
    "night": Light(
        sky_top=rgb(14, 22, 74), sky_low=rgb(74, 104, 186), tint=rgb(0.5, 0.6, 0.82), veil=rgb(44, 74, 160),
        veil_share=0.16, body=rgb(250, 246, 226), cloud=rgb(120, 140, 200), outline=rgb(12, 14, 44), lamps=True,
    ),
}  # fmt: skip
