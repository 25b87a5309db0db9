"""A begun job as a greenlet of the model thread: it stops inside a pipeline's call, and goes on later.

Invariant: a task is computing, or waits for `call` or for `pending_io`, or rests between two steps; only the model
thread moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from greenlet import getcurrent, greenlet

from engine.api.errors import EngineError
from engine.batching import policy
from engine.jobs.job import Job, Lane
from engine.jobs.phases import Phase

T = TypeVar("T")


class Forward(Protocol):
    """Computes several calls of one key as one batch; stands where a pipeline calls its denoiser."""

    def run(self, calls: Sequence[Any], size: str = "") -> list[Any]: ...


class Call(Protocol):
    """A forward that a task waits for: its key, its rows, and how many rows its batch may have for a picture's size."""

    @property
    def key(self) -> Hashable: ...
    @property
    def rows(self) -> int: ...
    @property
    def gate(self) -> Forward: ...
    def cap(self, size: str) -> int: ...
    def measure_when_idle(self, size: str, is_idle: Callable[[], bool]) -> None:
        """Measure the cap thoroughly while `is_idle`, where it is not known conclusively."""

    def known_cap(self, size: str) -> int | None: ...


class Task(greenlet):
    """One job that has begun. A picture's task is a policy.Begun."""

    def __init__(self, job: Job, work: Callable[[], EngineError | None]) -> None:
        super().__init__(self._body)
        self.job = job
        self.error: EngineError | None = None
        self.call: Call | None = None
        """The forward that it waits for."""
        self.pending_io: Future[Any] | None = None
        """The work of another thread that it waits for; others compute meanwhile."""
        self.interruptible = False
        """Whether a gate has stopped it, so that it stops at each step."""
        self.exclusive = False
        """Whether it holds the device: no other task is moved between its stops."""
        self.steps_done = 0
        self.step_seconds = 0.0
        """Seconds of the step that is not done yet."""
        self.overhead_seconds = 0.0
        """Seconds beside all steps: text encoder, autoencoder, and all of a chat."""
        self.phases: dict[Phase, float] = {}
        self._work = work

    @property
    def is_picture(self) -> bool:
        return self.job.lane is Lane.IMAGES

    @property
    def rank(self) -> int:
        work = self.job.painting
        return policy.rank(work.step_cost, max(0, work.run_steps - self.steps_done), self.job.passed)

    @property
    def size(self) -> str:
        return self.job.painting.size

    @property
    def group(self) -> Hashable:
        return self.job.painting.group

    @property
    def rows(self) -> int:
        return self.call.rows if self.call else len(self.job.painting.seeds)

    @property
    def key(self) -> Hashable:
        return self.call.key if self.call else id(self)

    @property
    def cap(self) -> int:
        """The rows that a batch with this task's call may have; 0 where it has none. It measures a new size."""
        return self.call.cap(self.size) if self.call else 0

    def wait_for(self, call: Call) -> Any:
        """Stop, within the task, until the call's output is there. Raises the exception that it failed with."""
        self.call, self.interruptible = call, True
        return self.parent.switch()

    def await_io(self, future: Future[T]) -> T:
        """Stop, within the task, until another thread has done work that needs no device; return its result."""
        self.pending_io = future
        self.parent.switch()
        return future.result()

    def rest(self) -> None:
        """Stop, within the task, so that others can go on."""
        self.parent.switch()

    def resume(self, output: Any = None) -> None:
        """Move the task to its next stop. An exception as `output` is raised where it stands."""
        self.call = self.pending_io = None
        if isinstance(output, BaseException):
            self.throw(output)
        else:
            self.switch(output)

    def _body(self, _: Any = None) -> None:
        self.error = self._work()


def current_task() -> Task | None:
    """Return the task that calls this; None outside all tasks."""
    here = getcurrent()
    return here if isinstance(here, Task) else None
