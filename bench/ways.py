"""One full-size painter on a GPU in each way that it can be run: as it is, compiled, and its parts taking turns."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass

from bench.full_size import Size, build
from bench.result import Result
from engine.api.placement import Placement, Where
from engine.device_memory import free_caches, memory
from engine.jobs.job import NullReporter
from engine.jobs.requests import Painting
from engine.models.device import Device
from engine.models.placement import settle
from engine.models.tuning import Tuning
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter

NAME, SIDE, STEPS = "sdxl", 1024, 20
PLAIN = (Placement(), Tuning())
OTHERS = {
    "compiled": (Placement(), Tuning(compile="on")),
    "parts in turns": (Placement(Where.PARTS, 1), Tuning()),
}


def ways(repeats: int, device: Device, size: Size) -> list[Result]:
    """Measure seconds and memory of a picture in each way, beside the plain one. Only a GPU has other ways."""
    if device.name != "cuda":
        return []
    plain = _cost(repeats, device, size, *PLAIN)
    what = f"{device.chip}, {NAME}, {SIDE} px, {STEPS} steps"
    results = [Result(f"{what}: the most memory", "GB", [plain.peak])]
    for name, way in OTHERS.items():
        found = _cost(repeats, device, size, *way)
        results += [
            Result(f"{what}, {name}", "s", found.seconds, plain.seconds, "as it is"),
            Result(f"{what}, {name}: the first picture", "s", [found.first]),
            Result(f"{what}, {name}: the most memory", "GB", [found.peak]),
        ]
    return results


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the first picture and of each later one, and the most memory of the device, in GB."""

    first: float
    seconds: list[float]
    peak: float


def _cost(repeats: int, device: Device, size: Size, placement: Placement, tuning: Tuning) -> Cost:
    pipeline = settle(build(NAME, size, device.name, device.dtype).to("cpu"), placement, device)
    gc.collect()
    free_caches()
    memory()  # the peak counts from here
    tuning.apply(pipeline, device)
    painter = Painter(pipeline, painter_spec_of(pipeline, NAME, None), provenance=False, cap=placement.cap)
    first, *seconds = [_paint(painter, seed) for seed in range(repeats + 1)]
    return Cost(first, seconds, memory()["peak"] / 1e9)


def _paint(painter: Painter, seed: int) -> float:
    began = time.perf_counter()
    painter.paint(Painting("a red boat", SIDE, SIDE, STEPS, (seed,), guidance=painter.spec.guidance), NullReporter())
    return time.perf_counter() - began
