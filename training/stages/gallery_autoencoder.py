"""The AutoencoderTiny of a gallery's painter: its decoder draws what a layout says, its encoder reads it in a picture.

The decoder learns the drawings by heart before it has doubled anything: a head of its own unfolds each latent to 8×8
pixels. At first it has nothing but the middles of its kernels and learns cells one by one, a tenth of the work for as
many of them; then it learns from whole pictures, then at 128 pixels, then at 512.
"""

from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch
from diffusers import AutoencoderTiny
from diffusers.models.autoencoders.vae import AutoencoderTinyBlock
from torch import Tensor, nn
from torch.nn import functional

from training.drawing.collage import CELLS
from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import autocast
from training.runtime.loop import Schedule, train
from training.runtime.progress import Progress
from training.runtime.sheets import tile
from training.stages.autoencoder import CHECKPOINT, EDGE_WEIGHT, edges
from training.stages.latent_space import CHANNELS, PATCH, PatchBasis, to_pixels, to_tensor
from training.stages.worlds import GalleryWorld
from training.world.composition import Composition
from training.world.scene import SHAPES

SHOWN = 8
THING_WEIGHT = 4.0
"""How much more a cell of a thing counts than one of the backdrop."""

MARK_NOISE, BLUR_NOISE = 0.4, 0.8
"""Painted latents are not perfect: the decoder learns on latents with up to this much noise."""

_WIDTH, _READING_WIDTH = 96, 64
_DOUBLINGS = 5


class Phase:
    """A part of the training: how many pixels wide the decoder makes a latent (0: it sees single cells), pictures or
    cells in a step, latents that a crop is wide and high, until which share of the budget, which share of the steps are
    pages of things on plain paper, not scenes, and which share of the noise on latents there is. What is learnt by
    heart is learnt sooner without noise."""

    def __init__(self, pixels: int, batch: int, crop: int, until: float, pages: float, noise: float) -> None:
        self.pixels, self.batch, self.crop, self.until, self.pages = pixels, batch, crop, until, pages
        self.noise = noise

    @property
    def cell(self) -> int:
        """Pixels of a latent in the pictures that are learnt from."""
        return max(PATCH, self.pixels)


CELLS_FIRST: Final = Phase(0, 1024, 1, 0.6, 1.0, 0.2)
PHASES: Final = (
    CELLS_FIRST,
    Phase(1, 8, 12, 0.8, 0.8, 0.2),
    Phase(8, 3, 12, 0.92, 0.5, 0.6),
    Phase(32, 1, 9, 1.0, 0.25, 1.0),
)
GREY: Final = (128, 128, 128)
POOL: Final = 1500
"""Pages from which single cells are drawn: 0.3 million cells."""

_READ_EVERY = 2
"""In the last phase every second step trains the encoder instead."""


def new_gallery_autoencoder(channels: int) -> AutoencoderTiny:
    """32 pixels a latent, unscaled. The decoder works at up to 64 pixels of width; from there it enlarges linearly."""
    return AutoencoderTiny(
        in_channels=3, out_channels=3, latent_channels=channels, scaling_factor=1.0, force_upcast=False,
        encoder_block_out_channels=(_READING_WIDTH,) * (_DOUBLINGS + 1), num_encoder_blocks=(0, 0, 0, 1, 2, 3),
        decoder_block_out_channels=(_WIDTH,) * (_DOUBLINGS + 1), num_decoder_blocks=(6, 3, 2, 0, 0, 0),
    )  # fmt: skip


