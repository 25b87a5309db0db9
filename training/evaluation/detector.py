"""The judge of compositions: a small detector that finds each thing of a picture, and has only ever seen renders.

It draws its own pictures, so it shares none with the painter: a pool of them, which it sees several times, since
drawing one takes longer than learning from it. For every cell of 8×8 pixels it says whether the middle of a thing lies
there, which thing and in which colour; once for the picture it says place, time, sky and style.
"""

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.starter.lexicon.order_captions import PLAIN
from training.drawing.collage import Picture
from training.evaluation.judge import spoil
from training.runtime.checkpoint import Budget, Run, adamw
from training.runtime.device import autocast
from training.runtime.loop import Schedule, train
from training.stages.latent_space import to_tensor
from training.stages.worlds import GalleryWorld
from training.world.composition import SKIES, Composition
from training.world.vocabulary import COLORS, NONE, PLACES, STYLES, TIMES

SIDE = 128
STRIDE = 8
HELD_OUT_SHARE = 0.1
POOL = 20_000
"""Renders that it learns from: 1 GB of memory."""

CHECKPOINT = "detector.safetensors"
THRESHOLD = 0.5
"""From this confidence on a cell counts as the middle of a thing."""

SCENERY: Final = {"place": PLACES, "time": TIMES, "sky": SKIES, "style": STYLES}
_COLORS: Final = (NONE, *COLORS)
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that the detector sees; x and y are its middle in cells."""

    thing: str
    color: str
    x: int
    y: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the detector says of one picture; the things from left to right."""

    things: tuple[Found, ...]
    scenery: dict[str, str]


class Detector(nn.Module):
    """Square pictures (b, 3, 128, 128) in [-1, 1] → logits of middles, things and colours by cell, and of scenery."""

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__()
        self.words = words
        self.fine = nn.Sequential(_conv(3, 24, 2), _conv(24, 48, 2), _conv(48, 96, 2), _conv(96, 96))
        self.coarse = nn.Sequential(_conv(96, 160, 2), _conv(160, 160), _conv(160, 160))
        self.merged = nn.Sequential(_conv(256, 128), _conv(128, 128))
        self.middle = nn.Conv2d(128, 1, 1)
        self.thing = nn.Conv2d(128, len(words), 1)
        self.color = nn.Conv2d(128, len(_COLORS), 1)
        self.scenery = nn.ModuleList([nn.Linear(160 * 4, len(values)) for values in SCENERY.values()])

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
        fine = self.fine(images.clamp(-1, 1))
        coarse = self.coarse(fine)
        wide = functional.interpolate(coarse, scale_factor=2, mode="nearest")
        merged = self.merged(torch.cat([fine, wide], dim=1))
        whole = functional.adaptive_avg_pool2d(coarse, 2).flatten(1)
        return self.middle(merged)[:, 0], self.thing(merged), self.color(merged), [head(whole) for head in self.scenery]


def _conv(inner: int, outer: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inner, outer, 3, stride, 1), nn.GroupNorm(8, outer), nn.ReLU())


def train_detector(home: Path, world: GalleryWorld, budget: Budget, seed: int, batch: int) -> None:
    """Train on renders from the pool, many of them blurred, noisy, or with colours that are a little off."""
    torch.manual_seed(seed)
    detector = Detector(world.gallery.words)
    detector.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run = _run(home, detector, seed)
    lesson = cache(partial(_lesson, world, seed))

    def loss_of(random: Random, generator: torch.Generator, _: float) -> Tensor:
        lessons = [lesson(random.randrange(POOL)) for _ in range(batch)]
        images = spoil(to_tensor(np.stack([item.pixels for item in lessons])), random, generator)
        with autocast(home):
            middle, thing, color, scenery = detector(images.to(run.device, memory_format=torch.channels_last))
        cells = (item.cells for item in lessons)
        middles, things, colors = (torch.stack(maps).to(run.device) for maps in zip(*cells, strict=True))
        answers = torch.tensor([item.scenery for item in lessons]).to(run.device)
        loss = functional.binary_cross_entropy_with_logits(
            middle.float(), middles, pos_weight=torch.tensor(8.0, device=run.device)
        )
        loss = loss * 20 + _error(thing, things) + _error(color, colors)
        for index, row in enumerate(scenery):
            loss = loss + 0.5 * functional.cross_entropy(row.float(), answers[:, index])
        return loss

    train(run, budget, Schedule(2e-3, warm_up=50, decay=0.7), loss_of)


def _error(logits: Tensor, answers: Tensor) -> Tensor:
    """The mean cross-entropy of the cells that are not ignored; 0 where all are."""
    total = functional.cross_entropy(logits.float(), answers, ignore_index=IGNORED, reduction="sum")
    return total / (answers != IGNORED).sum().clamp(min=1)


@dataclass(frozen=True, slots=True)
class _Lesson:
    """One render of the pool, (128, 128, 3) uint8, with the right answers: `cells` as `_cells` gives them."""

    pixels: np.ndarray
    cells: tuple[Tensor, Tensor, Tensor]
    scenery: list[int]


