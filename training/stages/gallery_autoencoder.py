"""The AutoencoderTiny of a gallery's painter: its decoder draws what a layout says, its encoder reads it in a picture.

The decoder is learnt from its end. A coder, which is only for training, makes a few numbers of each cell of a picture,
and what doubles learns to draw the picture again from them, at half its size: that knows edges, not things. What is not
in these numbers nothing brings back later, and eyes, spots and treetops come into them last. Then the decoder's first
blocks learn those numbers by heart from the latents, at the size of the latents, where a step costs a tenth: cells one
by one, through nothing but the middles of the kernels, then whole pictures. At last all of it is learnt together, at
half the size and then at the whole one. The encoder shares nothing with it, and has a phase of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.drawing.collage import CELLS
from training.drawing.weather import TEXTURE
from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import autocast
from training.runtime.loop import train
from training.runtime.progress import Progress
from training.runtime.sheets import tile
from training.stages.album import Album
from training.stages.autoencoder import CHECKPOINT, EDGE_WEIGHT, edges
from training.stages.illustrator import PIXELS, Illustrator
from training.stages.latent_space import CHANNELS, PATCH, PatchBasis, to_pixels, to_tensor
from training.stages.worlds import GalleryWorld
from training.world.scene import SHAPES

SHOWN = 8
TOLD_WEIGHT = 1.5
"""How much more a cell counts in which the layout tells of something than one of the backdrop."""

CODE_NOISE, CODE_PENALTY = 0.1, 1e-3
"""What doubles learns from codes that are not exact, and codes are kept small, so that all errors in them are alike."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the training: until which share of the budget, its highest learning rate, examples in a step, and how
    much of the noise on latents there is. What is learnt by heart is learnt sooner with little noise, and is sharper.
    """

    until: float
    peak: float
    batch: int
    noise: float


CODES: Final = Phase(0.3, 1.5e-3, 2, 0.0)
SINGLE: Final = Phase(0.45, 1.5e-3, 1024, 0.2)
GRIDS: Final = Phase(0.8, 1e-3, 8, 0.35)
HALF: Final = Phase(0.88, 2e-4, 2, 0.3)
WHOLE: Final = Phase(0.9, 1.5e-4, 1, 0.3)
READ: Final = Phase(1.0, 1e-3, 1, 0.0)
PHASES: Final = (CODES, SINGLE, GRIDS, HALF, WHOLE, READ)

CROP: Final = 8
"""Latents that a crop of a finished picture is wide and high."""

PAGES, SCENES = 2400, 6000
"""Pictures that the first three phases learn from at a time: pages of things on plain paper, and scenes."""

ALBUM_STEPS: Final = 5000
"""Steps of these phases until other pictures are drawn: those that come back too often are learnt as they are, and not
the things in them. On one album a decoder of four more blocks learnt half of what it did not know of the album, and
drew fewer of the things of other pictures than before."""

PAGE_SHARE: Final = 0.4
"""Of the pictures that are drawn anew for `HALF` and `WHOLE`."""


class PhasedSchedule:
    """In each phase a short rise to its peak, and a fall to a tenth of that."""

    def rate(self, _step: int, spent: float) -> float:
        phase, done = _phase(spent)
        return phase.peak * min(1.0, 0.02 + 50 * done) * (1 - 0.9 * done)


def _phase(spent: float) -> tuple[Phase, float]:
    """The phase at a share of the budget, and how much of that phase is over."""
    begun = 0.0
    for phase in PHASES:
        if spent < phase.until:
            return phase, (spent - begun) / (phase.until - begun)
        begun = phase.until
    return PHASES[-1], 1.0


class CodedAlbum:
    """An album, and the codes of its pictures as they are when first asked for."""

    def __init__(self, album: Album, illustrator: Illustrator, device: torch.device) -> None:
        self.album, self._illustrator, self._device = album, illustrator, device

    @cached_property
    def codes(self) -> Tensor:
        """(n, 96, rows, columns)."""
        return self.album.coded(self._illustrator, self._device)

    @cached_property
    def cells(self) -> tuple[Tensor, Tensor]:
        """The cells of things: latents (n, channels) and codes (n, 96)."""
        there = self.album.things[:, 0]
        return self.album.latents.permute(0, 2, 3, 1)[there], self.codes.permute(0, 2, 3, 1)[there]


class Lessons:
    """The loss of a step in each phase."""

    def __init__(self, home: Path, world: GalleryWorld, basis: PatchBasis, illustrator: Illustrator, run: Run,
                 volume: Callable[[int], Album]) -> None:  # fmt: skip
        """`volume` draws the album with a number."""
        self._home, self._world, self._basis, self._illustrator, self._run = home, world, basis, illustrator, run
        self._numbered = lru_cache(maxsize=1)(lambda number: CodedAlbum(volume(number), illustrator, run.device))

    @property
    def _coded_album(self) -> CodedAlbum:
        return self._numbered(self._run.step // ALBUM_STEPS)

    @property
    def _album(self) -> Album:
        return self._coded_album.album

    def loss(self, random: Random, generator: torch.Generator, spent: float) -> Tensor:
        phase, _ = _phase(spent)
        if phase is CODES:
            return self._coded(random, generator)
        if phase is SINGLE:
            return self._remembered_cells(generator)
        if phase is GRIDS:
            return self._remembered(generator)
        if phase is READ:
            return self._read(random)
        return self._drawn(phase, random, generator)

    def _coded(self, random: Random, generator: torch.Generator) -> Tensor:
        """What doubles draws of the codes of pictures."""
        numbers = random.choices(range(len(self._album)), k=CODES.batch)
        chosen = [cropped(self._album.picture(number), self._album.latents[number], CROP, random) for number in numbers]
        images, latents = (torch.stack(part) for part in zip(*chosen, strict=True))
        with autocast(self._home):
            codes = self._illustrator.code(self._on(images))
            noise = torch.randn(codes.shape, generator=generator).to(codes.device)
            drawn = self._illustrator.finish_half(codes + CODE_NOISE * noise)
        return (
            self._picture_loss(drawn, functional.avg_pool2d(images, 2), latents)
            + CODE_PENALTY * codes.float().square().mean()
        )

    def _remembered_cells(self, generator: torch.Generator) -> Tensor:
        cells, codes = self._coded_album.cells
        chosen = torch.randint(len(cells), (SINGLE.batch,), generator=generator)
        noisy = self._album.noisy(cells[chosen][..., None, None], SINGLE.noise, generator)[..., 0, 0]
        with autocast(self._home):
            recalled = self._illustrator.recall_cells(noisy.to(self._run.device))
        return functional.mse_loss(recalled.float(), codes[chosen].to(self._run.device))

    def _remembered(self, generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(self._album), (GRIDS.batch,), generator=generator)
        noisy = self._album.noisy(self._album.latents[chosen], GRIDS.noise, generator)
        with autocast(self._home):
            recalled = self._illustrator.recall(self._on(noisy))
        error = (recalled.float() - self._coded_album.codes[chosen].to(self._run.device)).square()
        weights = 1 + TOLD_WEIGHT * told(self._album.latents[chosen]).to(self._run.device)
        return (error * weights).mean()

    def _read(self, random: Random) -> Tensor:
        """The encoder's: what it reads in a finished picture."""
        image, latents = drawn_scene(self._world, self._basis, random, random.choice(list(SHAPES)))
        with autocast(self._home):
            read = self._illustrator.read(self._on(image[None]))
        error = (read.float() - latents[None].to(self._run.device)).square()
        return (error * (1 + TOLD_WEIGHT * told(latents[None]).to(self._run.device))).mean()

    def _drawn(self, phase: Phase, random: Random, generator: torch.Generator) -> Tensor:
        images, latents = self._crops(phase.batch, random)
        noisy, illustrator = self._on(self._album.noisy(latents, phase.noise, generator)), self._illustrator
        with autocast(self._home):
            drawn = illustrator.draw(noisy) if phase is WHOLE else illustrator.draw_half(noisy)
        return self._picture_loss(drawn, images if phase is WHOLE else functional.avg_pool2d(images, 2), latents)

    def _crops(self, count: int, random: Random) -> tuple[Tensor, Tensor]:
        crops = []
        for _ in range(count):
            if random.random() < PAGE_SHARE:
                image, latents = _page(self._world, self._basis, random)
            else:
                image, latents = drawn_scene(self._world, self._basis, random, random.choice(list(SHAPES)))
            crops.append(cropped(image, latents, CROP, random))
        pictures, all_ = (torch.stack(part) for part in zip(*crops, strict=True))
        return pictures, all_

    def _picture_loss(self, drawn: Tensor, images: Tensor, latents: Tensor) -> Tensor:
        return drawing_loss(drawn.float(), images.to(self._run.device), told(latents).to(self._run.device))

    def _on(self, images: Tensor) -> Tensor:
        return images.to(self._run.device, memory_format=torch.channels_last)


