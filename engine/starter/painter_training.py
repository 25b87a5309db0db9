"""Trains the painter by rectified flow on cached latents, with captions written anew at every step.

Rectified flow: arXiv:2209.03003; noise shares drawn logit-normally as in arXiv:2403.03206.
"""

import logging
from collections import defaultdict
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPTokenizer

from engine.starter.captions import caption
from engine.starter.checkpoint import Budget, Run, adamw, learning_rate
from engine.starter.dataset import SQUARE_SHARE, Shard, read_shards
from engine.starter.painter import Painter
from engine.starter.progress import Progress
from engine.starter.text import load_text, token_ids, write_tokenizer

BATCH = 32
EMPTY_SHARE = 0.1
"""Captions left empty, for classifier-free guidance."""

PEAK_RATE = 1e-3
CHECKPOINT = "painter.safetensors"

_log = logging.getLogger(__name__)


def train_painter(home: Path, budget: Budget, seed: int, batch: int = BATCH) -> None:
    """Train until the budget is spent; a killed run goes on from its last checkpoint."""
    torch.manual_seed(seed)
    tokenizer, pretrained = load_text(home, seed)
    painter = Painter(len(tokenizer))
    painter.text_encoder.load_state_dict(pretrained.state_dict())
    painter.unet.to(memory_format=torch.channels_last)
    run = _run(home, painter, seed)
    shards = _by_shape(read_shards(home))
    progress, losses = Progress("painter"), []
    while (spent := budget.share(run.step, run.trained_s)) < 1:
        random, generator = run.seed_step()
        latents, weights, ids = _batch(shards, tokenizer, random, batch)
        loss, plain = _loss(painter, latents, weights, ids, generator)
        run.update(loss, learning_rate(PEAK_RATE, run.step, spent, warm_up=100, decay=0.35))
        losses.append(plain)
        run.save_every(60)
        progress.show(budget.share(run.step, run.trained_s), f"step {run.step}, loss {np.mean(losses[-200:]):.4f}")
    run.save()


def load_painter(home: Path, seed: int) -> tuple[CLIPTokenizer, Painter, int]:
    """The tokenizer, the painter with its averaged weights, and how many pictures it has seen."""
    tokenizer = write_tokenizer(home, seed)
    painter = Painter(len(tokenizer))
    run = _run(home, painter, seed)
    run.use_average()
    return tokenizer, painter.eval(), run.step * BATCH


def _run(home: Path, painter: Painter, seed: int) -> Run:
    return Run(home / CHECKPOINT, painter, adamw(painter.parameters(), 0.01), seed, ema=0.998)


def _by_shape(shards: list[Shard]) -> dict[str, list[Shard]]:
    grouped: dict[str, list[Shard]] = defaultdict(list)
    for shard in shards:
        grouped[shard.shape].append(shard)
    return dict(grouped)


def _batch(
    shards: dict[str, list[Shard]], tokenizer: CLIPTokenizer, random: Random, size: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Scenes of one shape: latents (b, 12, h, w), loss weights (b, h, w), caption tokens (b, 40)."""
    others = [shape for shape in shards if shape != "square"]
    square = "square" in shards and (not others or random.random() < SQUARE_SHARE)
    pool = shards["square" if square else random.choice(others)]
    picks = [(random.choice(pool), random.random()) for _ in range(size)]
    chosen = [(shard, int(share * len(shard.scenes))) for shard, share in picks]
    latents = torch.from_numpy(np.stack([shard.latents[index] for shard, index in chosen]).astype(np.float32))
    weights = torch.from_numpy(np.stack([shard.weights[index] for shard, index in chosen]).astype(np.float32))
    captions = [
        "" if random.random() < EMPTY_SHARE else caption(shard.scenes[index], random) for shard, index in chosen
    ]
    return latents.contiguous(memory_format=torch.channels_last), weights, token_ids(tokenizer, captions)


def _loss(
    painter: Painter, latents: Tensor, weights: Tensor, ids: Tensor, generator: torch.Generator
) -> tuple[Tensor, float]:
    """The weighted squared error of the predicted flow, and the unweighted one for the log."""
    share = torch.sigmoid(torch.randn(len(latents), generator=generator))
    noise = torch.randn(latents.shape, generator=generator)
    mixed = torch.lerp(latents, noise, share[:, None, None, None]).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        predicted = painter.velocity(mixed, share, ids)
    error = (predicted.float() - (noise - latents)).square().mean(1)
    return (error * weights).mean(), error.mean().item()
