"""Measures the cap on a batch's rows: the fewest within a tenth of the best rows per second, by picture size.

Invariant: a measurement is bounded in time. A conclusive one is kept on disk for the next start of the same models; any
other holds for this process until it is measured again, so that no compilation and no stall lowers a cap for good.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from engine.api.light_structlog import structlog
from engine.batching.figures import Figures
from engine.errors import is_out_of_memory

GOOD_SHARE = 0.9
"""The share of the best rows per second that a batch must reach."""
MAX_ROWS = 16
SAMPLES = 3
"""How many times each batch is timed at least, so that the median outvotes a stall."""
BUDGET_S = 1.0
"""The most seconds of timed forwards for one size while a request waits."""
IDLE_BUDGET_S = 10.0
"""The same while nobody waits. A forward too long even for that is bound by arithmetic: batches gain nothing."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class BatchSize:
    """The cap on a batch's rows, and why: its rate is `share` of the best one, which `best_rows` rows reach.

    `best_rate` is in rows per second; it is 0 where one forward takes too long to measure more, and both are 0 where
    nothing was measured.
    """

    rows: int
    share: float
    best_rows: int
    best_rate: float

    def __str__(self) -> str:
        if not self.best_rows:
            return "memory allows no more"
        if not self.best_rate:
            return "one forward takes too long to measure more"
        return f"{self.rows} rows give {self.share:.0%} of the best, {self.best_rate:.3g} rows/s with {self.best_rows}"


class BatchSizes:
    """The caps of one model on one device; `identity` names all that changes them."""

    def __init__(self, identity: str = "", path: Path | None = None, most: int | None = None) -> None:
        """`most` are the rows that memory allows, where that is known to be fewer than a measurement would find."""
        self.identity = identity
        self._most = most
        self._figures = Figures(path, BatchSize, identity)
        self._known = self._figures.read()
        self._inconclusive: set[str] = set()

    @property
    def inconclusive(self) -> frozenset[str]:
        """The sizes whose cap holds only until it is measured again."""
        return frozenset(self._inconclusive)

    def find(self, size: str) -> BatchSize | None:
        """Return the cap for a size; None where it was not measured."""
        return self._known.get(size) if self._most is None else BatchSize(self._most, 1.0, 0, 0.0)

    def measure(self, size: str, rows: int, forward: Callable[[int], None]) -> BatchSize:
        """Return the cap for a size; measure it where it is not known. `forward(n)` computes n * `rows` rows."""
        known = self.find(size)
        return known if known is not None else self._measured(size, rows, _Timing(rows, forward, BUDGET_S))

    def measure_when_idle(
        self, size: str, rows: int, forward: Callable[[int], None], is_idle: Callable[[], bool]
    ) -> None:
        """Measure a size thoroughly, as long as `is_idle`; what was known conclusively stays."""
        if self.find(size) is None or size in self._inconclusive:
            self._measured(size, rows, _Timing(rows, forward, IDLE_BUDGET_S, is_idle))

    def _measured(self, size: str, rows: int, timing: _Timing) -> BatchSize:
        rates = timing.rates()
        if not timing.is_conclusive and size in self._known:
            return self._known[size]
        self._known[size] = smallest_good(rates) if len(rates) > 1 else BatchSize(rows, 1.0, rows, 0.0)
        if timing.is_conclusive:
            self._inconclusive.discard(size)
            self._figures.keep({of: known for of, known in self._known.items() if of not in self._inconclusive})
        else:
            self._inconclusive.add(size)
        self.explain(size)
        return self._known[size]

    def explain(self, size: str) -> bool:
        """Log the cap for a size; False where it is not known."""
        if (batch_size := self.find(size)) is None:
            return False
        provisional = {"until": "it is measured again"} if size in self._inconclusive else {}
        log.info("painter.batch_size", size=size, rows=batch_size.rows, why=str(batch_size), **provisional)
        return True

    def make_room(self, size: str) -> bool:
        """Halve a size's cap; False where it is at one row, or not known."""
        known = self.find(size)
        return known is not None and known.rows > 1 and self.halve(size, known.rows) >= 1

    def halve(self, size: str, rows: int) -> int:
        """Lower a size's cap, for this process, after a batch of `rows` did not fit into memory; return the new one."""
        old = self._known.get(size, BatchSize(rows, 1.0, rows, 0.0))
        batch_size = BatchSize(max(1, min(old.rows, rows // 2)), old.share, old.best_rows, old.best_rate)
        self._known[size] = batch_size
        return batch_size.rows


def smallest_good(rates: dict[int, float]) -> BatchSize:
    """Return the fewest rows whose rate is good, from rows per second by rows."""
    best = max(rates, key=lambda rows: rates[rows])
    rows = min(rows for rows, rate in rates.items() if rate >= GOOD_SHARE * rates[best])
    return BatchSize(rows, rates[rows] / rates[best], best, rates[best])


class _Timing:
    """Times batches of one call, repeated once, twice, four times and so on, in turn.

    A batch's first forward is not timed: it may compile, or load kernels. The median of the others counts.
    """

    def __init__(
        self,
        rows: int,
        forward: Callable[[int], None],
        budget_s: float,
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._rows, self._forward, self._budget_s, self._may_go_on = rows, forward, budget_s, may_go_on
        self._seconds: dict[int, list[float]] = {}
        """The forwards' durations, by how many times the call is repeated."""
        self._memory_allows = MAX_ROWS

    @property
    def is_conclusive(self) -> bool:
        enough = all(len(seconds) >= SAMPLES for seconds in self._seconds.values())
        is_one_too_long = self._budget_s >= IDLE_BUDGET_S or self._memory_allows < 2 * self._rows
        return enough and bool(self._seconds) and (len(self._seconds) > 1 or is_one_too_long)

    def rates(self) -> dict[int, float]:
        """Return rows per second by rows."""
        while self._may_go_on():
            if times := self._next_times():
                self._add(times)
            elif self._has_time_for_a_round():
                for times in itertools.takewhile(lambda _: self._may_go_on(), self._seconds):
                    self._time(times)
            else:
                break
        return {times * self._rows: times * self._rows / median(of) for times, of in self._seconds.items()}

    def _next_times(self) -> int:
        """Return the next number of repeats; 0 where it would not fit into memory or time, or cannot be better."""
        if not self._seconds:
            return 1
        last = max(self._seconds)
        taken = {times: median(seconds) for times, seconds in self._seconds.items()}
        fits = 2 * last * self._rows <= self._memory_allows
        is_affordable = SAMPLES * (sum(taken.values()) + 2 * taken[last]) < self._budget_s
        is_far_slower = last / taken[last] < GOOD_SHARE**2 / taken[1]
        return 2 * last if fits and is_affordable and not is_far_slower else 0

    def _has_time_for_a_round(self) -> bool:
        """Tell whether each batch may be timed once more: to have enough samples, or while little time was spent."""
        has_enough = all(len(seconds) >= SAMPLES for seconds in self._seconds.values())
        spent, round_s = (sum(map(of, self._seconds.values())) for of in (sum, median))
        return spent + round_s < (BUDGET_S if has_enough else self._budget_s)

    def _add(self, times: int) -> None:
        try:
            self._forward(times)
            self._time(times)
        except Exception as error:
            if times == 1 or not is_out_of_memory(error):
                raise
            self._seconds.pop(times, None)
            self._memory_allows = times * self._rows - 1

    def _time(self, times: int) -> None:
        began = perf_counter()
        self._forward(times)
        self._seconds.setdefault(times, []).append(perf_counter() - began)
