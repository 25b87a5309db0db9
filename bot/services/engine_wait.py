"""Waiting for an engine that is away, still loads or has a full queue, while the job's message says so.

Invariant: no job waits longer than the operator's patience, and all that wait share one question a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from bot.domain.jobs import Job
from bot.domain.progress import Fetching, InLine, Waiting
from bot.services.ports.clock import Clock
from bot.services.ports.engine import Engine
from bot.services.ports.messaging import Messenger
from engine.api import errors

POLL_S = 1.0
FULL_RATE_JOBS = 8
"""A full engine is asked by at most so many jobs in the time that it names."""
LONGEST_PAUSE_S = 30.0
"""A queue with hundreds of jobs stays full for longer than this, so asking again later costs nothing."""


class CannotLoad(Exception):
    """The models of the host's own engine cannot be loaded, which no waiting mends."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for an engine that does not answer, and for one that answers but still loads or is full."""

    answer_s: float = 90.0
    loading_s: float = 1_800.0


class State(Enum):
    """Whether the engine takes work. LOADING: it answers, and its models are on their way, or it restarts soon."""

    READY = "ready"
    LOADING = "loading"
    AWAY = "away"


class Readiness:
    """Asks one engine whether it takes work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._next: asyncio.Task[State] | None = None
        self.fetching: Fetching | None = None
        """What an engine that was LOADING at the last answer fetches, where it tells."""

    async def now(self) -> State:
        """Ask at once."""
        self.fetching = None
        if await self._engine.ready():
            return State.READY
        try:
            await self._engine.models()
        except errors.EngineError as error:
            self.fetching = fetching_of(error)
            return State.LOADING if isinstance(error, errors.ModelLoading) else State.AWAY
        return State.LOADING

    async def next(self) -> State:
        """Ask after POLL_S; all callers of the meantime share the question and its answer."""
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._later(), name="engine-readiness")
        return await asyncio.shield(self._next)

    async def _later(self) -> State:
        await asyncio.sleep(POLL_S)
        return await self.now()


def fetching_of(error: errors.EngineError) -> Fetching | None:
    """Return what an engine fetches that answers with this error; None where it does not say so."""
    progress = error.progress if isinstance(error, errors.ModelLoading) else None
    if progress is None or progress.done >= progress.total:
        return None
    return Fetching(progress.name, progress.percent, progress.total)


def pause_s(retry_after_s: float, waiting: int) -> float:
    """Return how long one of `waiting` jobs sleeps before it asks a full engine again, given the engine's own hint."""
    return max(retry_after_s, min(LONGEST_PAUSE_S, retry_after_s * waiting / FULL_RATE_JOBS))


class QueueBackoff:
    """Spreads the retries of jobs that a full engine refused: the more wait, the longer each sleeps.

    Else hundreds of jobs would ask hundreds of times a second, and keep bot and engine from all other work.
    """

    def __init__(self) -> None:
        self._waiting = 0

    async def wait(self, retry_after_s: float) -> None:
        """Sleep for `pause_s` of those that wait now."""
        self._waiting += 1
        try:
            await asyncio.sleep(pause_s(retry_after_s, self._waiting))
        finally:
            self._waiting -= 1


class EngineWait:
    """Holds jobs back until the engine takes them."""

    def __init__(
        self,
        *,
        engine: Engine,
        messenger: Messenger,
        clock: Clock,
        patience: Patience,
        cannot_load: Callable[[], bool],
    ) -> None:
        self._cannot_load = cannot_load
        self._engine, self._messenger, self._clock, self._patience = engine, messenger, clock, patience
        self._readiness, self._backoff = Readiness(engine), QueueBackoff()

    async def until_ready(self, job: Job) -> None:
        """Wait until the engine takes work. Raises Unavailable when it stays away for the operator's patience.

        Raises CannotLoad as soon as that is known.

        An engine that answers but still loads is given longer: large models take minutes.
        """
        start, now = self._clock.now(), asyncio.get_running_loop().time
        began = now()  # patience is measured by the loop's clock, since the wall clock may be set meanwhile
        state = await self._readiness.now()
        while state is not State.READY:
            if self._cannot_load():
                raise CannotLoad
            loading = state is State.LOADING
            patience = self._patience.loading_s if loading else self._patience.answer_s
            if now() - began > patience:
                raise errors.Unavailable("The engine does not answer.")
            fetching = self._readiness.fetching if loading else None
            self._messenger.show(job, Waiting(None if loading else start + patience, fetching))
            state = await self._readiness.next()

    def full_until(self) -> float:
        """Return the loop time up to which a job that begins now may wait for a place in a full queue."""
        return asyncio.get_running_loop().time() + self._patience.loading_s

    async def for_place(self, job: Job, full: errors.QueueFull, until: float) -> None:
        """Wait as long as a full engine asks for. Raises `full` where it names no time, or one after `until`."""
        if full.retry_after is None or asyncio.get_running_loop().time() + full.retry_after > until:
            raise full
        await self._show_line(job)
        await self._backoff.wait(full.retry_after)

    async def _show_line(self, job: Job) -> None:
        with suppress(errors.EngineError):
            status = await self._engine.status()
            if status.waiting is not None:
                ready_at = None if status.wait_s is None else self._clock.now() + status.wait_s
                self._messenger.show(job, InLine(status.waiting, ready_at))
