"""The pictures that a gallery's decoder learns by heart, and the noise that painters' latents have."""

from random import Random

import torch
from torch import Tensor

from training.drawing.collage import CELLS, Picture
from training.stages.illustrator import PIXELS, Illustrator
from training.stages.latent_space import CHANNELS, PATCH, PatchBasis, to_tensor
from training.stages.worlds import GalleryWorld
from training.world.composition import Composition
from training.world.scene import SHAPES

MARK_NOISE, BLUR_NOISE = 0.4, 1.6
"""Painted latents are not perfect: the decoder learns on latents with up to this much noise, on the blur's channels in
their standard deviations. As much on the finest of them as on the coarsest taught it to look at none of the fine ones:
mountains had no peaks then.
"""


class Album:
    """Pictures that training comes back to: as latents and, when what doubles has been learnt, as codes.

    Those of 512 pixels are drawn again each time: a thousand of them take a gigabyte.
    """

    def __init__(
        self, world: GalleryWorld, basis: PatchBasis, seed: int, pages: int, scenes: int, volume: int = 0
    ) -> None:
        """Every volume has other pictures."""
        self._world, self._seed, self._pages = world, f"{seed} album {volume}", pages
        scenes_drawn = (self._drawn(number, PATCH) for number in range(pages + scenes))
        self.latents = torch.stack(
            [torch.from_numpy(world.latents(basis, scene, drawn)) for scene, drawn in scenes_drawn]
        )
        self.things = self.latents[:, CHANNELS : CHANNELS + 1] > 0.5
        self._deviation = self.latents[:, :CHANNELS].std((0, 2, 3))[:, None, None]

    def __len__(self) -> int:
        return len(self.latents)

    def picture(self, number: int) -> Tensor:
        """(3, 512, 512) in [-1, 1]."""
        _, drawn = self._drawn(number, PIXELS)
        return to_tensor(drawn.pixels)

    def noisy(self, latents: Tensor, most: float, generator: torch.Generator) -> Tensor:
        """Latents with noise that is in proportion to the album's own deviations."""
        return noisy(latents, most, self._deviation, generator)

    def coded(self, illustrator: Illustrator, device: torch.device) -> Tensor:
        """The codes of all pictures, (n, 96, rows, columns)."""
        with torch.no_grad():
            return torch.cat(
                [illustrator.code(self.picture(number)[None].to(device)).cpu() for number in range(len(self))]
            )

    def _drawn(self, number: int, cell: int) -> tuple[Composition, Picture]:
        random = Random(f"{self._seed} {number}")
        if number < self._pages:
            scene, (page,) = self._world.page(random, [cell])
            return scene, page
        scene, (columns, rows) = self._world.sample(random), CELLS[SHAPES["square"]]
        return scene, self._world.render(scene, columns * cell, rows * cell)


def noisy(latents: Tensor, most: float, deviation: Tensor, generator: torch.Generator) -> Tensor:
    """Latents as a painter may give them: noise on both parts, on each as strong as chance will have it.

    `deviation` is that of the blur's channels, (channels, 1, 1).
    """
    shares = torch.rand(2, len(latents), 1, 1, 1, generator=generator)
    noise = torch.randn(latents.shape, generator=generator)
    noise[:, :CHANNELS] *= BLUR_NOISE * most * shares[0] ** 1.5 * deviation
    noise[:, CHANNELS:] *= MARK_NOISE * most * shares[1] ** 1.5
    return latents + noise
