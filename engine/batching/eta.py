"""Forecasts when each job will begin and end: the batch policy, played through with measured times.

Invariant: the forecast is what the model thread does if nobody else comes; both follow engine.batching.policy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from engine.batching import policy
from engine.jobs.job import Job, Lane
from engine.jobs.queue import owner_of
from engine.jobs.timing import Span, Step, Timing


@dataclass(eq=False, slots=True)
class PlannedJob:
    """A job as far as time is concerned, and the forecast of its `begin` and `end`, in seconds from now."""

    size: str
    pixels: int
    """Pixels of one picture."""
    rows: int
    """Rows of one step."""
    steps: int
    """Steps that are left."""
    step_cost: int
    """Pixels that one step denoises."""
    overhead_seconds: float
    """Seconds beside the steps: text encoder, autoencoder."""
    interruptible: bool = True
    user: Hashable = ""
    """Who asked for it, for aging."""
    passed: int = 0
    """Its aging: the work of others that was done before it."""
    begin: float = 0.0
    end: float = 0.0
    loras: Hashable = ()
    """What it is painted with; only equal ones share a step."""
    upscale: int = 0
    """How many times a picture is enlarged; 0 where one is painted."""

    @property
    def rank(self) -> int:
        return policy.rank(self.step_cost, self.steps, self.passed)

    @property
    def group(self) -> Hashable:
        return self.size, self.loras, self.upscale

    @property
    def key(self) -> Hashable:
        return id(self) if self.upscale else self.group


class Eta:
    """Learns from what the model thread measures, and forecasts each job's begin and end."""

    def __init__(self) -> None:
        self._timing, self._tiles = Timing(), Timing()
        """Of painting and chats, and of enlarging."""

    def add_step(self, step: Step) -> None:
        """Learn from a denoising step, or a tile."""
        (self._tiles if step.upscales else self._timing).add_step(step)

    def add_overhead(self, job: Job, seconds: float) -> None:
        """Learn from a job that ended well: the seconds that it took beside its steps."""
        self._of(job).add_overhead(job.lane, seconds)

    def _of(self, job: Job) -> Timing:
        return self._tiles if job.lane is Lane.IMAGES and job.painting.upscale else self._timing

    def seconds(self, job: Job) -> float | None:
        """Return how long the models take for this job alone; None where nothing like it was measured."""
        if job.lane is Lane.CHAT or not self._of(job).knows_steps:
            return self._of(job).overhead(job.lane)
        planned = self._plan(job)
        return planned.overhead_seconds + planned.steps * self._step_seconds(planned, planned.rows)

    def forecast(self, begun: Iterable[Job], waiting: Iterable[Job], chats: int = 0) -> dict[Job, Span] | None:
        """Return when each picture will begin and end; None where no step was measured."""
        first = {job: self._plan(job) for job in begun}
        later = {job: self._plan(job) for job in waiting}
        if not all(self._of(job).knows_steps for job in first | later):
            return None
        busy = chats * (self._timing.overhead(Lane.CHAT) or 0.0)
        forecast(list(first.values()), list(later.values()), self._timing.cap, self._step_seconds, busy)
        return {job: Span(planned.begin, planned.end) for job, planned in (first | later).items()}

    def _plan(self, job: Job) -> PlannedJob:
        work, timing = job.painting, self._of(job)
        return PlannedJob(
            work.size,
            work.step_cost // len(work.seeds),
            timing.rows(len(work.seeds)),
            max(0, work.run_steps - job.steps_done),
            work.step_cost,
            timing.overhead(Lane.IMAGES) or 0.0,
            timing.batches,
            owner_of(job),
            job.passed,
            loras=work.loras,
            upscale=work.upscale,
        )

    def _step_seconds(self, planned: PlannedJob, rows: int) -> float:
        timing = self._tiles if planned.upscale else self._timing
        return timing.step_seconds(planned.size, planned.pixels, rows)


def forecast(
    begun: list[PlannedJob],
    waiting: list[PlannedJob],
    cap: Callable[[str], int],
    seconds: Callable[[PlannedJob, int], float],
    busy: float = 0.0,
) -> None:
    """Fill in every job's `begin` and `end`, where the models are free after `busy` seconds.

    `begun` are in the order in which they began, `waiting` in the queue's. `cap(size)` is the most rows of a batch,
    `seconds(job, rows)` what a step of this job takes in a batch of so many rows.
    """
    play = _Play(begun, waiting, cap, busy)
    while play.begun or play.waiting:
        play.admit()
        play.compute(seconds)


class _Play:
    """The step loop without models: time goes from one job's end to the next.

    Between two ends neither the batch nor what may begin changes: a step brings its batch nearer to the end by at least
    as much as it ages the others.
    """

    def __init__(
        self, begun: list[PlannedJob], waiting: list[PlannedJob], cap: Callable[[str], int], now: float
    ) -> None:
        self.begun = list(begun)
        self.waiting = list(waiting)
        self._cap = cap
        self._now = now
        self._aged = 0
        """What the jobs that still wait have aged; it is added to `passed` when they begin."""
        self._users = Counter(job.user for job in (*begun, *waiting))
        self._least_rank = min((job.rank for job in waiting), default=0)
        self._least_rows = min((job.rows for job in waiting), default=0)

    def admit(self) -> None:
        """Begin the jobs that may begin now, always the first of the queue that may."""
        while len(self.begun) < policy.MAX_PICTURES and (index := self._first_that_may_begin()) is not None:
            job = self.waiting.pop(index)
            job.begin = self._now
            job.passed += self._aged
            self.begun.append(job)

    def compute(self, seconds: Callable[[PlannedJob, int], float]) -> None:
        """Compute the next batch up to the first end among its jobs."""
        ranked = self._ranked()
        together = policy.batch(ranked, self._rows)
        steps = min(job.steps for job in together)
        self._now += steps * seconds(together[0], sum(job.rows for job in together))
        self._age(ranked, together, steps)
        for job in together:
            job.steps -= steps - 1
        for job in self._ranked():  # the order at the last of these steps, in which they end
            if job in together:
                job.steps -= 1
                if job.steps == 0:
                    self._end(job)

    def _rows(self, job: PlannedJob) -> int:
        """Return how many rows a batch with this job may have; a tile is computed alone."""
        return 1 if job.upscale else self._cap(job.size)

    def _ranked(self) -> list[PlannedJob]:
        return sorted(self.begun, key=lambda job: job.rank)

    def _first_that_may_begin(self) -> int | None:
        ranked = self._ranked()
        lead = policy.lead_of(ranked)
        cap = self._rows(ranked[0]) if ranked else 0

        def may_begin(rank: int, group: Hashable, rows: int) -> bool:
            return policy.may_begin(rank - self._aged, group, rows, lead, lambda: cap)

        if lead is not None and not may_begin(self._least_rank, lead.group, self._least_rows):
            return None  # else a long queue would be walked through at every end of every forecast
        for index, job in enumerate(self.waiting):
            if may_begin(job.rank, job.group, job.rows):
                return index
        return None

    def _age(self, ranked: list[PlannedJob], together: list[PlannedJob], steps: int) -> None:
        aged = steps * policy.aging(min(job.step_cost for job in together), len(self._users))
        self._aged += aged
        for job in ranked:
            if job not in together:
                job.passed += aged

    def _end(self, job: PlannedJob) -> None:
        self._now += job.overhead_seconds
        job.end = self._now
        self.begun.remove(job)
        self._users[job.user] -= 1
        if not self._users[job.user]:
            del self._users[job.user]
