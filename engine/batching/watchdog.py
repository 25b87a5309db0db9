"""Ends the engine where the model thread hangs, so that whoever started it can start it anew.

Invariant: only time in which this process runs counts, so an engine that was stopped or slept is not taken for hanging.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from engine.api.light_structlog import structlog
from engine.jobs.heartbeat import Activity, Beat, Heartbeat

EXIT_STATUS = 3
"""Of an engine that ended itself because the model thread hung."""
LEAST_IO = 2048
"""Blocks of 512 bytes, read or written, that count as a sign of progress while models are loaded or downloaded."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an operation of the model thread may take, in seconds."""

    first_s: float = 900.0
    """Loading, and the first operation of a shape, which may compile."""
    least_s: float = 60.0
    """Every later one, at least."""
    factor: float = 20.0
    """Every later one, times its expected duration."""
    poll_s: float = 1.0
    """How often the watchdog looks."""


def limit_of(beat: Beat, limits: Limits) -> float | None:
    """Return how many seconds this operation may take; None for one without a limit."""
    if beat.activity is Activity.IDLE:
        return None
    if beat.done == 0:
        return limits.first_s
    limit = max(limits.least_s, limits.factor * beat.expected_s)
    return min(limit, max(limits.first_s, limits.least_s)) if beat.done == 1 else limit


def io_blocks() -> int:
    """Return how many blocks this process has read from disks and written to them."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_inblock + usage.ru_oublock


def end_process() -> NoReturn:
    """End this process at once: a thread that hangs cannot be ended otherwise."""
    sys.stderr.flush()
    os._exit(EXIT_STATUS)


class Watchdog:
    """Looks at the heartbeat from a thread of its own, and calls `end` where an operation exceeds its limit."""

    def __init__(
        self,
        heartbeat: Heartbeat,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
        io: Callable[[], int] = io_blocks,
        end: Callable[[], object] = end_process,
    ) -> None:
        self._heartbeat = heartbeat
        self._limits = limits
        self._clock = clock
        self._io = io
        self._end = end
        self._looked = clock()
        self._beat = heartbeat.beat
        self._blocks = io()
        self._silent_s = 0.0

    def start(self) -> None:
        threading.Thread(target=self._main, name="watchdog", daemon=True).start()

    def hangs(self) -> bool:
        """Look once; tell whether the present operation exceeds its limit. To be called every `poll_s`."""
        now, beat = self._clock(), self._heartbeat.beat
        passed = min(now - self._looked, 2 * self._limits.poll_s)  # more: this process did not run meanwhile
        self._looked = now
        if beat is not self._beat or self._loads_on(beat):
            self._beat, self._silent_s = beat, 0.0
        else:
            self._silent_s += passed
        limit = limit_of(beat, self._limits)
        return limit is not None and self._silent_s > limit

    def _loads_on(self, beat: Beat) -> bool:
        """Tell whether models are being loaded and data flows; a download may take hours."""
        if beat.activity is not Activity.LOADING or self._io() - self._blocks < LEAST_IO:
            return False
        self._blocks = self._io()
        return True

    def _main(self) -> None:
        while not self.hangs():
            time.sleep(self._limits.poll_s)
        log.critical(
            "engine.hangs",
            activity=self._beat.activity.value,
            seconds=round(self._silent_s, 1),
            why="the model thread shows no progress; the engine ends itself to be started anew",
        )
        self._end()
