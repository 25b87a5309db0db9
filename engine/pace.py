"""How long work takes here, learnt from what was measured.

Invariant: nothing is estimated before something like it was measured; until then the answer is None.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.forecast import Line, forecast
from engine.job import Job, Lane
from engine.runs import Step

WEIGHT = 0.3
"""Of the newest measurement in the running mean: recent load counts, one outlier does not."""


class Pace:
    """Running means: seconds per step by size and rows, seconds around a picture's steps, seconds of a chat answer."""

    def __init__(self) -> None:
        self._steps: dict[str, dict[int, float]] = {}
        self._pixels: dict[str, int] = {}
        self._caps: dict[str, int] = {}
        self._around: dict[Lane, float] = {}
        self._rows_each = 1.0
        self._batches = False

    def step(self, step: Step) -> None:
        """Learn from a denoising step."""
        known = self._steps.setdefault(step.size, {})
        known[step.rows] = _mean(known.get(step.rows), step.seconds)
        self._pixels[step.size] = step.pixels
        self._rows_each = step.rows / step.pictures
        if step.cap is not None:
            self._caps[step.size] = step.cap
        self._batches = step.cap != 0

    def around(self, lane: Lane, seconds: float) -> None:
        """Learn from a job that ended well: what it took beside its steps."""
        self._around[lane] = _mean(self._around.get(lane), seconds)

    def seconds(self, job: Job) -> float | None:
        """Return how long the models take for this job alone."""
        line = self._line(job)
        if job.lane is Lane.CHAT:
            return self._around.get(job.lane)
        return line.around + line.steps * self._step(line, line.rows) if self._steps else self._around.get(Lane.IMAGES)

    def forecast(self, begun: Iterable[Job], waiting: Iterable[Job], chats: int = 0) -> dict[Job, Line] | None:
        """Return when each picture will begin and end, in seconds from now; None where nothing was measured."""
        lines = {job: self._line(job) for job in begun}
        later = {job: self._line(job) for job in waiting}
        if (lines or later) and not self._steps:
            return None
        chat = chats * self._around.get(Lane.CHAT, 0.0)
        forecast(list(lines.values()), list(later.values()), self._cap, self._step, chat)
        return lines | later

    def _line(self, job: Job) -> Line:
        if job.lane is Lane.CHAT:
            return Line("", 0, 0, 0.0, self._around.get(Lane.CHAT, 0.0))
        work = job.painting
        rows = max(1, round(self._rows_each * len(work.seeds)))
        steps = max(0, work.run_steps - job.steps_done)
        self._pixels.setdefault(work.size, work.width * work.height)
        return Line(work.size, rows, steps, work.step_cost, self._around.get(Lane.IMAGES, 0.0), job.passed)

    def _cap(self, size: str) -> int:
        """A size that was never painted is taken to have a cap of its own, of one request."""
        return self._caps.get(size, 1) if self._batches else 0

    def _step(self, line: Line, rows: int) -> float:
        """Return the seconds of a step with so many rows, from the nearest that was measured."""
        size = min(self._steps, key=lambda size: (size != line.size, abs(self._pixels[size] - self._pixels[line.size])))
        known = self._steps[size]
        nearest = min((more for more in known if more >= rows), default=max(known))
        return known[nearest] * max(1.0, rows / nearest) * self._pixels[line.size] / self._pixels[size]


def _mean(old: float | None, new: float) -> float:
    return new if old is None else old + WEIGHT * (new - old)
