"""Says in the log every few seconds what is still loaded or fetched, and since when.

Invariant: from `with` on, nothing is silent for longer than TOLD_EVERY_S, whatever the loading thread is at.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from engine.api.light_structlog import structlog
from engine.api.model_store import Loading

TOLD_EVERY_S = 8.0
"""Well below the ten seconds after which people think that a program hangs; a quick start logs none of these lines."""

log = structlog.get_logger()


class LoadingLog:
    """A thread that logs while another one loads; `report` takes how far that is, and passes it on."""

    def __init__(self, passed_on: Callable[[Loading], None]) -> None:
        self._passed_on = passed_on
        self._now: Loading | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loading-log", daemon=True)

    def __enter__(self) -> LoadingLog:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def report(self, progress: Loading) -> None:
        self._now = progress
        self._passed_on(progress)

    def _run(self) -> None:
        began = time.monotonic()
        while not self._ended.wait(TOLD_EVERY_S):
            now, seconds = self._now, round(time.monotonic() - began)
            if now and now.done < now.total:
                size = f"{now.total / 1e9:.1f} GB"
                log.info("model.fetching", model=now.name, percent=now.percent, of=size, seconds=seconds)
            else:
                log.info("models.loading", model=now.name if now else "torch", seconds=seconds)
