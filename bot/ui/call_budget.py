"""Shares out the calls that Discord lets a bot make in a second: ends of jobs first, and to progress what is left.

Invariant: no more than `per_second` counted calls begin within any second, repetitions included. Answers to
interactions are not counted, as Discord does not count them.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from types import SimpleNamespace

import aiohttp

PER_SECOND = 45
"""Discord's limit is 50 in a second. What leaves here in one second may arrive there within a little less."""
FOR_PROGRESS = 30
"""Once so many calls began within the last second, no progress is shown: the others are for bursts of all else."""
COUNTED = re.compile(r"/api/v\d+/(?!interactions/|webhooks/)")


class Weight(IntEnum):
    """Which calls go first: a job's end; anything else; progress, which never waits."""

    END = 0
    OTHER = 1
    PROGRESS = 2


_weight: ContextVar[Weight] = ContextVar("weight", default=Weight.OTHER)


class NoRoom(Exception):
    """Progress was not sent, since all calls of this second are needed otherwise."""


@contextmanager
def weighing(weight: Weight) -> Iterator[None]:
    """Make calls of this weight meanwhile."""
    token = _weight.set(weight)
    try:
        yield
    finally:
        _weight.reset(token)


class CallBudget:
    """One for all clients of a process."""

    def __init__(self, per_second: int = PER_SECOND, for_progress: int = FOR_PROGRESS) -> None:
        self._per_second, self._for_progress = per_second, for_progress
        self._begun: deque[float] = deque(maxlen=per_second)
        self._waiting: list[tuple[Weight, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def has_room(self) -> bool:
        """Whether progress may be shown now."""
        now = asyncio.get_running_loop().time()
        return not self._waiting and sum(began > now - 1.0 for began in self._begun) < self._for_progress

    async def take(self) -> None:
        """Wait until a call of the present weight may begin. Raises NoRoom for progress that there is no room for."""
        weight = _weight.get()
        if weight is Weight.PROGRESS and not self.has_room:
            raise NoRoom
        if not self._waiting and self._wait_s() <= 0:
            self._begun.append(asyncio.get_running_loop().time())
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (weight, next(self._order), turn))
        self._schedule()
        await turn

    def trace(self, trace: aiohttp.TraceConfig) -> None:
        """Let each request of the traced session take its part, the moment before it is sent."""

        async def begin(_: object, __: SimpleNamespace, sent: aiohttp.TraceRequestStartParams) -> None:
            if COUNTED.match(sent.url.path):
                await self.take()

        trace.on_request_start.insert(0, begin)

    def _wait_s(self) -> float:
        """Return in how many seconds the next call may begin."""
        if len(self._begun) < self._per_second:
            return 0.0
        return self._begun[0] + 1.0 - asyncio.get_running_loop().time()

    def _schedule(self) -> None:
        if self._timer is None and self._waiting:
            self._timer = asyncio.get_running_loop().call_later(max(0.0, self._wait_s()), self._admit)

    def _admit(self) -> None:
        """Let those go whose turn it is."""
        self._timer = None
        while self._waiting and self._wait_s() <= 0:
            *_, turn = heapq.heappop(self._waiting)
            if not turn.done():  # else whoever waited was cancelled
                self._begun.append(asyncio.get_running_loop().time())
                turn.set_result(None)
        self._schedule()
