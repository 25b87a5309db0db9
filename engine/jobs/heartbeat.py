"""The model thread's heartbeat: which operation it is in, since when, and how long such an operation takes.

Invariant: the model thread alone writes; others read without a lock, since each beat is one immutable value that
replaces the one before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum

WEIGHT = 0.3
"""Of the newest duration in the running mean."""
MAX_SHAPES = 4096
"""Shapes that are remembered; of one that was forgotten the next operation counts as the first."""


class Activity(Enum):
    """What the model thread does."""

    LOADING = "loading"
    IDLE = "idle"
    SCHEDULING = "scheduling"
    MEASURING = "measuring"
    PAINTING = "painting"
    CHATTING = "chatting"


@dataclass(frozen=True, slots=True)
class Beat:
    """One operation of the model thread, from its start."""

    activity: Activity
    since: float
    """Seconds of the heartbeat's clock."""
    done: int = 0
    """How many operations of this shape were completed before."""
    expected_s: float = 0.0
    """The duration of the first one, which may have compiled; from the third on, the mean without the first."""


class Heartbeat:
    """Written by the model thread at the start and end of each operation. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._completed: dict[Hashable, tuple[int, float]] = {}
        self.beat = Beat(Activity.LOADING, clock())
        """The present operation; read by any thread."""

    def start(self, activity: Activity, shape: Hashable = None) -> None:
        """An operation starts. Operations of one shape take about equally long."""
        done, expected_s = self._completed.get(shape, (0, 0.0))
        self.beat = Beat(activity, self._clock(), done, expected_s)

    def complete(self, shape: Hashable) -> None:
        """The operation ended well; its duration is one of this shape."""
        done, expected_s = self._completed.pop(shape, (0, 0.0))
        taken = self._clock() - self.beat.since
        mean = taken if done < 2 else expected_s + WEIGHT * (taken - expected_s)
        self._completed[shape] = (done + 1, mean)  # the newest last
        if len(self._completed) > MAX_SHAPES:
            del self._completed[next(iter(self._completed))]
        self.start(Activity.SCHEDULING)

    @property
    def silent_s(self) -> float:
        """Seconds since the last sign of progress; 0 while the model thread waits for work."""
        beat = self.beat
        return 0.0 if beat.activity is Activity.IDLE else max(0.0, self._clock() - beat.since)
