"""The decoder's last lesson: latents as the painter makes them, beside what they should have been.

A painted layout is nearly right everywhere and exactly right nowhere: neighbouring cells do not quite agree on which
part of a thing they show. So the painter hides a scene's own latents under noise and brings them back, and the decoder
learns to draw the scene from that. Noise alone would not do: a painter's errors are alike in cells that touch.
"""

from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import autocast
from training.runtime.loop import Schedule, train
from training.runtime.progress import Progress
from training.runtime.sheets import tile
from training.stages.gallery_autoencoder import CROP, cropped, drawing_loss, load_illustrator, told_scene
from training.stages.illustrator import Illustrator
from training.stages.latent_space import CHANNELS, PatchBasis, to_pixels
from training.stages.painter import load_painter
from training.stages.painter_network import paint
from training.stages.text_encoder import token_ids
from training.stages.worlds import GalleryWorld
from training.world.scene import SHAPES

CHECKPOINT: Final = "decoder.safetensors"
BATCH: Final = 2
HALF: Final = 0.95
"""Until this share of the budget pictures are half as wide, which takes a third of the time."""


LEAST_NOISE, MOST_NOISE = 0.3, 0.85
"""Shares of noise from which the painter brings latents back: from more it would make another scene of them."""

STEPS = 3
POOL, TIMES = 24, 3
"""So many batches are drawn and restored at a time, and so often each is learnt from."""

MOST_GUIDANCE = 2.5
SHOWN = 12


class Restorer:
    """The painter, as what brings a scene's latents back from noise."""

    def __init__(self, home: Path, seed: int, device: torch.device) -> None:
        self.tokenizer, self.painter = load_painter(home, seed)
        self.painter.to(device)
        self.painter.unet.to(memory_format=torch.channels_last)
        self.painter.use_plain_attention()
        self._home, self._device = home, device

    @torch.no_grad()
    def __call__(self, latents: Tensor, captions: list[str], generator: torch.Generator) -> Tensor:
        """Latents (b, channels, rows, columns) and their captions → as many, all from one share of noise."""
        chosen = torch.rand(2, generator=generator).tolist()
        share, guidance = LEAST_NOISE + (MOST_NOISE - LEAST_NOISE) * chosen[0], 1 + (MOST_GUIDANCE - 1) * chosen[1]
        noisy = torch.lerp(latents, torch.randn(latents.shape, generator=generator), share).to(self._device)
        ids = token_ids(self.tokenizer, captions + [""] * len(captions)).to(self._device)
        for step in range(STEPS, 0, -1):
            shares = torch.full((2 * len(noisy),), share * step / STEPS, device=self._device)
            with autocast(self._home):
                both = torch.cat([noisy, noisy]).contiguous(memory_format=torch.channels_last)
                told, plain = self.painter.velocity(both, shares, ids).float().chunk(2)
            noisy = noisy - (plain + guidance * (told - plain)) * share / STEPS
        return noisy.cpu()


class Lessons:
    """Scenes as pictures and as the painter restores their latents: each batch serves several steps."""

    def __init__(self, world: GalleryWorld, basis: PatchBasis, restored: Restorer, seed: int) -> None:
        self._world, self._basis, self._restored, self._seed = world, basis, restored, seed
        self._numbered = lru_cache(POOL)(self._lesson)

    def of_step(self, step: int) -> list[tuple[Tensor, Tensor]]:
        """For each scene of the step its picture, and its latents with its own mask of things behind them."""
        return self._numbered(step // (POOL * TIMES) * POOL + step % POOL)

    def _lesson(self, number: int) -> list[tuple[Tensor, Tensor]]:
        random = Random(f"{self._seed} decoder lesson {number}")
        generator, shape = torch.Generator().manual_seed(random.getrandbits(62)), random.choice(list(SHAPES))
        drawn = [told_scene(self._world, self._basis, random, shape) for _ in range(BATCH)]
        own = torch.stack([latents for _, _, latents in drawn])
        made = self._restored(own, [self._world.caption(scene, random) for scene, _, _ in drawn], generator)
        both = torch.cat([made, own[:, CHANNELS : CHANNELS + 1]], dim=1)
        return [(image, pair) for (_, image, _), pair in zip(drawn, both, strict=True)]


def train_decoder(home: Path, world: GalleryWorld, budget: Budget, seed: int) -> None:
    """Train the decoder from where `autoencoder` left it, with the painter as it is now."""
    torch.manual_seed(seed)
    basis, illustrator = PatchBasis.load(home / "basis.npz"), load_illustrator(home, world, seed)
    illustrator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = _run(home, illustrator, seed)
    restored = Restorer(home, seed, run.device)
    lessons = Lessons(world, basis, restored, seed)

    def loss_of(random: Random, _: torch.Generator, spent: float) -> Tensor:
        crops = [cropped(image, both, CROP, random) for image, both in lessons.of_step(run.step)]
        images, both = (torch.stack(part).to(run.device) for part in zip(*crops, strict=True))
        latents = both[:, :-1].contiguous(memory_format=torch.channels_last)
        with autocast(home):
            shown = illustrator.draw(latents) if spent > HALF else illustrator.draw_half(latents)
        wanted = images if spent > HALF else avg_pool2d(images, 2)
        return drawing_loss(shown.float(), wanted, both[:, -1:] > 0.5)

    scenes = [world.sample(Random(f"{seed} shown {number}"), held_out=True) for number in range(SHOWN)]

    def samples(progress: Progress) -> None:
        latents = paint(restored.painter, restored.tokenizer, [world.detailed(scene) for scene in scenes])
        pictures = illustrator.draw(latents.to(run.device)).float()
        progress.sheet("painted", tile(to_pixels(pictures.cpu()), SHOWN // 2), run.step)

    train(run, budget, Schedule(7e-4, warm_up=50, decay=0.7), loss_of, samples)


def load_decoder(home: Path, world: GalleryWorld, seed: int) -> Illustrator:
    """The autoencoder with the decoder of this stage, where it has run."""
    illustrator = load_illustrator(home, world, seed)
    if (home / CHECKPOINT).exists():
        _run(home, illustrator, seed).use_average()
    return illustrator


def _run(home: Path, illustrator: Illustrator, seed: int) -> Run:
    decoder = illustrator.decoder
    return Run(home / CHECKPOINT, decoder, adamw(decoder.parameters(), 1e-4), seed, ema=0.998)
