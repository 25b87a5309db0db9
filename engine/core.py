"""The one thread that owns the models and the device.

Invariant: torch runs on this thread alone, and nothing that a job does ends it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from engine.api.errors import Cancelled, EngineError, Internal, OutOfMemory
from engine.job import Event, Job
from engine.queue import JobQueue
from engine.work import Painting

if TYPE_CHECKING:
    from engine.loading import Models

log = structlog.get_logger()


class Desk(Protocol):
    """Whom the thread tells what happens. Called on this thread; implementations hand over to their own."""

    def ready(self, models: Models) -> None: ...
    def failed(self, sentence: str) -> None: ...
    def started(self, job: Job) -> None: ...
    def told(self, job: Job, event: Event) -> None: ...
    def ended(self, job: Job, error: EngineError | None) -> None: ...


class LoadFailed(Exception):
    """The models cannot be loaded; `str()` is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class JobReporter:
    """The job.Reporter of a job that runs."""

    desk: Desk
    job: Job

    def tell(self, event: Event) -> None:
        self.check()
        self.desk.told(self.job, event)

    def check(self) -> None:
        if self.job.cancelled:
            raise Cancelled("This work was cancelled.")


class Core:
    """Loads the models, then serves the queue, one job after the other, until it is closed."""

    def __init__(self, load: Callable[[], Models], queue: JobQueue[Job], desk: Desk) -> None:
        self._load = load
        self._queue = queue
        self._desk = desk
        self._thread = threading.Thread(target=self._main, name="core", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait for the thread's end after the queue was closed; False where it takes longer."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _main(self) -> None:
        try:
            models = self._load()
        except LoadFailed as failure:
            self._desk.failed(str(failure))
            return
        except Exception:
            log.exception("models.failed")
            self._desk.failed("The models cannot be loaded; the log says why.")
            return
        self._desk.ready(models)
        while job := self._admit():
            error = self._run(models, job)
            self._publish(models, job, error)

    def _admit(self) -> Job | None:
        job = self._queue.pop()
        if job is not None:
            self._desk.started(job)
        return job

    def _run(self, models: Models, job: Job) -> EngineError | None:
        """Do the work; return what kept it from being done."""
        reporter = JobReporter(self._desk, job)
        try:
            reporter.check()
            models.safety.admit(job.work)
            if isinstance(job.work, Painting):
                models.painter.paint(job.work, reporter)
            else:
                models.planner.answer(job.work, reporter)
        except EngineError as error:
            return error
        except Exception as error:
            if is_out_of_memory(error):
                return OutOfMemory(
                    "The device has too little memory for this; ask for a smaller size or fewer pictures."
                )
            log.exception("job.failed", job_id=job.id)
            return Internal("The engine failed at this; its log says why.")
        return None

    def _publish(self, models: Models, job: Job, error: EngineError | None) -> None:
        if isinstance(error, OutOfMemory):
            log.warning("job.out_of_memory", job_id=job.id)
            models.free_memory()
        self._desk.ended(job, error)


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether a device or the host ran out; torch has a class for CUDA's alone, so the rest goes by the words."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)
    )
