"""How time and weather colour the sky, the ground and the subject. Night stays light enough to see the ground by."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from training.drawing.canvas import Color, mix, rgb

LAMP: Final = rgb(255, 222, 132)
SLATE: Final = rgb(84, 94, 118)


@dataclass(frozen=True, slots=True)
class Light:
    """`tint` multiplies a surface's colour, then `veil` is mixed in by `veil_share`; a subject gets a third of both."""

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
        return mix(color * np.sqrt(np.sqrt(self.tint)), self.veil, self.veil_share * 0.3)

    @property
    def window(self) -> Color:
        return LAMP if self.lamps else rgb(190, 228, 248)

    def in_storm(self) -> "Light":
        """The same time under dark clouds: greyer above, less coloured below."""
        return replace(
            self,
            sky_top=mix(self.sky_top, SLATE, 0.72),
            sky_low=mix(self.sky_low, rgb(150, 160, 178), 0.5),
            tint=self.tint * 0.9,
            veil=mix(self.veil, SLATE, 0.6),
            veil_share=self.veil_share + 0.1,
            cloud=mix(mix(self.sky_top, SLATE, 0.6), rgb(30, 34, 52), 0.4),
        )


LIGHTS: Final[dict[str, Light]] = {
    "dawn": Light(
        sky_top=rgb(132, 176, 232), sky_low=rgb(255, 208, 198), tint=rgb(0.98, 0.92, 0.95), veil=rgb(255, 204, 214),
        veil_share=0.14, body=rgb(255, 240, 208), cloud=rgb(255, 230, 230), outline=rgb(78, 54, 88), lamps=False,
    ),
    "day": Light(
        sky_top=rgb(62, 156, 238), sky_low=rgb(202, 236, 252), tint=rgb(1, 1, 1), veil=rgb(255, 255, 255),
        veil_share=0.0, body=rgb(255, 230, 96), cloud=rgb(255, 255, 255), outline=rgb(46, 40, 60), lamps=False,
    ),
    "sunset": Light(
        sky_top=rgb(150, 66, 134), sky_low=rgb(255, 184, 88), tint=rgb(0.98, 0.76, 0.68), veil=rgb(255, 136, 66),
        veil_share=0.14, body=rgb(255, 234, 146), cloud=rgb(255, 158, 132), outline=rgb(66, 30, 60), lamps=True,
    ),
    "dusk": Light(
        sky_top=rgb(70, 58, 144), sky_low=rgb(226, 144, 196), tint=rgb(0.76, 0.68, 0.9), veil=rgb(146, 92, 184),
        veil_share=0.18, body=rgb(252, 246, 228), cloud=rgb(226, 176, 222), outline=rgb(40, 28, 72), lamps=True,
    ),
    "night": Light(
        sky_top=rgb(18, 30, 92), sky_low=rgb(86, 122, 206), tint=rgb(0.58, 0.68, 0.92), veil=rgb(52, 84, 176),
        veil_share=0.18, body=rgb(254, 250, 226), cloud=rgb(134, 156, 214), outline=rgb(14, 16, 52), lamps=True,
    ),
}  # fmt: skip


def light_of(time: str, sky: str) -> Light:
    """The light of a time of day under a sky."""
    return LIGHTS[time].in_storm() if sky == "storm" else LIGHTS[time]
