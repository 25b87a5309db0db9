"""The one thread that owns the models and the device.

Invariant: torch runs on this thread alone, and nothing that a job does ends it or touches another job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import structlog

from engine.api.errors import Cancelled, EngineError, Internal, OutOfMemory
from engine.api.messages import Completed, Progress
from engine.batching.step_loop import StepLoop
from engine.batching.task import current_task
from engine.errors import LoadFailed, is_out_of_memory
from engine.jobs.job import Event, Job, Reporter
from engine.jobs.queue import JobQueue
from engine.jobs.requests import Conversation, Painting
from engine.jobs.timing import Step

log = structlog.get_logger()


class Painter(Protocol):
    """What the thread needs of the diffusion model."""

    def paint(self, work: Painting, reporter: Reporter) -> None: ...
    def make_room(self, work: Painting | Conversation) -> bool:
        """Lower the rows of a batch of this work's size after memory ran out; False where it is one row already."""


class Planner(Protocol):
    """What the thread needs of the language model."""

    def answer(self, work: Conversation, reporter: Reporter) -> None: ...


class Safety(Protocol):
    """What the thread asks before work begins; raises EngineError."""

    def admit(self, work: Painting | Conversation) -> None: ...


class Models(Protocol):
    """The loaded models, as far as this thread uses them."""

    @property
    def painter(self) -> Painter: ...
    @property
    def planner(self) -> Planner: ...
    @property
    def safety(self) -> Safety: ...
    def free_memory(self) -> None: ...


M = TypeVar("M", bound=Models)
M_in = TypeVar("M_in", bound=Models, contravariant=True)


class Desk(Protocol[M_in]):
    """Whom the thread tells what happens. Called on this thread; implementations hand over to their own."""

    def ready(self, models: M_in) -> None: ...
    def failed(self, sentence: str) -> None: ...
    def started(self, job: Job) -> None: ...
    def told(self, job: Job, event: Event) -> None: ...
    def stepped(self, step: Step) -> None: ...
    def ended(self, job: Job, error: EngineError | None, around: float) -> None: ...


@dataclass(slots=True)
class JobReporter:
    """The job.Reporter of a job that runs, within its run.

    A chat rests here after each token, so that pictures go on; so does a picture after a step where no gate stops it.
    """

    desk: Desk[Any]
    job: Job
    has_given: bool = False

    def tell(self, event: Event) -> None:
        self.check()
        self.has_given |= isinstance(event, Completed)
        self.desk.told(self.job, event)
        run = current_task()
        if run is not None and isinstance(event, Progress):
            run.done = event.step
            if not run.gated:
                run.rest()

    def check(self) -> None:
        if self.job.cancelled:
            raise Cancelled("This work was cancelled.")
        run = current_task()
        if run is not None and not run.is_picture:
            run.rest()


class ModelThread(Generic[M]):
    """Loads the models, then serves the queue step by step until it is closed."""

    def __init__(self, load: Callable[[], M], queue: JobQueue[Job], desk: Desk[M]) -> None:
        self._load = load
        self._queue = queue
        self._desk = desk
        self._runs = StepLoop(queue)
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

    def _loaded(self) -> M | None:
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

    def _admit(self, models: M) -> bool:
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

    def _publish(self, models: M) -> None:
        for run in self._runs.take_ended():
            if isinstance(run.error, OutOfMemory):
                log.warning("job.out_of_memory", job_id=run.job.log_id)
                models.free_memory()
            self._desk.ended(run.job, run.error, run.around)

    def _work(self, models: M, job: Job) -> EngineError | None:
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

    def _try(self, models: M, job: Job, reporter: JobReporter) -> EngineError | None:
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
