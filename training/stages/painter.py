"""Trains the painter by rectified flow on cached latents, with captions written anew at every step.

Rectified flow: arXiv:2209.03003; noise shares drawn logit-normally as in arXiv:2403.03206.
"""

from collections import defaultdict
from collections.abc import Callable
from math import log
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPTokenizer

from training.runtime.checkpoint import Budget, Run, adamw, saved_step
from training.runtime.device import accelerator, autocast
from training.runtime.loop import Schedule, train
from training.runtime.progress import Progress
from training.runtime.sheets import tile
from training.stages.dataset import SQUARE_SHARE, Shard, read_shards
from training.stages.latent_space import CHANNELS, PatchBasis, to_pixels
from training.stages.painter_network import SHIFT, Painter, paint
from training.stages.text_encoder import LENGTH, load_text, token_ids, write_tokenizer
from training.stages.worlds import World, world_of

EMPTY_SHARE = 0.1
"""Captions left empty, for classifier-free guidance."""

BLUR_WEIGHT = 2.0
"""How much more an error in the patch basis counts than one in a layout, which is learnt long before it."""

LEAN: Final = log(SHIFT)
"""How far shares of noise lean to noise, which is where the sampler takes its steps: how many of a thing there are is
settled while nine tenths are noise, and without this one example in seventy has so much."""

SPREAD: Final = 1.3
"""The deviation of shares of noise before the sigmoid: both ends, where counts and where lines are settled, get the
part of the examples that they have of the sampler's steps. With 1, less than 3 in 100 had under a third of noise.
"""

TRIAL_BATCH = 16
SCHEDULE = Schedule(1e-3, warm_up=100, decay=0.35)
CHECKPOINT = "painter.safetensors"


def train_painter(
    home: Path, budget: Budget, seed: int, batch: int, shown_pictures: int, shown_things: int | None = None
) -> None:
    """Train until the budget is spent; a killed run goes on from its last checkpoint."""
    torch.manual_seed(seed)
    tokenizer, pretrained = load_text(home, seed)
    world = world_of(home, shown_things)
    painter = Painter(len(tokenizer), world.blocks, world.channels)
    painter.text_encoder.load_state_dict(pretrained.state_dict())
    painter.unet.to(memory_format=torch.channels_last)
    run = _run(home, painter, seed)
    if run.device.type == "cpu":
        # Not compiled: of this network torch 2.13 compiles a backward pass for CPUs whose gradients are wrong (cosine
        # to those of float32: 0.63, uncompiled in bfloat16 0.996), and the painter never tells left from right.
        painter.use_plain_attention()
    shards, basis = by_shape(read_shards(home, world)), PatchBasis.load(home / "basis.npz")
    counts = torch.ones(1, world.channels, 1, 1, device=run.device)
    counts[:, :CHANNELS] = BLUR_WEIGHT if world.channels > CHANNELS else 1.0
    shown = Random(f"{seed} shown")
    scenes = [world.sample(shown, held_out=index % 3 == 2) for index in range(shown_pictures)]

    def loss_of(random: Random, generator: torch.Generator, _: float) -> Tensor:
        latents, weights, ids = batch_of(shards, tokenizer, world, random, batch)
        shares = torch.sigmoid(SPREAD * torch.randn(batch, generator=generator) + LEAN)
        noise = torch.randn(latents.shape, generator=generator)
        with autocast(home):
            predicted = painter.velocity(
                *_on(run.device, torch.lerp(latents, noise, shares[:, None, None, None]), shares, ids)
            )
        error = (predicted.float() - (noise - latents).to(run.device)).square()
        return ((error * counts).mean(1) * weights.to(run.device)).mean()

    def samples(progress: Progress) -> None:
        latents = paint(painter, tokenizer, [world.detailed(scene) for scene in scenes])
        progress.sheet("painted", tile(to_pixels(basis.decode(latents[:, :CHANNELS])), 6), run.step)
        progress.text("captions", "\n\n".join(world.detailed(scene) for scene in scenes), run.step)

    train(run, budget, SCHEDULE, loss_of, samples)


def trial_step(home: Path) -> Callable[[], Tensor]:
    """A training step of the home's painter, which returns its loss: what number formats are timed by.

    A smaller network or batch would not do: both formats take about as long there.
    """
    world = world_of(home)
    painter = Painter(world.vocabulary, world.blocks, world.channels).to(accelerator().device)
    painter.unet.to(memory_format=torch.channels_last)
    painter.use_plain_attention()
    noisy = torch.randn(TRIAL_BATCH, world.channels, 16, 16)
    shares, ids = torch.rand(TRIAL_BATCH), torch.zeros(TRIAL_BATCH, LENGTH, dtype=torch.long)

    def step() -> Tensor:
        flow = painter.velocity(*_on(accelerator().device, noisy, shares, ids))
        return flow.float().square().mean()

    return step


def load_painter(home: Path, seed: int) -> tuple[CLIPTokenizer, Painter]:
    """The tokenizer, and the painter with its averaged weights."""
    tokenizer, world = write_tokenizer(home, seed), world_of(home)
    painter = Painter(len(tokenizer), world.blocks, world.channels)
    _run(home, painter, seed).use_average()
    return tokenizer, painter.cpu().eval()


def steps_taken(home: Path) -> int:
    """How many steps the checkpoint under a home has behind it."""
    return saved_step(home / CHECKPOINT)


def _run(home: Path, painter: Painter, seed: int) -> Run:
    return Run(home / CHECKPOINT, painter, adamw(painter.parameters(), 0.01), seed, ema=0.998)


def by_shape(shards: list[Shard]) -> dict[str, list[Shard]]:
    grouped: dict[str, list[Shard]] = defaultdict(list)
    for shard in shards:
        grouped[shard.shape].append(shard)
    return dict(grouped)


def batch_of(
    shards: dict[str, list[Shard]], tokenizer: CLIPTokenizer, world: World, random: Random, size: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Scenes of one shape: latents (b, channels, h, w), loss weights (b, h, w), caption tokens (b, 40)."""
    others = [shape for shape in shards if shape != "square"]
    square = "square" in shards and (not others or random.random() < SQUARE_SHARE)
    pool = shards["square" if square else random.choice(others)]
    picks = [(random.choice(pool), random.random()) for _ in range(size)]
    chosen = [(shard, int(share * len(shard.scenes))) for shard, share in picks]
    latents = torch.from_numpy(np.stack([shard.latents[index] for shard, index in chosen]).astype(np.float32))
    weights = torch.from_numpy(np.stack([shard.weights[index] for shard, index in chosen]).astype(np.float32))
    captions = [
        "" if random.random() < EMPTY_SHARE else world.caption(shard.scenes[index], random) for shard, index in chosen
    ]
    return latents, weights, token_ids(tokenizer, captions)


def _on(device: torch.device, noisy: Tensor, shares: Tensor, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return noisy.to(device, memory_format=torch.channels_last), shares.to(device), ids.to(device)
