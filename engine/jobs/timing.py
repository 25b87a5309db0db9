"""How long work takes on this machine: running means of the model thread's measurements.

Invariant: nothing is estimated before something like it was measured; until then the estimate is None.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.jobs.job import Lane

WEIGHT = 0.3
"""Of the newest measurement in the running mean: recent load counts, one outlier does not."""


@dataclass(frozen=True, slots=True)
class Step:
    """One measured denoising step of `rows` rows for `pictures` pictures of one size, of `pixels` pixels each.

    `cap` are the rows that a batch of this size may have; None where that is not known yet. A step that `upscales` is
    one tile, of `pixels` pixels.
    """

    size: str
    pixels: int
    rows: int
    pictures: int
    cap: int | None
    seconds: float
    upscales: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """When a job will begin and end, in seconds from now."""

    begin: float
    end: float


class Timing:
    """Running means: seconds per step by size and rows, seconds beside a picture's steps, seconds of a chat."""

    def __init__(self) -> None:
        self._steps: dict[str, dict[int, float]] = {}
        self._pixels: dict[str, int] = {}
        self._caps: dict[str, int] = {}
        self._overheads: dict[Lane, float] = {}
        self._rows_each = 1.0
        self.batches = False
        """Whether jobs share steps: the last picture stopped at a gate."""

    @property
    def knows_steps(self) -> bool:
        """Whether a denoising step was measured."""
        return bool(self._steps)

    def add_step(self, step: Step) -> None:
        """Learn from a denoising step."""
        known = self._steps.setdefault(step.size, {})
        known[step.rows] = _mean(known.get(step.rows), step.seconds)
        self._pixels[step.size] = step.pixels
        self._rows_each = step.rows / step.pictures
        if step.cap is not None:
            self._caps[step.size] = step.cap
        self.batches = step.cap != 0

    def add_overhead(self, lane: Lane, seconds: float) -> None:
        """Learn from a job that ended well: the seconds that it took beside its steps."""
        self._overheads[lane] = _mean(self._overheads.get(lane), seconds)

    def overhead(self, lane: Lane) -> float | None:
        """Return the seconds that a job of this lane takes beside its denoising steps; for a chat, all of them."""
        return self._overheads.get(lane)

    def rows(self, pictures: int) -> int:
        """Return the rows of a step for so many pictures of one request."""
        return max(1, round(self._rows_each * pictures))

    def cap(self, size: str) -> int:
        """Return the rows that a batch of this size may have, 0 where nothing is batched.

        A size that was never painted is taken to have a cap of one request.
        """
        return self._caps.get(size, 1) if self.batches else 0

    def step_seconds(self, size: str, pixels: int, rows: int) -> float:
        """Return the seconds of a step of so many rows, from the nearest that was measured; one must have been."""
        nearest_size = min(self._steps, key=lambda known: (known != size, abs(self._pixels[known] - pixels)))
        known = self._steps[nearest_size]
        nearest = min((more for more in known if more >= rows), default=max(known))
        return known[nearest] * max(1.0, rows / nearest) * pixels / self._pixels[nearest_size]


def _mean(old: float | None, new: float) -> float:
    return new if old is None else old + WEIGHT * (new - old)
