"""A painter in this process, through the engine's own code: the starter's, where no other is named."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.api.messages import Completed, ImageRequest, StartImage
from engine.jobs.job import Event, NullReporter
from engine.models.device import Device
from engine.models.source import read_source
from engine.painting.painter import Painter


class Hand:
    """Paints one picture at a time, on the CPU and one thread, so that runs compare."""

    def __init__(self, folder: Path | str = "") -> None:
        torch.set_grad_enabled(False)
        torch.set_num_threads(1)
        self._painter = Painter.load(read_source("LIMNER_MODEL", str(folder), "painter"), Device("cpu", torch.float32))
        self._painter.warm_up()

    def paint(self, prompt: str, seed: int, start: StartImage | None = None) -> bytes:
        """Return a PNG file, square."""
        collector = _Collector()
        size = self._painter.spec.sizes["square"]
        self._painter.paint(self._painter.spec.plan(ImageRequest(prompt, size=size, seed=seed), seed, start), collector)
        return collector.pictures[0]


class _Collector(NullReporter):
    """Keeps the finished pictures."""

    def __init__(self) -> None:
        self.pictures: list[bytes] = []

    def tell(self, event: Event) -> None:
        if isinstance(event, Completed):
            self.pictures.append(event.b64_json)
