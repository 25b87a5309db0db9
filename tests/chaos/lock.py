"""A second process that holds the database's write lock: `python lock.py FILE SECONDS [stutter]`.

With `stutter` it lets go for moments again and again, so that whoever waits gets a single statement through.
"""

from __future__ import annotations

import sqlite3
import sys
import time

HELD_S, FREE_S = 5.5, 0.002
"""Held for longer than the bot waits for it, let go for about the time of one transaction."""


def hold(file: str, seconds: float, *, stutter: bool) -> None:
    connection = sqlite3.connect(file, timeout=0.0, isolation_level=None)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:  # the bot writes
            time.sleep(0.0002)
            continue
        time.sleep(min(HELD_S if stutter else seconds, max(0.0, end - time.monotonic())))
        connection.execute("ROLLBACK")
        time.sleep(FREE_S)
    connection.close()


if __name__ == "__main__":
    hold(sys.argv[1], float(sys.argv[2]), stutter=sys.argv[3:] == ["stutter"])
