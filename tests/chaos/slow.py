"""A database whose rows take long to be written, so that a process can be killed between two of them.

What is one transaction shows all of its rows or none, however slow; what is not shows the first one alone for a while.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal
from uuid import uuid4

Row = Literal["accepting", "ending"]

COUNTED = 2_000_000
"""To so much SQLite counts before it writes a row: some tenths of a second, in which it holds the write lock."""
LONGEST_S = 30.0
"""How long another fault may keep this one from the database."""
COUNT = (
    "WITH RECURSIVE counted(n) AS"
    f" (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {COUNTED}) SELECT max(n) FROM counted"
)
WRITES: dict[Row, tuple[str, ...]] = {
    "accepting": ("INSERT ON jobs", "INSERT ON reservations"),
    "ending": ("UPDATE OF ended_at ON jobs", "UPDATE OF state ON reservations"),
}
SEEN: dict[Row, str] = {
    "accepting": "SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM reservations)",
    "ending": "SELECT (SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL)"
    " + (SELECT count(*) FROM reservations WHERE state <> 'held')",
}


@contextmanager
def slow_rows(database: Path, row: Row) -> Iterator[None]:
    """Make the rows of this kind slow, until the block ends; another block may be open meanwhile."""
    view = f"slow_{uuid4().hex}"
    triggers = {f"{view}_{number}": write for number, write in enumerate(WRITES[row])}
    slow = [f"CREATE TRIGGER {name} BEFORE {write} BEGIN SELECT * FROM {view}; END" for name, write in triggers.items()]
    _do(database, [f"CREATE VIEW {view} AS {COUNT}", *slow])
    try:
        yield
    finally:
        _do(database, [*(f"DROP TRIGGER {name}" for name in triggers), f"DROP VIEW {view}"])


def wait_for_row(database: Path, row: Row, seconds: float) -> bool:
    """Wait until another process sees a row more of this kind; False where none comes in time."""
    end = time.monotonic() + seconds
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        before = connection.execute(SEEN[row]).fetchone()
        while time.monotonic() < end:
            if connection.execute(SEEN[row]).fetchone() != before:
                return True
            time.sleep(0.005)
    return False


def _do(database: Path, statements: list[str]) -> None:
    """Execute these, again and again while the disk is full or another process holds the lock."""
    end = time.monotonic() + LONGEST_S
    with closing(sqlite3.connect(database, timeout=LONGEST_S, isolation_level=None)) as connection:
        for sql in statements:
            while True:
                try:
                    connection.execute(sql)
                    break
                except sqlite3.OperationalError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.2)
