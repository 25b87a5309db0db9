"""A second process that holds the database's write lock: `python lock.py FILE SECONDS [stutter]`.

With `stutter` it lets the bot write until some job's end is written, and takes the lock at once then: what belongs to
that end, and is not written in the same transaction, is kept out for longer than the bot waits.
"""

from __future__ import annotations

import sqlite3
import sys
import time

HELD_S, FREE_S = 5.5, 4.0
"""Held for longer than the bot waits for it, and let go for at most so long."""


def hold(file: str, seconds: float, *, stutter: bool) -> None:
    connection = sqlite3.connect(file, timeout=0.0, isolation_level=None)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if stutter:
            _until_an_end(connection)
        _take(connection)
        time.sleep(HELD_S if stutter else max(0.0, end - time.monotonic()))
        connection.execute("ROLLBACK")
    connection.close()


def _take(connection: sqlite3.Connection) -> None:
    """Take the lock in the first moment in which the bot does not write."""
    while not connection.in_transaction:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            continue


def _until_an_end(connection: sqlite3.Connection) -> None:
    before, end = _ended(connection), time.monotonic() + FREE_S
    while _ended(connection) == before and time.monotonic() < end:
        pass


def _ended(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL").fetchone()[0])


if __name__ == "__main__":
    hold(sys.argv[1], float(sys.argv[2]), stutter=sys.argv[3:] == ["stutter"])