def _lesson(world: GalleryWorld, seed: int, index: int) -> _Lesson:
    """The render with this number; the same in every run."""
    random = Random(f"{seed} detector {index}")
    scene = world.sample(random, held_out=random.random() < HELD_OUT_SHARE)
    drawn = world.render(scene, SIDE, SIDE)
    scenery = [values.index(getattr(scene, name)) for name, values in SCENERY.items()]
    return _Lesson(drawn.pixels, _cells(drawn, world.gallery.by_word), scenery)


def _cells(drawn: Picture, by_word: dict[str, int]) -> tuple[Tensor, Tensor, Tensor]:
    """For one render: the cells that hold middles, 1 and 0 elsewhere; and the thing and colour around each middle.

    All are (rows, columns). Cells apart from things are ignored, and so are colours that are in doubt.
    """
    count = SIDE // STRIDE
    middles = torch.zeros(count, count)
    things, colors = torch.full((count, count), IGNORED), torch.full((count, count), IGNORED)
    for item in drawn.shown:
        left, top, right, bottom = item.box
        column = min(count - 1, max(0, int((left + right) / 2 / STRIDE)))
        row = min(count - 1, max(0, int((top + bottom) / 2 / STRIDE)))
        for y in range(max(0, row - 1), min(count, row + 2)):
            for x in range(max(0, column - 1), min(count, column + 2)):
                things[y, x] = by_word[item.thing]
                colors[y, x] = IGNORED if item.color is None else _COLORS.index(item.color)
        middles[row, column] = 1
    return middles, things, colors


def load_detector(home: Path, words: tuple[str, ...], seed: int) -> Detector:
    detector = Detector(words)
    _run(home, detector, seed).use_average()
    return detector.cpu().eval()


def _run(home: Path, detector: Detector, seed: int) -> Run:
    return Run(home / CHECKPOINT, detector, adamw(detector.parameters(), 0.02), seed, ema=0.99)


@torch.no_grad()
def look(detector: Detector, images: Tensor) -> list[Seen]:
    """What the detector sees in each picture, (n, 3, 128, 128) in [-1, 1]."""
    seen = []
    for batch in images.split(32):
        middle, thing, color, scenery = detector(batch)
        sure = torch.sigmoid(middle)
        peak = (sure == functional.max_pool2d(sure[:, None], 3, 1, 1)[:, 0]) & (sure > THRESHOLD)
        chosen, colored = thing.argmax(1), color.argmax(1)
        said = [row.argmax(1).tolist() for row in scenery]
        for index in range(len(batch)):
            found = [
                Found(detector.words[int(chosen[index, y, x])], _COLORS[int(colored[index, y, x])], x, y,
                      float(sure[index, y, x]))
                for y, x in peak[index].nonzero().tolist()
            ]  # fmt: skip
            values = {name: all_[said[number][index]] for number, (name, all_) in enumerate(SCENERY.items())}
            seen.append(Seen(tuple(sorted(found, key=lambda item: item.x)), values))
    return seen


def outcome(seen: Seen, scene: Composition) -> dict[str, bool]:
    """What of a scene a picture shows; each key only where the scene has such a thing to ask for.

    `things`: every group is there. `count`: a group of several has its number, and every other group one. `color`:
    each recoloured group has its colour. `order`: groups stand from left to right as they are named. `strays`: nothing
    else is there. `sky`: a plain one is not named by a caption, so that any plain one is right for it.
    """
    wanted = {group.thing: group for group in scene.groups}
    counted = {word: [item for item in seen.things if item.thing == word] for word in wanted}
    outcome = {name: seen.scenery[name] == getattr(scene, name) for name in SCENERY}
    if scene.sky in PLAIN:
        outcome["sky"] = seen.scenery["sky"] in PLAIN
    outcome["nothing else"] = all(item.thing in wanted for item in seen.things)
    if not wanted:
        return outcome
    outcome["two things" if len(wanted) == 2 else "three things" if len(wanted) == 3 else "thing"] = all(
        counted.values()
    )
    if any(group.count > 1 for group in scene.groups):
        outcome["count"] = all(len(counted[word]) == group.count for word, group in wanted.items())
    if any(group.color != NONE for group in scene.groups):
        outcome["color"] = all(
            bool(counted[word]) and all(item.color == group.color for item in counted[word])
            for word, group in wanted.items()
            if group.color != NONE
        )
    if scene.relation == "beside":
        outcome["order"] = all(counted.values()) and _ordered([counted[group.thing] for group in scene.groups])
    if scene.position != NONE:
        outcome["position"] = (
            bool(counted[scene.groups[0].thing]) and _side(counted[scene.groups[0].thing][0].x) == scene.position
        )
    return outcome


def _ordered(groups: list[list[Found]]) -> bool:
    middles = [sum(item.x for item in found) / len(found) for found in groups]
    return middles == sorted(middles)


def _side(x: int) -> str:
    """Left, middle or right third, by the middle of a thing in cells."""
    cells = SIDE / STRIDE
    return "left" if (x + 0.5) / cells < 0.4 else "right" if (x + 0.5) / cells > 0.6 else "center"
