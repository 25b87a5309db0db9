"""Full-size painters with random weights on the device: seconds a picture, rows a second, and the share of its peak;
requests together, and the other ways to run one.

Nothing is downloaded: how fast a model computes does not hang on what it has learnt.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import torch
from torch.utils.flop_counter import FlopCounterMode

from bench.batching import LONG_STEPS, measure
from bench.full_size import PIPELINES, Size, build
from bench.result import Result
from bench.small_cards import small_cards
from bench.studio import paint_plainly, prepare
from bench.ways import ways
from engine.api.errors import Cancelled
from engine.api.model_catalog import PEAKS
from engine.batching.gate import Call, Gate
from engine.batching.task import Task
from engine.device_memory import free_caches
from engine.errors import is_out_of_memory
from engine.jobs.job import Job, NullReporter
from engine.jobs.requests import Painting
from engine.models.device import Device, choose_device
from engine.painting.capabilities import painter_spec_of
from engine.painting.embeddings import Embeddings
from engine.painting.painter import Painter

ROWS: dict[Size, tuple[int, ...]] = {"full": (1, 2, 4, 8, 16), "tiny": (1, 4)}
SIDES: dict[Size, tuple[int, ...]] = {"full": (512, 1024), "tiny": (32, 64)}
PICTURE: dict[Size, int] = {"full": 1024, "tiny": 64}
STEPS = 4
"""Of each of the requests that come together."""
LONG: dict[Size, int] = {"full": LONG_STEPS, "tiny": 8}
"""Steps of the picture that a short one comes behind."""
MATRIX: dict[Size, int] = {"full": 8192, "tiny": 256}


def gpu(repeats: int, device_name: str = "cuda", size: Size = "full") -> list[Result]:
    """Measure each painter. Ends with a sentence where there is no such device."""
    if device_name == "cuda" and not torch.cuda.is_available():
        raise SystemExit("bench: there is no GPU here; to see this part run, add --device cpu --size tiny.")
    prepare()
    device = choose_device() if device_name == "cuda" else Device("cpu", torch.float32, "CPU")
    peak, told = _peak(device, size)
    results = [Result(f"{device.chip}: peak of {device.dtype}, {told}", "TFLOP/s", [peak / 1e12])]
    for name in PIPELINES:
        results += _painter(name, device, size, peak, repeats)
        _forget()
        results += _together(name, device, size, repeats)
        _forget()
    return results + ways(repeats, device, size) + small_cards(repeats, device, size)


def _forget() -> None:
    gc.collect()
    free_caches()


def _painter(name: str, device: Device, size: Size, peak: float, repeats: int) -> Iterator[Result]:
    pipeline = build(name, size, device.name, device.dtype)
    spec = painter_spec_of(pipeline, f"{name}-turbo" if name == "z-image" else name, None)
    painter = Painter(pipeline, spec, provenance=False)
    what = f"{device.chip}, {name}"
    yield _pictures(f"{what}: a picture of {PICTURE[size]} px", painter, _work(painter, PICTURE[size]), repeats)
    for side in SIDES[size]:
        alone = replace(_work(painter, side), guidance=min(1.0, spec.guidance or 0.0))  # one row a picture
        found = _rates(painter, alone, ROWS[size], repeats)
        for rate in found:
            yield Result(f"{what}, {side} px: {rate.rows} rows", "rows/s", rate.rates)
        best = max(found, key=lambda rate: max(rate.rates))
        shares = [100 * rate * best.flops / peak for rate in best.rates]
        yield Result(f"{what}, {side} px: share of the peak, {best.rows} rows", "%", shares)


def _together(name: str, device: Device, size: Size, repeats: int) -> list[Result]:
    side = SIDES[size][0]
    what = f"{device.chip}, {name}, {side} px, {STEPS} steps"
    pipeline, of_many = build(name, size, device.name, device.dtype), repeats if size == "full" else 1
    return measure(pipeline, what, side, STEPS, repeats, of_many, long_steps=LONG[size])


def _work(painter: Painter, side: int) -> Painting:
    return Painting("a red boat on a lake", side, side, painter.spec.steps, (0,), guidance=painter.spec.guidance)


def _pictures(what: str, painter: Painter, work: Painting, repeats: int) -> Result:
    """Time whole pictures at the model's own steps, by the engine and by the plain pipeline; both warm."""
    painter.pipelines.embeddings = Embeddings(0)  # the plain pipeline encodes its words each time, too
    ways: dict[str, Callable[[], None]] = {
        "engine": lambda: painter.paint(work, NullReporter()),
        "plain": lambda: paint_plainly(painter.pipeline, work),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(repeats + 1):
        for way, paint in ways.items():
            began = time.perf_counter()
            paint()
            if turn:
                seconds[way].append(time.perf_counter() - began)
    return Result(f"{what}, {work.steps} steps", "s", seconds["engine"], seconds["plain"], "plain pipeline")


@dataclass(frozen=True, slots=True)
class Rate:
    """Rows a second with so many rows in one forward, of `flops` operations a row."""

    rows: int
    rates: list[float]
    flops: float


def _rates(painter: Painter, work: Painting, numbers: Sequence[int], repeats: int) -> list[Rate]:
    """Time the denoiser's first forward of a painting, repeated as rows of one batch, until memory runs out."""
    gate, call, task = _first_call(painter, work)
    found = []
    for rows in numbers:
        try:
            found.append(Rate(rows, [rows / _seconds(gate, call, rows) for _ in range(repeats)], _flops(gate, call)))
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            break
    with suppress(Cancelled):
        task.resume(Cancelled("This was a measurement."))
    return found


def _first_call(painter: Painter, work: Painting) -> tuple[Gate, Call, Task]:
    task = Task(Job(work), lambda: painter.paint(work, NullReporter()))
    task.resume()
    if not isinstance(task.call, Call) or task.call.rows != 1:
        raise SystemExit(f"bench: {painter.spec.name} does not stop at a gate with one row.")
    return task.call.gate, task.call, task


def _seconds(gate: Gate, call: Call, times: int) -> float:
    gate.repeat(call, times)  # the first time of a shape is slower
    began = time.perf_counter()
    gate.repeat(call, times)
    return time.perf_counter() - began


def _flops(gate: Gate, call: Call) -> float:
    """Count the operations of one row: multiplications and additions of matrix products, convolutions and attention."""
    with FlopCounterMode(display=False) as counter:
        gate.repeat(call, 1)
    total: int = counter.get_total_flops()
    return total / call.rows


def _peak(device: Device, size: Size) -> tuple[float, str]:
    """Return operations a second, and where they are from; for a chip without a row, a matrix product is timed."""
    for part, peak in PEAKS.items():
        if part in device.chip and device.dtype in (torch.bfloat16, torch.float16):
            return peak, "as its maker says"
    side = MATRIX[size]
    matrix = torch.randn(side, side, device=device.name, dtype=device.dtype)
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        (matrix @ matrix)[0, 0].item()
        best = min(best, time.perf_counter() - began)
    return 2 * side**3 / best, "timed by a matrix product"