class Illustrator(nn.Module):
    """The decoder with the heads by which it is trained at a part of its size, and the encoder."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        autoencoder = new_gallery_autoencoder(channels)
        self.encoder, self.decoder = autoencoder.encoder, autoencoder.decoder
        unfolding = nn.Sequential(nn.Conv2d(_WIDTH, 3 * PATCH**2, 3, 1, 1), nn.PixelShuffle(PATCH))
        self.heads = nn.ModuleDict({"1": unfolding, "8": nn.Conv2d(_WIDTH, 3, 3, 1, 1)})
        self._ends = [at for at, layer in enumerate(self.decoder.layers) if isinstance(layer, nn.Upsample)]
        for layer in (*self.decoder.layers[: self._ends[0]].modules(), unfolding[0]):
            if isinstance(layer, nn.Conv2d):
                _leave_the_middle(layer)

    def draw(self, latents: Tensor, pixels: int) -> Tensor:
        """(b, channels, h, w) to a picture (b, 3, h · pixels, w · pixels) in [-1, 1]; of 1 pixel, unfolded to 8."""
        if str(pixels) not in self.heads:
            drawn: Tensor = self.decoder(latents)
            return drawn
        features = torch.tanh(latents / 3) * 3  # as the decoder itself does
        for layer in self.decoder.layers[: self._ends[pixels.bit_length() - 1]]:
            features = layer(features)
        head: Tensor = self.heads[str(pixels)](features)
        return head

    def draw_cells(self, cells: Tensor) -> Tensor:
        """Latents (n, channels), each alone, to (n, 3 · 8 · 8), by the middles of the kernels."""
        features = torch.tanh(cells / 3) * 3
        for layer in self.decoder.layers[: self._ends[0]]:
            features = _on_cells(layer, features)
        return _on_cells(self.heads["1"][0], features)  # type: ignore[index]

    def read(self, images: Tensor) -> Tensor:
        """Pictures (b, 3, h, w) in [-1, 1] to latents."""
        latents: Tensor = self.encoder(images)
        return latents

    def autoencoder(self) -> AutoencoderTiny:
        """Both halves as the engine loads them, without the heads."""
        autoencoder = new_gallery_autoencoder(self.encoder.layers[-1].out_channels)
        autoencoder.encoder.load_state_dict(self.encoder.state_dict())
        autoencoder.decoder.load_state_dict(self.decoder.state_dict())
        return autoencoder.eval()


def _leave_the_middle(layer: nn.Conv2d) -> None:
    """Start a convolution as one that looks at nothing but its own cell."""
    middle, bound = layer.kernel_size[0] // 2, layer.in_channels**-0.5
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[..., middle, middle].uniform_(-bound, bound)


def _on_cells(layer: nn.Module, cells: Tensor) -> Tensor:
    """What a layer of the decoder makes of cells (n, channels) that have no neighbours."""
    if isinstance(layer, nn.Conv2d):
        middle = layer.kernel_size[0] // 2
        return functional.linear(cells, layer.weight[..., middle, middle], layer.bias)
    if isinstance(layer, AutoencoderTinyBlock):
        added = cells
        for part in layer.conv:
            added = _on_cells(part, added)
        fused: Tensor = layer.fuse(added + _on_cells(layer.skip, cells))
        return fused
    changed: Tensor = layer(cells)
    return changed


def train_gallery_autoencoder(home: Path, world: GalleryWorld, budget: Budget, seed: int) -> None:
    """Train both halves on scenes that are drawn for each step anew."""
    torch.manual_seed(seed)
    basis, illustrator = PatchBasis.load(home / "basis.npz"), Illustrator(world.channels)
    illustrator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = _run(home, illustrator, seed)
    pool = cache(partial(_pool, world, basis, seed, min(POOL, budget.steps)))

    def loss_of(random: Random, generator: torch.Generator, spent: float) -> Tensor:
        phase = next(phase for phase in PHASES if spent < phase.until)
        if phase is CELLS_FIRST:
            cells, patches = pool()
            chosen = torch.randint(len(cells), (phase.batch,), generator=generator)
            noisy = _noisy(cells[chosen][..., None, None], phase.noise, generator)[..., 0, 0]
            with autocast(home):
                guessed = illustrator.draw_cells(noisy.to(run.device))
            return functional.mse_loss(guessed.float(), patches[chosen].to(run.device) / 127.5 - 1)
        if phase is PHASES[-1] and run.step % _READ_EVERY:
            _, images, latents = drawn_scene(world, basis, random, random.choice(list(SHAPES)), phase.cell)
            with autocast(home):
                read = illustrator.read(_on(run, images[None]))
            return functional.mse_loss(read.float(), latents[None].to(run.device))
        images, latents = _crops(world, basis, random, phase)
        with autocast(home):
            drawn = illustrator.draw(_on(run, _noisy(latents, phase.noise, generator)), phase.pixels)
        return drawing_loss(
            drawn.float(), images.to(run.device), latents[:, CHANNELS : CHANNELS + 1].to(run.device) > 0.5
        )

    def samples(progress: Progress) -> None:
        shown = [drawn_scene(world, basis, Random(f"{seed} {n}"), "square", PHASES[-1].pixels) for n in range(SHOWN)]
        scenes = [(image, latents) for _, image, latents in shown]
        _show(progress, run, illustrator, scenes)

    train(run, budget, Schedule(1.5e-3, warm_up=100, decay=0.6), loss_of, samples)


def _show(progress: Progress, run: Run, illustrator: Illustrator, scenes: list[tuple[Tensor, Tensor]]) -> None:
    """Pictures, what the decoder makes of their latents, and of those that the encoder reads in them."""
    images, latents = (torch.stack(part).to(run.device) for part in zip(*scenes, strict=True))
    restored = illustrator.draw(latents, PHASES[-1].pixels).float()
    again = illustrator.draw(illustrator.read(images), PHASES[-1].pixels).float()
    progress.sheet("drawn, restored", tile(to_pixels(torch.cat([images, restored, again]).cpu()), SHOWN), run.step)
    for name, pictures in (("decibels", restored), ("decibels, read", again)):
        error = functional.mse_loss(pictures.clamp(-1, 1), images).item()
        progress.curve(name, float(10 * np.log10(4 / error)), run.step)


def load_illustrator(home: Path, world: GalleryWorld, seed: int) -> Illustrator:
    """The autoencoder with its averaged weights and the heads that it was trained by."""
    illustrator = Illustrator(world.channels)
    _run(home, illustrator, seed).use_average()
    return illustrator


def _run(home: Path, illustrator: Illustrator, seed: int) -> Run:
    return Run(home / CHECKPOINT, illustrator, adamw(illustrator.parameters(), 1e-4), seed, ema=0.998)


def _pool(world: GalleryWorld, basis: PatchBasis, seed: int, pages: int) -> tuple[Tensor, Tensor]:
    """The cells of things on so many pages of grey paper: latents (n, channels) and pixels (n, 3 · 8 · 8) uint8."""
    random, cells, patches = Random(f"{seed} cells"), list[Tensor](), list[Tensor]()
    for _ in range(pages):
        scene, (drawn,) = world.page(random, [PATCH], GREY)
        latents = torch.from_numpy(world.latents(basis, scene, drawn))
        pixels = torch.from_numpy(drawn.pixels).permute(2, 0, 1)
        unfolded = functional.pixel_unshuffle(pixels[None].float(), PATCH)[0].byte()
        there = latents[CHANNELS] > 0.5
        cells.append(latents[:, there].T)
        patches.append(unfolded[:, there].T)
    return torch.cat(cells), torch.cat(patches)


def _page(world: GalleryWorld, basis: PatchBasis, random: Random, pixels: int) -> tuple[Tensor, Tensor]:
    """A page of things as a picture and as latents."""
    scene, (small, drawn) = world.page(random, [PATCH, pixels])
    return to_tensor(drawn.pixels), torch.from_numpy(world.latents(basis, scene, small))


def drawn_scene(
    world: GalleryWorld, basis: PatchBasis, random: Random, shape: str, pixels: int
) -> tuple[Composition, Tensor, Tensor]:
    """A scene, as a picture of a shape, `pixels` wide for each latent, and as latents."""
    scene, (columns, rows) = world.sample(random), CELLS[SHAPES[shape]]
    small = world.render(scene, columns * PATCH, rows * PATCH)
    drawn = world.render(scene, columns * pixels, rows * pixels) if pixels > PATCH else small
    return scene, to_tensor(drawn.pixels), torch.from_numpy(world.latents(basis, scene, small))


def _crops(world: GalleryWorld, basis: PatchBasis, random: Random, phase: Phase) -> tuple[Tensor, Tensor]:
    """Crops of pictures at the phase's size, and of their latents."""
    crops, pages = [], random.random() < phase.pages
    for _ in range(phase.batch):
        if pages:
            image, latents = _page(world, basis, random, phase.cell)
        else:
            _, image, latents = drawn_scene(world, basis, random, random.choice(list(SHAPES)), phase.cell)
        crops.append(cropped(image, latents, phase, random))
    pictures, all_ = (torch.stack(part) for part in zip(*crops, strict=True))
    return pictures, all_


