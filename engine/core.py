"""The one thread that owns the models and the device.

Invariant: torch runs on this thread alone, and nothing that a job does ends it or touches another job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import structlog

from engine.api.errors import Cancelled, EngineError, Internal, OutOfMemory
from engine.api.messages import Completed, Progress
from engine.job import Event, Job
from engine.queue import JobQueue
from engine.run import current_run
from engine.runs import Runs, Step
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
    def stepped(self, step: Step) -> None: ...
    def ended(self, job: Job, error: EngineError | None, around: float) -> None: ...


class LoadFailed(Exception):
    """The models cannot be loaded; `str()` is one sentence for a person."""


@dataclass(slots=True)
class JobReporter:
    """The job.Reporter of a job that runs, within its run.

    A chat rests here after each token, so that pictures go on; so does a picture after a step where no gate stops it.
    """

    desk: Desk
    job: Job
    has_given: bool = False

    def tell(self, event: Event) -> None:
        self.check()
        self.has_given |= isinstance(event, Completed)
        self.desk.told(self.job, event)
        run = current_run()
        if run is not None and isinstance(event, Progress):
            run.done = event.step
            if not run.gated:
                run.rest()

    def check(self) -> None:
        if self.job.cancelled:
            raise Cancelled("This work was cancelled.")
        run = current_run()
        if run is not None and not run.is_picture:
            run.rest()


class Core:
    """Loads the models, then serves the queue step by step until it is closed."""

    def __init__(self, load: Callable[[], Models], queue: JobQueue[Job], desk: Desk) -> None:
        self._load = load
        self._queue = queue
        self._desk = desk
        self._runs = Runs(queue)
        self._thread = threading.Thread(target=self._main, name="core", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait for the thread's end after the queue was closed; False where it takes longer."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _main(self) -> None:
        models = self._loaded()
        while models and self._admit(models):
            self._step()
            self._publish(models)
        self._runs.stop()

    def _loaded(self) -> Models | None:
        try:
            models = self._load()
        except LoadFailed as failure:
            self._desk.failed(str(failure))
            return None
        except Exception:
            log.exception("models.failed")
            self._desk.failed("The models cannot be loaded; the log says why.")
            return None
        self._desk.ready(models)
        return models

    def _admit(self, models: Models) -> bool:
        """Begin what may begin, and wait for work where nothing runs; False once the queue is closed."""
        if not self._runs and not self._queue.wait():
            return False
        while job := self._queue.take(self._runs.may_begin):
            self._desk.started(job)
            self._runs.begin(job, partial(self._work, models, job))
        return not self._queue.closed

    def _step(self) -> None:
        if step := self._runs.step():
            self._desk.stepped(step)

    def _publish(self, models: Models) -> None:
        for run in self._runs.take_ended():
            if isinstance(run.error, OutOfMemory):
                log.warning("job.out_of_memory", job_id=run.job.log_id)
                models.free_memory()
            self._desk.ended(run.job, run.error, run.around)

    def _work(self, models: Models, job: Job) -> EngineError | None:
        """Do the work, within the job's run; return what kept it from being done.

        A picture for which memory ran out is begun anew with smaller batches beside it, while they can be smaller.
        """
        reporter = JobReporter(self._desk, job)
        with structlog.contextvars.bound_contextvars(job_id=job.log_id):  # each greenlet has a context of its own
            error = self._try(models, job, reporter)
            while isinstance(error, OutOfMemory) and not reporter.has_given and models.painter.make_room(job.work):
                log.warning("job.retried", why="out of memory; the batch cap is halved")
                models.free_memory()
                error = self._try(models, job, reporter)
        return error

    def _try(self, models: Models, job: Job, reporter: JobReporter) -> EngineError | None:
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
            log.exception("job.failed")
            return Internal("The engine failed at this; its log says why.")
        return None


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether a device or the host ran out; torch has a class for CUDA's alone, so the rest goes by the words."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)
    )
