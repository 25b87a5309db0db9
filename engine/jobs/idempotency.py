"""Remembers which job was requested under which Idempotency-Key, for a bounded time and within bounded memory.

Invariant: a job that has not ended is never forgotten; of the others the least recently requested goes first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.jobs.job import Job

KEEP_S = 600.0
KEEP_BYTES = 64 << 20
"""Of finished pictures, all together."""
KEEP_KEYS = 1024


@dataclass(eq=False, slots=True)
class Known:
    """A job under its key."""

    job: Job
    same: object
    """What a repeated request must equal."""
    asked: float
    """When it was last requested, in seconds of the clock."""

    @property
    def failed(self) -> bool:
        """Whether it ended without pictures, so that a repeated request begins anew."""
        return self.job.end is not None and self.job.end.error is not None


class IdempotencyKeys:
    """Keys and their jobs, the least recently requested first. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[str, Known] = {}

    def keep(self, key: str, job: Job, same: object) -> None:
        """Remember a job under its key, in place of one that failed."""
        self._known.pop(key, None)
        self._known[key] = Known(job, same, self._clock())
        self.prune()

    def find(self, key: str) -> Known | None:
        """Return what is known of a key, and keep it for longer; None for an unknown key."""
        self.prune()
        known = self._known.pop(key, None)
        if known is not None:
            known.asked = self._clock()
            self._known[key] = known
        return known

    def prune(self) -> None:
        """Forget ended jobs that are too old or too many."""
        ended = [(key, known) for key, known in self._known.items() if known.job.end]
        size = sum(_size(known.job) for _, known in ended)
        oldest = self._clock() - KEEP_S
        for key, known in ended:
            if known.asked >= oldest and size <= KEEP_BYTES and len(self._known) <= KEEP_KEYS:
                break
            size -= _size(known.job)
            del self._known[key]


def _size(job: Job) -> int:
    return sum(len(picture.b64_json) for picture in job.pictures)
