"""FLUX.2-klein at full size with its weights made smaller, on a GPU whose memory is capped as on a smaller card."""

from __future__ import annotations

import gc
import time

import torch

from bench.full_size import Size, build
from bench.result import Result
from engine.api.installation import installed_formats
from engine.api.placement import Format
from engine.device_memory import free_caches, memory
from engine.jobs.job import NullReporter
from engine.jobs.requests import Painting
from engine.models.device import Device
from engine.models.weight_formats import TEXT_ENCODERS
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter
from harness.small_weights import shrink

NAME, STEPS = "klein", 4
SIDES: dict[Size, int] = {"full": 1024, "tiny": 64}
CARDS = {Format.INT8: 12, Format.FOUR_BIT: 8}
"""Gigabytes of the smallest card for which placement takes a format, with this painter."""


def small_cards(repeats: int, device: Device, size: Size) -> list[Result]:
    """Measure seconds and memory of a picture in each format beside the full one; the cap is lifted afterwards."""
    plain, peak = _paint(repeats, device, size, Format.FULL)
    what = f"{device.chip}, {NAME}, {SIDES[size]} px, {STEPS} steps"
    results = [Result(f"{what}, weights in full: the most memory", "GB", [peak])]
    for weights, gib in CARDS.items():
        if weights not in installed_formats():
            continue
        _cap(device, gib)
        try:
            seconds, peak = _paint(repeats, device, size, weights)
        finally:
            _cap(device, None)
        capped = f"{what}, {weights.value}, capped at {gib} GB"
        results += [
            Result(capped, "s", seconds, plain, "weights in full"),
            Result(f"{capped}: the most memory", "GB", [peak]),
        ]
    return results


def _paint(repeats: int, device: Device, size: Size, weights: Format) -> tuple[list[float], float]:
    """Return seconds of each picture but the first, and the most memory of the device, in GB."""
    gc.collect()
    free_caches()
    pipeline = build(NAME, size, "cpu", device.dtype)
    if weights is not Format.FULL:
        shrink(pipeline.transformer, weights, denoises=True, dtype=device.dtype)
        for name in TEXT_ENCODERS:
            if encoder := getattr(pipeline, name, None):
                shrink(encoder, weights, denoises=False, dtype=device.dtype)
    pipeline = pipeline.to(device.name)
    memory()  # the peak counts from here
    painter = Painter(pipeline, painter_spec_of(pipeline, NAME, None), provenance=False)
    seconds = []
    for seed in range(repeats + 1):
        began = time.perf_counter()
        work = Painting(f"a red boat, {seed}", SIDES[size], SIDES[size], STEPS, (seed,), guidance=painter.spec.guidance)
        painter.paint(work, NullReporter())
        seconds.append(time.perf_counter() - began)
    return seconds[1:], memory()["peak"] / 1e9


def _cap(device: Device, gib: int | None) -> None:
    """Let this process take no more of the device's memory than a card of so many GiB leaves; None lifts that."""
    if device.name == "cuda" and device.total:
        usable = device.total if gib is None else min(device.total, gib * 2**30 * 0.98 - 500_000_000)
        torch.cuda.set_per_process_memory_fraction(usable / device.total)
