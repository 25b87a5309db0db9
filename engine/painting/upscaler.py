"""Enlarges a picture by a super-resolution network, tile by tile, each of which is a step of the model thread.

Invariant: between two tiles other jobs' steps come, and a cancelled job ends. A picture has no seams: a tile is
computed with an edge of its neighbours, or of the picture's own last pixels, which is thrown away, and it fades into
the tiles before it.
Imports torch, so for the model thread alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from engine.api.light_structlog import structlog
from engine.api.messages import Progress
from engine.batching.task import current_task
from engine.device_memory import free_bytes
from engine.jobs.job import NullReporter
from engine.painting.upscaler_network import load_network
from engine.painting.upscaler_spec import LARGEST_ON_CPU, SIDES, Grid, UpscalerSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.jobs.job import Reporter
    from engine.models.device import Device
    from engine.models.upscaler_file import UpscalerFile

SHARE = 0.5
"""Of the free memory that a tile may take."""
WORKSPACE = 1.5
"""What a convolution takes beside its values, as a factor."""

log = structlog.get_logger()


class Upscaler:
    """One network on a device; `spec` has the largest tile that its memory allowed when it was loaded."""

    def __init__(self, file: UpscalerFile, device: str, dtype: torch.dtype) -> None:
        self._file, self._device, self._dtype = file, device, dtype
        self._network = load_network(file, device, dtype)
        self._most = LARGEST_ON_CPU if device == "cpu" else max(SIDES)
        self.spec = self._fitting()

    @classmethod
    def load(cls, file: UpscalerFile, device: Device) -> Upscaler:
        """Load a network, and try it. Raises whatever that raises."""
        dtype = torch.float32 if device.dtype == torch.float32 else torch.float16  # bfloat16 has too few grey levels
        upscaler = cls(file, device.name, dtype)
        upscaler.enlarge(Image.new("RGB", (8, 8)), file.scale, NullReporter())
        log.info("upscaler.ready", name=file.name, kind=file.kind, scale=file.scale, tile=upscaler.spec.side)
        return upscaler

    def make_room(self) -> bool:
        """Take smaller tiles from now on, after memory ran out; False where they are the smallest."""
        smaller = [side for side in SIDES if side < self._fitting().side // self.spec.unit]
        if not smaller:
            return False
        self._most = smaller[0]
        return True

    def enlarge(self, picture: Image.Image, scale: int, reporter: Reporter) -> Image.Image:
        """Return an RGB picture `scale` times larger; report Progress after each tile. Raises Cancelled."""
        spec = self._fitting()
        grid, pixels = spec.grid(*picture.size), np.asarray(picture)
        result = Image.new("RGB", (picture.width * scale, picture.height * scale))
        for done, (row, column) in enumerate(np.ndindex(grid.rows, grid.columns), start=1):
            corner = column * grid.width, row * grid.height
            tile = self._stepped(partial(self._enlarged, _cut(pixels, corner, grid, spec.edge), scale))
            _lay(result, tile, corner, picture.size, spec, scale)
            reporter.tell(Progress(done, len(grid)))
        return result

    def _stepped(self, compute: Callable[[], Any]) -> Any:
        """Return what is computed; within a task, as a forward that the step loop computes in turn."""
        task = current_task()
        return compute() if task is None else task.wait_for(TileCall(compute))

    def _enlarged(self, cut: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
        values = torch.from_numpy(cut).to(self._device).permute(2, 0, 1)[None].to(self._dtype) / 255
        output = self._network(values).clamp(0, 1)
        if factor := self._file.scale // scale - 1:
            output = functional.avg_pool2d(output, factor + 1)
        levels = (output[0] * 255).round().to(torch.uint8).permute(1, 2, 0)
        enlarged: NDArray[np.uint8] = levels.cpu().numpy()
        return enlarged

    def _fitting(self) -> UpscalerSpec:
        """Return the spec with the largest tile for which there is memory now."""
        room = SHARE * free_bytes(self._device)
        pixel = self._file.values * self._dtype.itemsize * WORKSPACE
        sides = [side for side in SIDES if side <= self._most]
        return UpscalerSpec.of(self._file, next((side for side in sides if side**2 * pixel <= room), sides[-1]))


class TileCall:
    """One tile, as a forward that a task waits for and that no other job shares."""

    rows = 1

    def __init__(self, compute: Callable[[], Any]) -> None:
        self._compute = compute
        self.key, self.gate = id(self), self

    def run(self, calls: Sequence[Any], size: str = "") -> list[Any]:
        """Return the tile, or the exception that was raised, in a list."""
        try:
            return [self._compute()]
        except Exception as error:
            return [error]

    def cap(self, size: str) -> int:
        return self.rows

    def known_cap(self, size: str) -> int | None:
        return self.rows

    def measure_when_idle(self, size: str, is_idle: Callable[[], bool]) -> None:
        """There is nothing to measure."""


def _cut(picture: NDArray[np.uint8], corner: tuple[int, int], grid: Grid, edge: int) -> NDArray[np.uint8]:
    """Return a tile with its edge; what lies beyond the picture repeats its last pixels."""
    columns = np.arange(corner[0] - edge, corner[0] + grid.width + edge).clip(0, picture.shape[1] - 1)
    rows = np.arange(corner[1] - edge, corner[1] + grid.height + edge).clip(0, picture.shape[0] - 1)
    return np.ascontiguousarray(picture[rows][:, columns])


def _lay(
    result: Image.Image,
    tile: NDArray[np.uint8],
    corner: tuple[int, int],
    size: tuple[int, int],
    spec: UpscalerSpec,
    scale: int,
) -> None:
    """Lay a tile over the result; towards the tiles before it, left and above, it fades in.

    `corner` is the tile's first pixel without its edge, and `size` the picture's; in pixels before they are enlarged.
    """
    (x, left, right, fade_x), (y, top, bottom, fade_y) = _spans(corner, size, tile, spec, scale)
    weights = _ramp(bottom - top, fade_y)[:, None] * _ramp(right - left, fade_x)[None]
    mask = Image.fromarray((weights * 255).round().astype(np.uint8))
    result.paste(Image.fromarray(tile[top:bottom, left:right]), (x, y), mask)


def _spans(
    corner: tuple[int, int], size: tuple[int, int], tile: NDArray[np.uint8], spec: UpscalerSpec, scale: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield for both directions where the tile goes, which part of it, and over how many pixels it fades in."""
    for first, whole, length in zip(corner, size, (tile.shape[1], tile.shape[0]), strict=True):
        fade, begin = spec.feather if first else 0, first - spec.edge
        start, end = first - fade, min(begin + length // scale - spec.crop, whole)
        yield start * scale, (start - begin) * scale, (end - begin) * scale, 2 * fade * scale


def _ramp(length: int, fade: int) -> NDArray[np.float32]:
    """Return weights from 0 to 1 over the first `fade` pixels, then 1."""
    weights = np.ones(length, np.float32)
    steps = min(fade, length)
    weights[:steps] = (np.arange(steps) + 0.5) / max(1, fade)
    return weights
