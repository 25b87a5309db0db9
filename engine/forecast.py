"""When each job will begin and end, from measured times: the engine's own rules, played through without models.

Invariant: it promises what the models' thread will do if nobody else comes; engine.runs has the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """A job as far as time is concerned: its steps of `rows` rows of a size, what is left, and what passed it.

    `around` are the seconds beside the steps, `work` a step's pixels. `begin` and `end` are the forecast, in seconds.
    """

    size: str
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