def train_gallery_autoencoder(home: Path, world: GalleryWorld, budget: Budget, seed: int) -> None:
    """Train both halves, in all phases."""
    torch.manual_seed(seed)
    basis, illustrator = PatchBasis.load(home / "basis.npz"), Illustrator(world.channels)
    illustrator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = _run(home, illustrator, seed)

    def volume(number: int) -> Album:
        return Album(world, basis, seed, min(PAGES, budget.steps), min(SCENES, budget.steps), number)

    lessons = Lessons(home, world, basis, illustrator, run, volume)

    def samples(progress: Progress) -> None:
        shown = [drawn_scene(world, basis, Random(f"{seed} {number}"), "square") for number in range(SHOWN)]
        _show(progress, run, illustrator, shown)

    train(run, budget, PhasedSchedule(), lessons.loss, samples)


def _show(progress: Progress, run: Run, illustrator: Illustrator, scenes: list[tuple[Tensor, Tensor]]) -> None:
    """Pictures, what the decoder makes of their latents, and of those that the encoder reads in them."""
    images, latents = (torch.stack(part).to(run.device) for part in zip(*scenes, strict=True))
    restored = illustrator.draw(latents).float()
    again = illustrator.draw(illustrator.read(images)).float()
    progress.sheet("drawn, restored", tile(to_pixels(torch.cat([images, restored, again]).cpu()), SHOWN), run.step)
    for name, pictures in (("decibels", restored), ("decibels, read", again)):
        error = functional.mse_loss(pictures.clamp(-1, 1), images).item()
        progress.curve(name, float(10 * np.log10(4 / error)), run.step)


