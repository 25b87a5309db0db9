"""Seconds of the ways of computing a painter's parts, simulated, and pictures as numbers."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from PIL import Image

from engine.batching import fastest as fastest_module
from engine.batching.fastest import Fastest
from engine.jobs.job import Event, NullReporter
from engine.jobs.requests import Painting
from engine.models.tuning import FIRST, LAST
from engine.painting.painter import Painter


@dataclass
class World:
    """Simulated seconds, which pass in calls alone; `late` are those that a call takes longer, by its number."""

    seconds: dict[str, float]
    late: Callable[[int, str], float] = lambda call, way: 0.0
    now: float = 0.0
    calls: list[str] = field(default_factory=list)

    def compute(self, way: str) -> None:
        self.now += self.seconds[way] + self.late(len(self.calls), way)
        self.calls.append(way)


def simulated_seconds(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Return the seconds of each way, by its name, to be set; the measured calls are computed all the same."""
    by_way = {FIRST: 1.0, LAST: 1.0}
    real = Fastest.choose

    def choose(self: Fastest, what, ways, compute, is_idle):  # type: ignore[no-untyped-def]
        world = World(by_way)

        def computed(way: str) -> None:
            compute(way)
            world.compute(way)

        monkeypatch.setattr(fastest_module, "perf_counter", lambda: world.now)
        return real(self, what, ways, computed, is_idle)

    monkeypatch.setattr(Fastest, "choose", choose)
    return by_way


class Kept(NullReporter):
    def __init__(self) -> None:
        self.files: list[bytes] = []

    def tell(self, event: Event) -> None:
        self.files += [event.b64_json] if hasattr(event, "b64_json") else []


def picture(made: Painter, width: int = 64) -> torch.Tensor:
    kept = Kept()
    made.paint(Painting("a boat", width, 64, 3, (7,), guidance=made.spec.guidance), kept)
    return torch.from_numpy(np.asarray(Image.open(io.BytesIO(kept.files[0]))).astype("int16"))
