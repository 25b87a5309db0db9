"""The event loop's view of the engine: the loaded models, the jobs, and what the model thread reports of both.

Invariant: its state changes on the event loop alone; reports of the model thread are scheduled there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal

from engine.api.errors import EngineError, ModelLoading, ModelNotFound
from engine.api.light_structlog import structlog
from engine.api.messages import Model
from engine.api.model_store import Loading
from engine.jobs.job import Event, Job
from engine.jobs.registry import Jobs
from engine.jobs.timing import Step
from engine.loading import Models

DEFAULT = "default"
"""The name by which a request may ask for whatever is loaded."""
MAX_DECODING = 2
"""Start images that may be decoded at the same time; each can take some hundred megabytes meanwhile."""

log = structlog.get_logger()


class Frontend:
    """Implements model_thread.Observer. `on_failure` gets, on the loop, the sentence why no model can load;
    `on_ready` is called there once they are loaded.

    `aliases` are further names by which a request may ask for the loaded models.
    """

    def __init__(
        self,
        jobs: Jobs,
        on_failure: Callable[[str], None],
        aliases: Sequence[str] = (),
        on_ready: Callable[[], None] = lambda: None,
    ) -> None:
        self.jobs = jobs
        self._aliases = tuple(aliases)
        self.failure: str | None = None
        self.decoding = asyncio.Semaphore(MAX_DECODING)
        self._models: Models | None = None
        self._loading: Loading | None = None
        self._on_failure, self._on_ready = on_failure, on_ready
        self._loop = asyncio.get_running_loop()
        self._device_memory: Callable[[], dict[str, int]] = dict

    @property
    def models(self) -> Models:
        """The loaded models. Raises ModelLoading."""
        if self.failure is not None:
            raise ModelLoading(self.failure)
        if self._models is None:
            raise ModelLoading(
                "The models are being loaded; ask again in a moment.", retry_after=2, progress=self._loading
            )
        return self._models

    def listed(self) -> list[Model]:
        """Return the painter, the language model, and an entry without facts for each alias. Raises ModelLoading."""
        models = self.models.describe()
        names = dict.fromkeys(self._aliases)
        for model in models:
            names.pop(model.id, None)
        return [*models, *(Model(name, created=models[0].created) for name in names)]

    def check_model(self, asked: str, role: Literal["painter", "planner"]) -> str:
        """Return the loaded model's id. Raises ModelNotFound where `asked` names another model, ModelLoading."""
        painter, planner = self.models.describe()
        model, own = (
            (painter, self.models.painter.spec.name) if role == "painter" else (planner, self.models.planner.name)
        )
        if asked not in (DEFAULT, model.id, own, *self._aliases):
            raise ModelNotFound(f"model: {asked!r} is not loaded here; use 'default' or {model.id!r}.", param="model")
        return model.id

    def loading(self, progress: Loading) -> None:
        """Take how far the models are; called on the model thread."""
        self._call_on_loop(self._set_loading, progress)

    def ready(self, models: Models) -> None:
        self._device_memory = models.memory
        self._call_on_loop(self._set_ready, models)
        self._report_memory()

    def failed(self, sentence: str) -> None:
        self._call_on_loop(self._set_failed, sentence)

    def started(self, job: Job) -> None:
        self._call_on_loop(self.jobs.started, job)

    def event(self, job: Job, event: Event) -> None:
        self._call_on_loop(self.jobs.event, job, event)

    def stepped(self, step: Step) -> None:
        self._call_on_loop(self.jobs.stepped, step)

    def ended(self, job: Job, error: EngineError | None, overhead_seconds: float) -> None:
        self._report_memory()
        self._call_on_loop(self.jobs.ended, job, error, overhead_seconds)

    def _report_memory(self) -> None:
        """Read the device's memory; called on the model thread, the only one that may use torch."""
        self._call_on_loop(self.jobs.metrics.measured, self._device_memory())

    def _call_on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is closed already: the process ends
            self._loop.call_soon_threadsafe(call, *arguments)

    def _set_loading(self, progress: Loading) -> None:
        self._loading = progress

    def _set_ready(self, models: Models) -> None:
        self._models = models
        # Not where they are loaded: whoever reads this line may ask at once.
        log.info("models.ready", device=models.device, chip=models.chip, seconds=round(models.seconds, 1))
        self._on_ready()
        spec = models.painter.spec
        self.jobs.metrics.loaded(spec.name, models.planner.name, models.chip, spec.sizes.values())

    def _set_failed(self, sentence: str) -> None:
        self.failure = sentence
        self._on_failure(sentence)
