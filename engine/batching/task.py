"""A job's work as something that stops amid a pipeline and goes on later: a greenlet of the models' thread.

Invariant: a run is computing, or waits for `call` or for what is `elsewhere`, or rests between two steps; only the
thread that began it moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from greenlet import getcurrent, greenlet

from engine.api.errors import EngineError
from engine.jobs.job import Job, Lane

T = TypeVar("T")


class Forward(Protocol):
    """Computes several calls of one key as one batch; stands where a pipeline calls its denoiser."""

    def run(self, calls: Sequence[Any], size: str = "") -> list[Any]: ...


class Call(Protocol):
    """A forward that a run waits for: its key, its rows, and how many rows its batch may have for a picture's size."""

    @property
    def key(self) -> Hashable: ...
    @property
    def rows(self) -> int: ...
    @property
    def gate(self) -> Forward: ...
    def cap(self, size: str) -> int: ...
    def known_cap(self, size: str) -> int | None: ...


class Task(greenlet):
    """One job that has begun.

    `done` counts its denoising steps; `gated` tells that a gate has stopped it once. `in_step` are the seconds of the
    step that is not done yet, `around` those beside all steps: text encoder, autoencoder, and all of a chat. While a
    run is `undivided`, no other is moved between its stops.
    """

    def __init__(self, job: Job, work: Callable[[], EngineError | None]) -> None:
        super().__init__(self._body)
        self.job = job
        self.error: EngineError | None = None
        self.call: Call | None = None
        self.elsewhere: Future[Any] | None = None
        self.gated = False
        self.undivided = False
        self.done = 0
        self.in_step = 0.0
        self.around = 0.0
        self._work = work

    @property
    def is_picture(self) -> bool:
        return self.job.lane is Lane.IMAGES

    @property
    def rank(self) -> float:
        """The work that is left, less what was done before it; the smaller, the sooner its turn."""
        work = self.job.painting
        return work.step_cost * max(0, work.run_steps - self.done) - self.job.passed

    def wait_for(self, call: Call) -> Any:
        """Stop, within the run, until the call's output is there. Raises what the one who computes it throws."""
        self.call, self.gated = call, True
        return self.parent.switch()

    def leave(self, future: Future[T]) -> T:
        """Stop, within the run, until another thread has done this, which needs no device; return what came of it."""
        self.elsewhere = future
        self.parent.switch()
        return future.result()

    def rest(self) -> None:
        """Stop, within the run, until it may go on."""
        self.parent.switch()

    def go_on(self, output: Any = None) -> None:
        """Move the run to where it stops next. An exception as output is raised where it stands."""
        self.call = self.elsewhere = None
        if isinstance(output, BaseException):
            self.throw(output)
        else:
            self.switch(output)

    def _body(self, _: Any = None) -> None:
        self.error = self._work()


def current_task() -> Task | None:
    """Return the run that calls this, None outside all runs."""
    here = getcurrent()
    return here if isinstance(here, Task) else None
