"""The one thread that owns the models and the device: it loads them, then serves the queue step by step.

Invariant: torch runs on this thread alone, and no fault of a job ends the thread or reaches another job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from engine.api.errors import Cancelled, EngineError, Internal, OutOfMemory
from engine.api.light_structlog import structlog
from engine.api.messages import Completed, Progress
from engine.batching.out_of_memory import SENTENCE, retry_in_less_memory
from engine.batching.phases import phase
from engine.batching.step_loop import StepLoop
from engine.batching.task import current_task
from engine.errors import LoadFailed, is_out_of_memory
from engine.jobs.heartbeat import Activity, Heartbeat
from engine.jobs.job import Event, Job, Reporter
from engine.jobs.phases import Phase, PhaseSeconds
from engine.jobs.queue import JobQueue
from engine.jobs.requests import Conversation, Painting
from engine.jobs.timing import Step

IDLE_S = 5.0
"""After so long without a job the painter measures: who comes next rarely comes within a second."""

log = structlog.get_logger()


class Painter(Protocol):
    """What the thread needs of the diffusion model."""

    def paint(self, work: Painting, reporter: Reporter) -> None: ...
    def measure(self, is_idle: Callable[[], bool]) -> None:
        """Measure what is not known yet, to be ended soon after it `is_idle` no longer."""

    def make_room(self, work: Painting | Conversation) -> bool:
        """Halve the cap of batches of this work's size after memory ran out; False where it is one row already."""


class Planner(Protocol):
    """What the thread needs of the language model."""

    @property
    def slots(self) -> int:
        """How many conversations it continues at once."""

    def answer(self, work: Conversation, reporter: Reporter) -> None: ...


class Safety(Protocol):
    """What the thread needs of the checks."""

    def admit(self, work: Painting | Conversation) -> None:
        """Raise EngineError where this work may not begin."""


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


class Observer(Protocol[M_in]):
    """Is notified of what happens, on the model thread; implementations pass it to their own thread."""

    def ready(self, models: M_in) -> None: ...
    def failed(self, sentence: str) -> None: ...
    def started(self, job: Job) -> None: ...
    def event(self, job: Job, event: Event) -> None: ...
    def stepped(self, step: Step) -> None: ...
    def ended(self, job: Job, error: EngineError | None, overhead_seconds: float) -> None: ...


@dataclass(slots=True)
class JobReporter:
    """The job.Reporter of a begun job, called within its task.

    A chat rests at `check`, after each token, so that other chats and pictures go on; a picture rests after a step
    where no gate stops it.
    """

    observer: Observer[Any]
    job: Job
    has_delivered: bool = False
    """Whether a finished picture was passed on."""

    def tell(self, event: Event) -> None:
        self._raise_if_cancelled()
        self.has_delivered |= isinstance(event, Completed)
        self.observer.event(self.job, event)
        task = current_task()
        if task is not None and isinstance(event, Progress):
            task.steps_done = event.step
            if not task.interruptible:
                task.rest()

    def check(self) -> None:
        self._raise_if_cancelled()
        task = current_task()
        if task is not None and not task.is_picture:
            task.rest()

    def _raise_if_cancelled(self) -> None:
        if self.job.cancelled:
            raise Cancelled("This work was cancelled.")


class ModelThread(Generic[M]):
    """Loads the models, then serves the queue step by step until it is closed."""

    def __init__(
        self, load: Callable[[], M], queue: JobQueue[Job], observer: Observer[M], heartbeat: Heartbeat
    ) -> None:
        self._load = load
        self._queue = queue
        self._observer = observer
        self._heartbeat = heartbeat
        self._loop = StepLoop(queue, heartbeat)
        self._thread = threading.Thread(target=self._main, name="core", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait for the thread's end after the queue was closed; False where it takes longer."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _main(self) -> None:
        models = self._loaded()
        while models and self._begin_jobs(models):
            self._step()
            self._end_jobs(models)
        self._loop.stop()
        self._heartbeat.start(Activity.IDLE)

    def _loaded(self) -> M | None:
        try:
            models = self._load()
        except LoadFailed as failure:
            self._observer.failed(str(failure))
            return None
        except Exception:
            log.exception("models.failed")
            self._observer.failed("The models cannot be loaded; the log says why.")
            return None
        self._loop.chat_slots = lambda: models.planner.slots
        self._observer.ready(models)
        return models

    def _begin_jobs(self, models: M) -> bool:
        """Begin the jobs that may begin, and wait for one where none has begun; False once the queue is closed."""
        if not self._loop:
            self._wait_for_job(models)
        self._heartbeat.start(Activity.SCHEDULING)
        while job := self._queue.take(self._loop.may_begin):
            self._observer.started(job)
            self._loop.begin(job, partial(self._work, models, job))
        return not self._queue.closed

    def _wait_for_job(self, models: M) -> None:
        """Wait until a job waits or the queue is closed; meanwhile the painter measures what it does not know yet."""
        self._heartbeat.start(Activity.IDLE)
        while not self._queue.wait_for(IDLE_S):
            self._heartbeat.start(Activity.MEASURING)
            models.painter.measure(lambda: not self._queue.wait_for(0))
            self._heartbeat.start(Activity.IDLE)

    def _step(self) -> None:
        if step := self._loop.step():
            self._observer.stepped(step)

    def _end_jobs(self, models: M) -> None:
        for task in self._loop.take_ended():
            if isinstance(task.error, OutOfMemory):
                log.warning("job.out_of_memory", job_id=task.job.log_id)
                models.free_memory()
            if task.error is None:
                self._observer.event(task.job, PhaseSeconds(task.phases))
            self._observer.ended(task.job, task.error, task.overhead_seconds)

    def _work(self, models: M, job: Job) -> EngineError | None:
        """Do the work, within the job's task; return the error that it ended with."""
        reporter = JobReporter(self._observer, job)
        with structlog.contextvars.bound_contextvars(job_id=job.log_id):  # each greenlet has a context of its own
            return retry_in_less_memory(
                attempt=lambda: self._try(models, job, reporter),
                may_retry=lambda: not reporter.has_delivered and models.painter.make_room(job.work),
                free_memory=models.free_memory,
            )

    def _try(self, models: M, job: Job, reporter: JobReporter) -> EngineError | None:
        try:
            reporter.check()
            with phase(Phase.WORDS):
                models.safety.admit(job.work)
            if isinstance(job.work, Painting):
                models.painter.paint(job.work, reporter)
            else:
                models.planner.answer(job.work, reporter)
        except EngineError as error:
            return error
        except Exception as error:
            if is_out_of_memory(error):
                return OutOfMemory(SENTENCE)
            log.exception("job.failed")
            return Internal("The engine failed at this; its log says why.")
        return None
