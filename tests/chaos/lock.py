"""A second process that holds the database's write lock: `python lock.py FILE SECONDS [stutter]`.

With `stutter` it lets go, waits for the bot to write one thing, and takes the lock again at once: what was meant to be
written together, and is not one transaction, is torn apart.
"""

from __future__ import annotations

import sqlite3
import sys
import time

HELD_S, FREE_S = 5.5, 0.5
"""Held for longer than the bot waits for it, and let go for at most so long."""


def hold(file: str, seconds: float, *, stutter: bool) -> None:
    connection = sqlite3.connect(file, timeout=0.0, isolation_level=None)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:  # the bot writes
            continue
        time.sleep(min(HELD_S if stutter else seconds, max(0.0, end - time.monotonic())))
        connection.execute("ROLLBACK")
        _until_written(connection)
    connection.close()


def _until_written(connection: sqlite3.Connection) -> None:
    """Return as soon as another connection has written something."""
    before, end = _version(connection), time.monotonic() + FREE_S
    while _version(connection) == before and time.monotonic() < end:
        pass


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


if __name__ == "__main__":
    hold(sys.argv[1], float(sys.argv[2]), stutter=sys.argv[3:] == ["stutter"])
