"""Which work was asked for under which key, for a bounded time and within bounded memory.

Invariant: running work is never forgotten; what ended goes first by age, then by size, the oldest first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.jobs.job import Job

KEEP_S = 600.0
KEEP_BYTES = 64 << 20
KEEP_KEYS = 1024


@dataclass(eq=False, slots=True)
class Known:
    """A job under its key, what a repeated request must equal, and when it was last asked for."""

    job: Job
    same: object
    asked: float


class IdempotencyKeys:
    """Keys and their jobs, the least recently asked for in front. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[str, Known] = {}

    def keep(self, key: str, job: Job, same: object) -> None:
        """Remember a job under its key, in place of one that failed."""
        self._known.pop(key, None)
        self._known[key] = Known(job, same, self._clock())
        self.prune()

    def find(self, key: str) -> Known | None:
        """Return what is known under this key, and keep it for longer."""
        self.prune()
        known = self._known.pop(key, None)
        if known is not None:
            known.asked = self._clock()
            self._known[key] = known
        return known

    def prune(self) -> None:
        """Forget what is too old or too much."""
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
