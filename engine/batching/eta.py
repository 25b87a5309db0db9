"""When each job will begin and end, from measured times: the engine's own rules, played through without models.

Invariant: it promises what the models' thread will do if nobody else comes; engine.batching.step_loop has the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.jobs.job import Job, Lane
from engine.jobs.timing import Span, Step, Timing


@dataclass(slots=True)
class Line:
    """A job as far as time is concerned: its steps of `rows` rows of a size, what is left, and what passed it.

    `around` are the seconds beside the steps, `work` a step's pixels. `begin` and `end` are the forecast, in seconds.
    """

    size: str
    pixels: int
    rows: int
    steps: int
    work: float
    around: float
    passed: float = 0.0
    begin: float = 0.0
    end: float = 0.0

    @property
    def rank(self) -> float:
        return self.work * self.steps - self.passed


class Eta:
    """When each job will begin and end, learnt from what the model thread measures."""

    def __init__(self) -> None:
        self._timing = Timing()

    def add_step(self, step: Step) -> None:
        """Learn from a denoising step."""
        self._timing.add_step(step)

    def add_around(self, lane: Lane, seconds: float) -> None:
        """Learn from a job that ended well: the seconds that it took beside its steps."""
        self._timing.add_around(lane, seconds)

    def seconds(self, job: Job) -> float | None:
        """Return how long the models take for this job alone; None where nothing like it was measured."""
        if job.lane is Lane.CHAT or not self._timing.knows_steps:
            return self._timing.around(job.lane)
        line = self._line(job)
        return line.around + line.steps * self._step(line, line.rows)

    def forecast(self, begun: Iterable[Job], waiting: Iterable[Job], chats: int = 0) -> dict[Job, Span] | None:
        """Return when each picture will begin and end; None where no step was measured."""
        lines = {job: self._line(job) for job in begun}
        later = {job: self._line(job) for job in waiting}
        if (lines or later) and not self._timing.knows_steps:
            return None
        chat = chats * (self._timing.around(Lane.CHAT) or 0.0)
        forecast(list(lines.values()), list(later.values()), self._timing.cap, self._step, chat)
        return {job: Span(line.begin, line.end) for job, line in (lines | later).items()}

    def _line(self, job: Job) -> Line:
        work, around = job.painting, self._timing.around(Lane.IMAGES) or 0.0
        steps, rows = max(0, work.run_steps - job.steps_done), self._timing.rows(len(work.seeds))
        return Line(work.size, work.width * work.height, rows, steps, work.step_cost, around, job.passed)

    def _step(self, line: Line, rows: int) -> float:
        return self._timing.step_seconds(line.size, line.pixels, rows)


def forecast(
    begun: list[Line],
    waiting: list[Line],
    cap: Callable[[str], int],
    seconds: Callable[[Line, int], float],
    after: float = 0.0,
) -> None:
    """Fill in every line's `begin` and `end`, where the models are free `after` so many seconds.

    `cap(size)` are the rows of a batch, 0 where one job is painted after the other; `seconds(line, rows)` is what a
    step of this line takes in a batch of so many rows.
    """
    now, begun, waiting = after, list(begun), list(waiting)
    least = min((line.rank for line in waiting), default=0.0), min((line.rows for line in waiting), default=0)
    while begun or waiting:
        _admit(begun, waiting, cap, now, least)
        begun.sort(key=lambda line: line.rank)
        lead, limit = begun[0], cap(begun[0].size)
        group, rows = [lead], lead.rows
        for line in begun[1:]:
            if line.size == lead.size and rows + line.rows <= limit:
                group.append(line)
                rows += line.rows
        steps = min(line.steps for line in group)
        now += steps * seconds(lead, rows)
        for line in group:
            line.steps -= steps
            if line.steps == 0:
                now += line.around
                line.end = now
                begun.remove(line)


def _admit(
    begun: list[Line], waiting: list[Line], cap: Callable[[str], int], now: float, least: tuple[float, int]
) -> None:
    """Move the lines that begin now. `least` are the rank and the rows below which none of those that wait is.

    It ends where nobody else can begin: else a long line would be walked through at every step of every forecast.
    """
    lead, limit, taken = _lead(begun, cap)
    for line in list(waiting):
        if lead is not None:
            if least[0] >= lead.rank and taken + least[1] > limit:
                return
            shares = line.size == lead.size and taken + line.rows <= limit
            if not shares and not (limit and line.rank < lead.rank):
                continue
        line.begin = now
        begun.append(line)
        waiting.remove(line)
        lead, limit, taken = _lead(begun, cap)


def _lead(begun: list[Line], cap: Callable[[str], int]) -> tuple[Line | None, int, int]:
    """Return who is nearest to the end, the rows of a batch of its size, and how many of these are taken."""
    lead = min(begun, key=lambda other: other.rank, default=None)
    if lead is None:
        return None, 0, 0
    return lead, cap(lead.size), sum(other.rows for other in begun if other.size == lead.size)
