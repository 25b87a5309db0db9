"""The engine as the event loop sees it: whether it is ready, what it has loaded, and its jobs.

Invariant: only calls that hop through the event loop change it, although the model thread reports to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import structlog

from engine.api.errors import EngineError, ModelLoading, NotFound
from engine.jobs.job import Event, Job
from engine.jobs.registry import Jobs
from engine.jobs.timing import Step
from engine.loading import Models

DECODERS = 2
"""Start images that may be decoded at the same time; each can take some hundred megabytes meanwhile."""

log = structlog.get_logger()


class Frontend:
    """Implements model_thread.Observer. `on_failure` is called, on the loop, where the models cannot be loaded."""

    def __init__(self, jobs: Jobs, on_failure: Callable[[str], None]) -> None:
        self.jobs = jobs
        self.failure: str | None = None
        self.decoding = asyncio.Semaphore(DECODERS)
        self._models: Models | None = None
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._look: Callable[[], dict[str, int]] = dict

    @property
    def models(self) -> Models:
        """The loaded models. Raises ModelLoading."""
        if self.failure is not None:
            raise ModelLoading(self.failure)
        if self._models is None:
            raise ModelLoading("The models are being loaded; ask again in a moment.", retry_after=2)
        return self._models

    def check_model(self, asked: str, role: Literal["painter", "planner"]) -> str:
        """Return the loaded model's name. Raises NotFound for another's, ModelLoading."""
        name = self.models.painter.spec.name if role == "painter" else self.models.planner.name
        if asked not in ("default", name):
            raise NotFound(f"model: {asked!r} is not loaded here; use 'default' or {name!r}.", param="model")
        return name

    def ready(self, models: Models) -> None:
        self._look = models.memory
        self._hop(self._set_ready, models)
        self._measure()

    def failed(self, sentence: str) -> None:
        self._hop(self._set_failed, sentence)

    def started(self, job: Job) -> None:
        self._hop(self.jobs.started, job)

    def event(self, job: Job, event: Event) -> None:
        self._hop(self.jobs.event, job, event)

    def stepped(self, step: Step) -> None:
        self._hop(self.jobs.stepped, step)

    def ended(self, job: Job, error: EngineError | None, overhead_seconds: float) -> None:
        self._measure()
        self._hop(self.jobs.ended, job, error, overhead_seconds)

    def _measure(self) -> None:
        """Look at the device's memory, on the model thread, which alone may use torch."""
        self._hop(self.jobs.metrics.measured, self._look())

    def _hop(self, call: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop closed first: nobody is left to be told
            self._loop.call_soon_threadsafe(call, *arguments)

    def _set_ready(self, models: Models) -> None:
        self._models = models
        spec = models.painter.spec
        self.jobs.metrics.loaded(spec.name, models.planner.name, models.chip, spec.sizes.values())

    def _set_failed(self, sentence: str) -> None:
        self.failure = sentence
        self._on_failure(sentence)
