"""UpscalerSpec: what a super-resolution network enlarges how many times, and the tiles that a picture is cut into.

Invariant: all tiles of a picture have one shape, and each pixel of the result comes from tiles in which it lies at
least `crop` pixels within the edge; where two of them meet, one fades into the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.api.errors import BadRequest
from engine.api.messages import MAX_SEED, ImageRequest, StartImage, UpscalerFacts
from engine.jobs.requests import Painting, PictureFile, Start
from engine.models.upscaler_file import UpscalerFile
from engine.painting.start_image import read_picture

MAX_SIDE = 6_144
"""Pixels of an enlarged picture's longer side: four times a wide picture of a 1024-pixel model fits, and it decodes to
113 MB at most."""
CROP, FEATHER = 24, 8
"""Pixels at a tile's edge that are thrown away, as far as the network looks that far, and half of those over which two
tiles fade into each other. Beyond 24 pixels a deep network of trained weights sees next to nothing."""
SIDES = (512, 384, 256, 192, 128, 96)
"""Pixels of a tile's side, its edge included."""
LARGEST_ON_CPU = 256
"""A tile is a step, and others wait for a step."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Tiles of `width` x `height` pixels without their edges, in columns and rows; the last may reach beyond."""

    columns: int
    rows: int
    width: int
    height: int

    def __len__(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True, slots=True)
class UpscalerSpec:
    """A network's name, and how many times larger a picture may become.

    `side`, `crop` and `feather` are pixels, multiples of `unit`.
    """

    name: str
    scales: tuple[int, ...]
    side: int
    crop: int
    feather: int
    unit: int = 1

    @classmethod
    def of(cls, file: UpscalerFile, side: int) -> UpscalerSpec:
        """`side` is one of SIDES, in pixels as the network sees them."""
        unit = file.unshuffle
        crop = min(file.reach // unit, CROP)
        return cls(file.name, file.scales, side * unit, crop * unit, FEATHER * unit, unit)

    @property
    def facts(self) -> UpscalerFacts:
        return UpscalerFacts(self.name, list(self.scales), MAX_SIDE)

    @property
    def edge(self) -> int:
        """Pixels around a tile that are computed along with it."""
        return self.crop + self.feather

    def grid(self, width: int, height: int) -> Grid:
        """Return how a picture of this size is cut, into tiles that are about equal."""
        inner = self.side - 2 * self.edge
        wide, high = (self._multiple(side / math.ceil(side / inner)) for side in (width, height))
        return Grid(math.ceil(width / wide), math.ceil(height / high), wide, high)

    def plan(self, request: ImageRequest, seed: int, start: StartImage) -> Painting:
        """Return the work of enlarging a picture, a step for each tile. Raises BadRequest.

        Prompt and seed are only written down with the picture, as those that it was painted from.
        """
        if start.upscale not in self.scales:
            raise BadRequest(f"upscale: {self.name} enlarges {self._named} times.", param="upscale")
        if start.mask is not None or start.strength is not None or start.references or request.n > 1:
            raise BadRequest(
                "upscale: one whole picture is enlarged; leave out mask, strength, n and further pictures.",
                param="upscale",
            )
        picture = read_picture(start.image)
        width, height = picture.width * start.upscale, picture.height * start.upscale
        if max(width, height) > MAX_SIDE:
            raise BadRequest(
                f"upscale: it would have {width}x{height} pixels, and {MAX_SIDE} a side are the most.", param="upscale"
            )
        return Painting(
            prompt=request.prompt,
            width=width,
            height=height,
            steps=len(self.grid(picture.width, picture.height)),
            seeds=((seed if request.seed is None else request.seed) % (MAX_SEED + 1),),
            negative=request.negative_prompt or None,
            start=Start(picture),
            file=PictureFile.of(request),
            upscale=start.upscale,
        )

    @property
    def _named(self) -> str:
        return " or ".join(map(str, self.scales))

    def _multiple(self, pixels: float) -> int:
        return math.ceil(pixels / self.unit) * self.unit
