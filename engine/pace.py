"""How long work takes here, learnt from what was measured.

Invariant: nothing is estimated before something like it was measured; until then the answer is None.
"""

from __future__ import annotations

from engine.job import Job, Lane
from engine.work import Painting

WEIGHT = 0.3
"""Of the newest measurement in the running mean: recent load counts, one outlier does not."""


class Pace:
    """Running means: seconds per pixel and step, seconds around a picture's steps, seconds of a chat answer."""

    def __init__(self) -> None:
        self._per_pixel: float | None = None
        self._around: dict[Lane, float] = {}
        self._job: Job | None = None
        self._began = self._stepped = 0.0
        self._in_steps = 0.0
        self._steps_done = 0

    def start(self, job: Job, now: float) -> None:
        """The models turned to this job at `now`, in seconds of any steady clock."""
        self._job, self._began, self._stepped = job, now, now
        self._in_steps, self._steps_done = 0.0, 0

    def step(self, painting: Painting, step: int, now: float) -> None:
        """A denoising step ended. The first also holds the text encoder's time, so it is not measured."""
        if step > 1 and step > self._steps_done:
            seconds = now - self._stepped
            self._in_steps += seconds
            per_pixel = seconds / (step - self._steps_done) / painting.step_cost
            self._per_pixel = _mean(self._per_pixel, per_pixel)
        self._steps_done, self._stepped = step, now

    def finish(self, now: float) -> None:
        """The job that was started ended well."""
        if self._job is not None:
            lane = self._job.lane
            self._around[lane] = _mean(self._around.get(lane), now - self._began - self._in_steps)
        self._job = None

    def drop(self) -> None:
        """The job that was started was cancelled or failed: it says little of how long others take."""
        self._job = None

    def seconds(self, job: Job, steps_done: int = 0) -> float | None:
        """Return how long the models will take for this job, of which some steps may be done."""
        around = self._around.get(job.lane)
        if not isinstance(job.work, Painting) or self._per_pixel is None:
            return around
        return (around or 0.0) + self._per_pixel * job.work.step_cost * max(0, job.work.run_steps - steps_done)

    def steps_of(self, job: Job) -> int:
        """Return how many steps of this job are done."""
        return self._steps_done if job is self._job else 0

    def left(self) -> float | None:
        """Return the seconds that the running job still needs; 0 where none runs."""
        return self.seconds(self._job, self._steps_done) if self._job else 0.0


def _mean(old: float | None, new: float) -> float:
    return new if old is None else old + WEIGHT * (new - old)
