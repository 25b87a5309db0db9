"""Measures the cap on a batch's rows: the fewest within a tenth of the best rows per second, by picture size.

Invariant: a measurement is bounded in time, and its result is kept on disk for the next start of the same models.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from engine.errors import is_out_of_memory

GOOD_SHARE = 0.9
"""The share of the best rows per second that a batch must reach."""
MAX_ROWS = 16
BUDGET_S = 1.0
"""The most seconds for the measurement of one size. A forward too long for it is bound by arithmetic: batches gain
nothing."""

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
        self._most = most
        self._identity = identity
        self._path = path
        self._known: dict[str, BatchSize] = self._read().get(identity, {})

    def find(self, size: str) -> BatchSize | None:
        """Return the cap for a size; None where it was not measured."""
        return self._known.get(size) if self._most is None else BatchSize(self._most, 1.0, 0, 0.0)

    def measure(self, size: str, rows: int, forward: Callable[[int], None]) -> BatchSize:
        """Return the cap for a size; measure it where it is not known. `forward(n)` computes n * `rows` rows."""
        if (known := self.find(size)) is not None:
            return known
        rates = _rates(rows, forward)
        batch_size = smallest_good(rates) if rates else BatchSize(rows, 1.0, rows, 0.0)
        self._known[size] = batch_size
        self.explain(size)
        self._write()
        return batch_size

    def explain(self, size: str) -> bool:
        """Log the cap for a size; False where it is not known."""
        if (batch_size := self.find(size)) is None:
            return False
        log.info("painter.batch_size", size=size, rows=batch_size.rows, why=str(batch_size))
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

    def _read(self) -> dict[str, dict[str, BatchSize]]:
        try:
            data = self._path.read_bytes() if self._path else b"{}"
            return msgspec.json.decode(data, type=dict[str, dict[str, BatchSize]])
        except (OSError, msgspec.MsgspecError):  # measured again
            return {}

    def _write(self) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode({**self._read(), self._identity: self._known}))
            fresh.replace(self._path)
        except OSError as error:
            log.warning("painter.batch_size_not_kept", reason=str(error))


def smallest_good(rates: dict[int, float]) -> BatchSize:
    """Return the fewest rows whose rate is good, from rows per second by rows."""
    best = max(rates, key=lambda rows: rates[rows])
    rows = min(rows for rows, rate in rates.items() if rate >= GOOD_SHARE * rates[best])
    return BatchSize(rows, rates[rows] / rates[best], best, rates[best])


def _rates(rows: int, forward: Callable[[int], None]) -> dict[int, float]:
    """Return rows per second by rows, doubling them while time, memory and the gain allow it.

    All batches are timed in turn, again while there is time, and the shortest time of each counts: what else the
    machine does for a moment then slows none of them alone.
    """
    best: dict[int, float] = {}
    until = time.perf_counter() + BUDGET_S
    times = 1
    while times == 1 or (times * rows <= MAX_ROWS and time.perf_counter() + 2 * best[times // 2] < until):
        try:
            best[times] = _seconds(forward, times)
        except Exception as error:
            if times == 1 or not is_out_of_memory(error):
                raise
            break
        if times / best[times] < GOOD_SHARE**2 / best[1]:
            break  # far slower already, and it will not turn
        times *= 2
    while len(best) > 1 and time.perf_counter() + sum(best.values()) < until:
        best = {times: min(seconds, _seconds(forward, times)) for times, seconds in best.items()}
    return {times * rows: times * rows / seconds for times, seconds in best.items()} if len(best) > 1 else {}


def _seconds(forward: Callable[[int], None], times: int) -> float:
    began = time.perf_counter()
    forward(times)
    return time.perf_counter() - began
