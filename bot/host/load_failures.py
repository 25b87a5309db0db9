"""Tells an engine whose models cannot be loaded from one that ended once, and paces the attempts that follow.

Invariant: after two equal failures in a row `why` is set, and stays so until models were loaded or settings changed.
"""

from __future__ import annotations

import signal

from engine.api.light_structlog import structlog
from engine.api.supervision import Report

log = structlog.get_logger(__name__)

FIRST_RETRY_S = 10.0
LONGEST_RETRY_S = 300.0
REMEDY = "limner doctor"


class LoadFailures:
    """Counts what runs of the engine told of loading; one of several engines has a `name`."""

    def __init__(self, name: str = "") -> None:
        self._log = log.bind(engine=name) if name else log
        self.why: str | None = None
        """Why no model can be loaded, a sentence for the host; None where that is not known."""
        self._last: str | None = None
        self._retry_s = FIRST_RETRY_S

    def ended(self, report: Report, exit_code: int) -> bool:
        """Take the end of a run; return whether its models failed to load as they did before."""
        failure = _failure(report, exit_code)
        if failure is None:
            self._last = None if report.loaded else self._last
            return False
        repeated, self._last = failure == self._last, failure
        if repeated and self.why != failure:
            self._log.error("engine.cannot_load", why=failure, remedy=REMEDY)
            self.why = failure
        return repeated

    def loaded(self) -> None:
        """The models work."""
        if self.why is not None:
            self._log.info("engine.loads_again")
        self.forget()

    def forget(self) -> None:
        """Begin anew, as with other settings."""
        self.why = self._last = None
        self._retry_s = FIRST_RETRY_S

    def pause_s(self) -> float:
        """Return how long to wait before the next attempt, longer each time."""
        pause, self._retry_s = self._retry_s, min(LONGEST_RETRY_S, 2 * self._retry_s)
        return pause


def _failure(report: Report, exit_code: int) -> str | None:
    """Return why a run loaded nothing; None where it had loaded, or ended for another reason."""
    if report.failure:
        return report.failure
    if report.loaded or exit_code >= 0:
        return None
    name = signal.Signals(-exit_code).name if -exit_code in set(signal.Signals) else str(-exit_code)
    return f"The engine was ended by {name} while its models were being loaded, as happens where memory runs out."
