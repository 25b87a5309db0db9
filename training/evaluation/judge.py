"""An independent judge of pictures: a small classifier that has only ever seen renders, never anything painted.

It draws its own, so it shares no weight and no picture with the painter; it also learns what is held out from that.
"""

from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.drawing.renderer import render
from training.evaluation.figures import Share
from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import autocast
from training.runtime.loop import Schedule, train
from training.stages.dataset import targets
from training.stages.latent_space import to_tensor
from training.world.scene import Scene, sample_scene
from training.world.vocabulary import ATTRIBUTES, NONE

BATCH = 64
SIDE = 128
"""Pixels of the pictures that it judges: half of what is painted."""

HELD_OUT_SHARE = 0.1
CHECKPOINT = "judge.safetensors"


class Judge(nn.Module):
    """Square pictures (b, 3, 128, 128) in [-1, 1]: one row of logits for each attribute."""

    def __init__(self) -> None:
        super().__init__()
        channels, layers = (3, 16, 32, 64, 96, 128), []
        for inner, outer in pairwise(channels):
            layers += [nn.Conv2d(inner, outer, 3, 2, 1), nn.GroupNorm(8, outer), nn.ReLU()]
            layers += [nn.Conv2d(outer, outer, 3, 1, 1), nn.GroupNorm(8, outer), nn.ReLU()]
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.heads = nn.ModuleList([nn.Linear(channels[-1] * 16, len(values)) for values in ATTRIBUTES.values()])

    def forward(self, images: Tensor) -> list[Tensor]:
        features = self.features(images.clamp(-1, 1))
        return [head(features) for head in self.heads]


def train_judge(home: Path, budget: Budget, seed: int, batch: int = BATCH) -> None:
    """Train on renders drawn for each step, many of them blurred, noisy, or with colours that are a little off."""
    torch.manual_seed(seed)
    judge = Judge()
    run = _run(home, judge, seed)

    def loss_of(random: Random, generator: torch.Generator, _: float) -> Tensor:
        scenes = [sample_scene(random, held_out=random.random() < HELD_OUT_SHARE) for _ in range(batch)]
        images = to_tensor(np.stack([render(scene, SIDE, SIDE).pixels for scene in scenes]))
        answers = targets(scenes).to(run.device)
        with autocast(home):
            logits = judge(spoil(images, random, generator).to(run.device))
        losses = [functional.cross_entropy(row.float(), answers[:, i]) for i, row in enumerate(logits)]
        return torch.stack(losses).sum()

    train(run, budget, Schedule(2e-3, warm_up=50, decay=0.8), loss_of)


def spoil(images: Tensor, random: Random, generator: torch.Generator) -> Tensor:
    """Pictures that are less clean than renders, as painted ones are."""
    images = images * (0.85 + 0.3 * torch.rand(len(images), 1, 1, 1, generator=generator))
    images = images + 0.15 * (torch.rand(len(images), 3, 1, 1, generator=generator) - 0.5)
    kind = random.randrange(3)
    if kind == 1:
        images = functional.interpolate(functional.avg_pool2d(images, 2), scale_factor=2, mode="bilinear")
    elif kind == 2:
        images = images + 0.08 * torch.randn(images.shape, generator=generator)
    return images


def load_judge(home: Path, seed: int) -> Judge:
    judge = Judge()
    _run(home, judge, seed).use_average()
    return judge.cpu().eval()


@torch.no_grad()
def adherence(judge: Judge, images: Tensor, scenes: list[Scene]) -> dict[str, Share]:
    """For each attribute, how many pictures show what their scene says; subject, colour and side where there is one."""
    shown = torch.cat([torch.stack([row.argmax(1) for row in judge(batch)], dim=1) for batch in images.split(BATCH)])
    right = shown == targets(scenes)
    shares = {}
    for index, name in enumerate(ATTRIBUTES):
        counted = torch.tensor([getattr(scene, name) != NONE for scene in scenes])
        shares[name] = Share(int(right[counted, index].sum()), int(counted.sum()))
    return shares


def _run(home: Path, judge: Judge, seed: int) -> Run:
    return Run(home / CHECKPOINT, judge, adamw(judge.parameters(), 0.02), seed, ema=0.99)
