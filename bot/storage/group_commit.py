"""Group commit: transactions that wait at the same time share one COMMIT, and so one wait for the disk.

Invariant: each unit of work succeeds or fails by itself, as if it had a transaction of its own, and none is reported
done before its COMMIT.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")
BUSY_TIMEOUT_S = 5.0
"""How long a write waits for another process that holds the file, where it names no time of its own."""
MOST, WITHIN_S = 32, 0.01
"""Units in one group; a group that already took so long takes no further unit in."""


class Unit(Generic[T]):
    """A unit of work, and what came of it once it is `done`.

    `end`, in seconds of `perf_counter`, is when its COMMIT must have begun. One that takes long is `alone`, so that no
    other waits for it.
    """

    def __init__(
        self, work: Callable[[sqlite3.Connection], T], end: float | None = None, *, alone: bool = False
    ) -> None:
        self._work, self.end, self.alone = work, end, alone
        self.done = False
        self._result: T
        self.error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """Raises what the work raises, and OperationalError where its time is over."""
        self._result = self._work(connection)
        self.check_time("it took too long")

    def check_time(self, why: str) -> None:
        """Raises OperationalError where the time is over."""
        if self.end is not None and time.perf_counter() > self.end:
            raise sqlite3.OperationalError(why)

    def result(self) -> T:
        """Return what the work returned, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self._result


class GroupCommit:
    """The units that wait for the connection's thread. Units are added in one thread and carried out in another."""

    def __init__(self) -> None:
        self._waiting: deque[Unit[object]] = deque()

    def add(self, unit: Unit[T]) -> None:
        self._waiting.append(unit)  # type: ignore[arg-type]

    def carry_out(self, connection: sqlite3.Connection, unit: Unit[T]) -> None:
        """Return when the unit, which was added before, is done; others that wait go along."""
        while not unit.done:
            first = self._waiting.popleft()
            if first.alone or not self._next_goes_along():
                _alone(connection, first)
            else:
                self._together(connection, first)

    def _next_goes_along(self) -> bool:
        return bool(self._waiting) and not self._waiting[0].alone

    def _together(self, connection: sqlite3.Connection, first: Unit[object]) -> None:
        group = [first]
        try:
            _begin(connection, first)
            until = time.perf_counter() + WITHIN_S
            _in_savepoint(connection, first)
            while self._next_goes_along() and len(group) < MOST and time.perf_counter() < until:
                group.append(self._waiting.popleft())
                _in_savepoint(connection, group[-1])
            for unit in group:
                unit.check_time("the group took too long")
            connection.execute("COMMIT")
        except BaseException:
            # The whole group was rolled back, as where the disk is full: each tries by itself, and gets its own error.
            _roll_back(connection)
            for unit in group:
                unit.error = None
                _alone(connection, unit)
        else:
            for unit in group:
                unit.done = True


def _alone(connection: sqlite3.Connection, unit: Unit[object]) -> None:
    """Carry out one unit in a transaction of its own."""
    try:
        _begin(connection, unit)
        unit.run(connection)
        connection.execute("COMMIT")
    except BaseException as error:
        _roll_back(connection)
        unit.error = error
    unit.done = True


def _in_savepoint(connection: sqlite3.Connection, unit: Unit[object]) -> None:
    """Carry out one unit of a group: where it fails, it alone is rolled back. Raises where SQLite ended the group."""
    connection.execute("SAVEPOINT unit")
    try:
        unit.run(connection)
    except BaseException as error:
        connection.execute("ROLLBACK TO unit")
        unit.error = error
    connection.execute("RELEASE unit")


def _begin(connection: sqlite3.Connection, unit: Unit[object]) -> None:
    """Begin to write; a unit whose time is over does not begin. Raises sqlite3.OperationalError."""
    left_s = BUSY_TIMEOUT_S if unit.end is None else unit.end - time.perf_counter()
    if left_s <= 0:
        raise sqlite3.OperationalError("it waited too long for other writes")
    # In tenths, so that the statement is one of a few, which sqlite3 keeps compiled.
    connection.execute(f"PRAGMA busy_timeout = {round(left_s + 0.05, 1) * 1_000:.0f}")
    connection.execute("BEGIN IMMEDIATE")


def _roll_back(connection: sqlite3.Connection) -> None:
    # A failed COMMIT, as on a full disk, may have ended the transaction by itself.
    with suppress(sqlite3.OperationalError):
        connection.execute("ROLLBACK")
