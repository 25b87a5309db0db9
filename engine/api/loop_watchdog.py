"""A thread that shows that its process runs, and ends the process where the event loop stands still.

Invariant: it needs neither the event loop nor any other thread. Time in which the whole process was stopped does not
count, because the thread counts its own rounds.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.api.light_structlog import structlog
from engine.api.sd_notify import sd_notify

ROUND_S = 1.0
LATE_ROUNDS = 10
"""After so many rounds without a turn of the event loop, systemd gets no more WATCHDOG=1."""
STUCK_ROUNDS = 60
"""After so many rounds without a turn, the process ends."""
EXIT_STUCK = 70
REPORT_S = 5.0

log = structlog.get_logger()


class LoopWatchdog:
    """Start it early; `watch` the event loop once there is one. `beat` is called each round from the thread."""

    def __init__(self, beat: Callable[[], object] = lambda: None) -> None:
        self._beat = beat
        self._loop: asyncio.AbstractEventLoop | None = None
        self._missed = 0
        """Rounds since the event loop last turned."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on, end the process where this loop does not turn for STUCK_ROUNDS."""
        self._missed, self._loop = 0, loop

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(ROUND_S):
            self._beat()
            if self._missed < LATE_ROUNDS:
                sd_notify("WATCHDOG=1")
            if self._loop is None:
                continue
            self._missed += 1
            if self._missed > STUCK_ROUNDS:
                self._end()
            try:
                self._loop.call_soon_threadsafe(self._turned)
            except RuntimeError:  # the loop is closed: the process ends by itself
                return

    def _turned(self) -> None:
        self._missed = 0

    def _end(self) -> None:
        """End the process, with all threads' stacks on stderr, unless that cannot be written either."""
        reporting = threading.Thread(target=self._report, daemon=True)
        reporting.start()
        reporting.join(REPORT_S)
        os._exit(EXIT_STUCK)

    def _report(self) -> None:
        faulthandler.dump_traceback(sys.stderr)
        log.critical("event_loop.stuck", seconds=STUCK_ROUNDS * ROUND_S)


@contextmanager
def watched_loop() -> Iterator[None]:
    """Watch the running event loop meanwhile, and tell systemd that the service is ready."""
    watchdog = LoopWatchdog()
    watchdog.watch(asyncio.get_running_loop())
    watchdog.start()
    sd_notify("READY=1")
    try:
        yield
    finally:
        watchdog.stop()
