"""An independent judge of pictures: a small classifier that has only ever seen renders, never anything painted."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.starter.checkpoint import Budget, Run, adamw, learning_rate
from engine.starter.dataset import read_shards, targets
from engine.starter.latents import PatchBasis
from engine.starter.progress import Progress
from engine.starter.scene import Scene
from engine.starter.vocabulary import ATTRIBUTES, NONE

BATCH = 64
CHECKPOINT = "judge.safetensors"


class Judge(nn.Module):
    """Square pictures (b, 3, 128, 128) in [-1, 1], judged at half their size: one row of logits for each attribute."""

    def __init__(self) -> None:
        super().__init__()
        channels, layers = (3, 24, 48, 96, 128), []
        for inner, outer in pairwise(channels):
            layers += [nn.Conv2d(inner, outer, 3, 2, 1), nn.GroupNorm(8, outer), nn.ReLU()]
            layers += [nn.Conv2d(outer, outer, 3, 1, 1), nn.GroupNorm(8, outer), nn.ReLU()]
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.heads = nn.ModuleList([nn.Linear(channels[-1] * 16, len(values)) for values in ATTRIBUTES.values()])

    def forward(self, images: Tensor) -> list[Tensor]:
        features = self.features(functional.avg_pool2d(images.clamp(-1, 1), 2))
        return [head(features) for head in self.heads]


def train_judge(home: Path, budget: Budget, seed: int) -> None:
    """Train on the square scenes, some of them blurred or noisy."""
    torch.manual_seed(seed)
    basis = PatchBasis.load(home / "basis.npz")
    shards = [shard for shard in read_shards(home) if shard.shape == "square"]
    answers = [targets(shard.scenes) for shard in shards]
    judge = Judge()
    run = _run(home, judge, seed)
    progress = Progress("judge")
    while (spent := budget.share(run.step, run.trained_s)) < 1:
        random, generator = run.seed_step()
        index = random.randrange(len(shards))
        rows = random.sample(range(len(shards[index].scenes)), min(BATCH, len(shards[index].scenes)))
        images = basis.decode(torch.from_numpy(shards[index].latents[rows].astype(np.float32)))
        spoil = random.randrange(3)
        if spoil == 1:
            images = functional.interpolate(functional.avg_pool2d(images, 2), scale_factor=2, mode="bilinear")
        elif spoil == 2:
            images = images + 0.08 * torch.randn(images.shape, generator=generator)
        logits = judge(images)
        loss = torch.stack(
            [functional.cross_entropy(row, answers[index][rows, i]) for i, row in enumerate(logits)]
        ).sum()
        run.update(loss, learning_rate(2e-3, run.step, spent, warm_up=50, decay=0.8))
        run.save_every(60)
        progress.show(budget.share(run.step, run.trained_s), f"step {run.step}, loss {loss.item():.3f}")
    run.save()


def load_judge(home: Path, seed: int) -> Judge:
    judge = Judge()
    _run(home, judge, seed).use_average()
    return judge.eval()


@torch.no_grad()
def adherence(judge: Judge, images: Tensor, scenes: list[Scene]) -> dict[str, float]:
    """For each attribute, the share of pictures that show what their scene says; colour where there is one."""
    shown = torch.stack([row.argmax(1) for row in judge(images)], dim=1)
    right = (shown == targets(scenes)).float()
    counted = {
        "subject": torch.tensor([scene.subject != NONE for scene in scenes]),
        "color": torch.tensor([scene.color != NONE for scene in scenes]),
    }
    shares = {}
    for index, name in enumerate(ATTRIBUTES):
        rows = right[counted[name], index] if name in counted else right[:, index]
        shares[name] = round(rows.mean().item(), 3)
    return shares


def _run(home: Path, judge: Judge, seed: int) -> Run:
    return Run(home / CHECKPOINT, judge, adamw(judge.parameters(), 0.02), seed, ema=0.99)
