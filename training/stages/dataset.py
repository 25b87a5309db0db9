"""The rendered scenes on disk, in shards of one shape each: latents, what they show, and where to look."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

from training.drawing.canvas import Box
from training.runtime.atomic_files import write_whole
from training.runtime.progress import Progress
from training.stages.latent_space import PATCH, PatchBasis, to_tensor
from training.stages.worlds import DRAWN, Drawn, World, world_of
from training.world.scene import SHAPES

SQUARE_SHARE = 0.6
SUBJECT_WEIGHT = 4.0
SKY_WEIGHT = 4.0


@dataclass(frozen=True, slots=True)
class Shard:
    """Scenes of one shape; `latents` (n, channels, rows, columns) and `weights` (n, rows, columns, mean 1) float16."""

    shape: str
    scenes: list[Any]
    """Of the world that the shard was drawn from."""

    latents: np.ndarray
    weights: np.ndarray


def shard_shape(index: int) -> str:
    """The shape of the shard with this number: three squares in five, the others in turn."""
    others = [name for name in SHAPES if name != "square"]
    turn, position = divmod(index, 5)
    return "square" if position < SQUARE_SHARE * 5 else others[(turn * 2 + position - 3) % len(others)]


def write_basis(home: Path, seed: int, renders: int, world: World = DRAWN) -> PatchBasis:
    """The patch basis, found from so many renders, or read if it is there already."""
    path = home / "basis.npz"
    if not path.exists():
        random = Random(f"{seed} basis")
        width, height = _halved("square")
        shown = [to_tensor(world.render(world.sample(random), width, height).pixels) for _ in range(renders)]
        basis = PatchBasis.fit([torch.stack(shown)])
        write_whole(path, basis.save)
    return PatchBasis.load(path)


def write_shards(
    home: Path, count: int, seed: int, size: int, basis: int, processes: int = 1, shown: int | None = None
) -> None:
    """Render the shards that are not there yet, after `basis` scenes for the basis; of a gallery, `shown` things."""
    world = world_of(home, shown)
    write_basis(home, seed, basis, world)
    todo = [index for index in range(count) if not _path(home, index).exists()]
    write = partial(_write_shard, home, seed, size, shown)
    with _mapping(processes) as mapping, Progress("scenes", home) as progress:
        for done, _ in enumerate(mapping(write, todo), start=1):
            progress.show(done / len(todo), f"{done * size} scenes")


@contextmanager
def _mapping(processes: int) -> Iterator[Callable[[Callable[[int], None], list[int]], Iterable[None]]]:
    """A `map` over that many processes; with one there is nothing to start."""
    if processes == 1:
        yield map
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        yield pool.map


def read_shards(home: Path, world: World = DRAWN) -> list[Shard]:
    """All finished shards, in order."""
    paths = sorted((home / "scenes").glob("*.npz"))
    if not paths:
        raise FileNotFoundError(f"no scenes under {home}: run the stage `scenes` first")
    return [_read_shard(path, world) for path in paths]


def _path(home: Path, index: int) -> Path:
    return home / "scenes" / f"{index:04d}.npz"


def _halved(shape: str) -> tuple[int, int]:
    width, height = SHAPES[shape]
    return width // 2, height // 2


@cache
def _world_here(home: Path, shown: int | None) -> World:
    """The home's world, read once in each process: what it has drawn already cannot be handed to another."""
    return world_of(home, shown)


def _write_shard(home: Path, seed: int, size: int, shown: int | None, index: int) -> None:
    """Render a shard at half size, and keep its latents."""
    world, basis = _world_here(home, shown), PatchBasis.load(home / "basis.npz")
    random, shape = Random(f"{seed} shard {index}"), shard_shape(index)
    scenes = [world.sample(random) for _ in range(size)]
    renders = [world.render(scene, *_halved(shape)) for scene in scenes]
    latents = [world.latents(basis, scene, drawn) for scene, drawn in zip(scenes, renders, strict=True)]
    arrays = {
        "shape": np.array(shape),
        "scenes": np.array([world.dump(scene) for scene in scenes]),
        "latents": np.stack(latents).astype(np.float16),
        "weights": np.stack([loss_weights(item, PATCH) for item in renders]).astype(np.float16),
    }

    def write(unfinished: Path) -> None:
        with unfinished.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]

    write_whole(_path(home, index), write)


def _read_shard(path: Path, world: World) -> Shard:
    with np.load(path) as stored:
        scenes = [world.parse(str(text)) for text in stored["scenes"]]
        return Shard(str(stored["shape"]), scenes, stored["latents"], stored["weights"])


def loss_weights(item: Drawn, side: int) -> np.ndarray:
    """How much each latent cell, `side` pixels wide, counts: the subject and what is in the sky four times; mean 1.

    Without this the painter learns the backdrop and leaves the subject a smear.
    """
    rows, columns = item.pixels.shape[0] // side, item.pixels.shape[1] // side
    weights = np.ones((rows, columns))
    for box in item.sky_boxes:
        weights = np.maximum(weights, 1 + (SKY_WEIGHT - 1) * _cover(box, side, rows, columns))
    for box in item.subject_boxes:
        weights = np.maximum(weights, 1 + (SUBJECT_WEIGHT - 1) * _cover(box, side, rows, columns))
    shares: np.ndarray = weights / weights.mean()
    return shares


def _cover(box: Box, side: int, rows: int, columns: int) -> np.ndarray:
    """The share of each cell that the box covers, (rows, columns)."""
    left, top, right, bottom = (edge / side for edge in box)
    down, across = _overlap(top, bottom, rows), _overlap(left, right, columns)
    shares: np.ndarray = down[:, None] * across[None, :]
    return shares


def _overlap(low: float, high: float, count: int) -> np.ndarray:
    """The share of each of `count` unit intervals that lies between low and high."""
    cells = np.arange(count)
    shares: np.ndarray = np.clip(np.minimum(high, cells + 1) - np.maximum(low, cells), 0, 1)
    return shares


def targets(scenes: list[Any], world: World = DRAWN) -> torch.Tensor:
    """What each scene shows as class numbers, (n, attributes), in the order of the world's attributes."""
    return torch.tensor([world.classes(scene) for scene in scenes])