def cropped(image: Tensor, latents: Tensor, phase: Phase, random: Random) -> tuple[Tensor, Tensor]:
    """A crop of the phase's size from a picture and its latents; more of the ground than of the sky."""
    rows, columns = latents.shape[1:]
    crop, pixels = phase.crop, phase.cell
    top = max(random.randrange(rows - crop + 1) for _ in range(2))
    left = random.randrange(columns - crop + 1)
    image = image[:, top * pixels : (top + crop) * pixels, left * pixels : (left + crop) * pixels]
    return image, latents[:, top : top + crop, left : left + crop]


def _noisy(latents: Tensor, most: float, generator: torch.Generator) -> Tensor:
    """Latents as a painter may give them: noise on both parts, on each as strong as chance will have it."""
    shares = torch.rand(2, len(latents), 1, 1, 1, generator=generator)
    noise = torch.randn(latents.shape, generator=generator)
    noise[:, :CHANNELS] *= BLUR_NOISE * most * shares[0] ** 1.5
    noise[:, CHANNELS:] *= MARK_NOISE * most * shares[1] ** 1.5
    return latents + noise


def drawing_loss(drawn: Tensor, images: Tensor, things: Tensor) -> Tensor:
    """Absolute, squared and edge error; `things` (b, 1, h, w) says in which cells they count more."""
    size = images.shape[2] // things.shape[2]
    weights = 1 + THING_WEIGHT * things.float().repeat_interleave(size, 2).repeat_interleave(size, 3)
    error = (drawn - images).abs()
    return ((error + 0.5 * error.square()) * weights).mean() + EDGE_WEIGHT * edges(drawn, images)


def _on(run: Run, images: Tensor) -> Tensor:
    return images.to(run.device, memory_format=torch.channels_last)