def load_illustrator(home: Path, world: GalleryWorld, seed: int) -> Illustrator:
    """The autoencoder with its averaged weights."""
    illustrator = Illustrator(world.channels)
    _run(home, illustrator, seed).use_average()
    return illustrator


def _run(home: Path, illustrator: Illustrator, seed: int) -> Run:
    return Run(home / CHECKPOINT, illustrator, adamw(illustrator.parameters(), 1e-4), seed, ema=0.998)


def _page(world: GalleryWorld, basis: PatchBasis, random: Random) -> tuple[Tensor, Tensor]:
    """A page of things as a picture and as latents."""
    scene, (small, drawn) = world.page(random, [PATCH, PIXELS])
    return to_tensor(drawn.pixels), torch.from_numpy(world.latents(basis, scene, small))


def drawn_scene(world: GalleryWorld, basis: PatchBasis, random: Random, shape: str) -> tuple[Tensor, Tensor]:
    """A scene, as a finished picture of a shape, and as latents."""
    scene, (columns, rows) = world.sample(random), CELLS[SHAPES[shape]]
    small = world.render(scene, columns * PATCH, rows * PATCH)
    drawn = world.render(scene, columns * PIXELS, rows * PIXELS)
    return to_tensor(drawn.pixels), torch.from_numpy(world.latents(basis, scene, small))


def cropped(image: Tensor, latents: Tensor, crop: int, random: Random) -> tuple[Tensor, Tensor]:
    """A crop of so many latents from a picture and its latents; more of the ground than of the sky."""
    rows, columns = latents.shape[1:]
    top = max(random.randrange(rows - crop + 1) for _ in range(2))
    left = random.randrange(columns - crop + 1)
    image = image[:, top * PIXELS : (top + crop) * PIXELS, left * PIXELS : (left + crop) * PIXELS]
    return image, latents[:, top : top + crop, left : left + crop]


def told(latents: Tensor) -> Tensor:
    """Cells (b, 1, h, w) of latents (b, channels, h, w) that have a part of a thing, a drop, a flake or a star."""
    return (latents[:, CHANNELS : CHANNELS + 1] > 0.5) | (latents[:, -TEXTURE : 1 - TEXTURE] > 0.5)


def drawing_loss(drawn: Tensor, images: Tensor, more: Tensor) -> Tensor:
    """Absolute, squared and edge error; `more` (b, 1, h, w) says in which cells they count more."""
    size = images.shape[2] // more.shape[2]
    weights = 1 + TOLD_WEIGHT * more.float().repeat_interleave(size, 2).repeat_interleave(size, 3)
    error = (drawn - images).abs()
    return ((error + 0.5 * error.square()) * weights).mean() + EDGE_WEIGHT * edges(drawn, images)
