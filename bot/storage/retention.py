"""Deletes old words and old ledger rows, in batches that hold the database for milliseconds each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial

from bot.storage.database import Database
from bot.storage.erase import LONGEST, forget_words
from bot.storage.erased_usage import drop_reservations
from bot.storage.jobs import from_row

BATCH = 50


class Retention:
    """Implements services.retention.OldRecords."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def purge_words(self, before: float, now: float) -> int:
        """Delete the words of jobs that ended, and were asked for, before then; return of how many.

        A picture that its own requester keeps as a favourite keeps its words.

        So does what is as old in the sandbox's channels.
        """
        await self._in_batches(
            lambda connection: (
                connection.execute(
                    "DELETE FROM sandbox_messages WHERE id IN"
                    " (SELECT id FROM sandbox_messages WHERE made_at < ? LIMIT ?)",
                    (before, BATCH),
                ).rowcount
            )
        )
        total, last = 0, 0
        while True:
            work = partial(_purge, database=self._database, before=before, now=now, last=last)
            purged, end = await self._database.write(work, alone=True)
            total += purged
            if end is None:
                return total
            last = end

    async def purge_ledger(self, now: float) -> int:
        """Delete what no window reaches back to any more; return how many reservations."""
        total, sql = 0, "SELECT rowid FROM reservations WHERE reserved_at <= ? AND state <> 'held' LIMIT ?"
        while old := await self._database.read_much(  # all rows are looked at, which nobody who writes waits for
            lambda connection: [row[0] for row in connection.execute(sql, (now - LONGEST, BATCH * 5))]
        ):
            which = f"state <> 'held' AND rowid IN ({', '.join('?' * len(old))})"
            total += await self._database.write(partial(_drop, which=which, rows=old), alone=True)
        return total

    async def purge_erased(self, now: float) -> int:
        """The same of those who were erased."""
        sql = "DELETE FROM erased_uses WHERE rowid IN (SELECT rowid FROM erased_uses WHERE reserved_at <= ? LIMIT ?)"
        return await self._in_batches(lambda connection: connection.execute(sql, (now - LONGEST, BATCH * 5)).rowcount)

    async def tidy(self) -> None:
        await self._database.scrub()

    async def _in_batches(self, work: Callable[[sqlite3.Connection], int]) -> int:
        total = 0
        while gone := await self._database.write(work, alone=True):
            total += gone
        return total


def _drop(connection: sqlite3.Connection, which: str, rows: list[int]) -> int:
    return drop_reservations(connection, which, *rows)


def _purge(
    connection: sqlite3.Connection, database: Database, before: float, now: float, last: int
) -> tuple[int, int | None]:
    """Purge among the next rows; return how many, and the last row looked at, None at the end."""
    rows = connection.execute(
        "SELECT rowid AS number, *, EXISTS (SELECT 1 FROM favourites WHERE favourites.user_id = jobs.user_id"
        " AND job_id = jobs.id) AS is_favourite FROM jobs WHERE rowid > ? ORDER BY rowid LIMIT ?",
        (last, BATCH),
    ).fetchall()
    ended = [row for row in rows if row["created_at"] < before and row["ended_at"] is not None]
    old = [row for row in ended if not row["purged_at"] and not row["is_favourite"]]
    for row in old:
        forget_words(connection, database.seal, from_row(row, database.seal), now)
    done = not rows or rows[-1]["created_at"] >= before  # later rows are younger still
    return len(old), None if done else rows[-1]["number"]
