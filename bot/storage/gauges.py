"""Counts unfinished jobs and held reservations, and those that lack their counterpart, for the metrics."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from bot.storage.database import Database


@dataclass(frozen=True, slots=True)
class Gauges:
    """`running` are the ids of jobs that have not ended and wait for no moderator, `oldest` is when the first began.

    `held` wait for a moderator. `reservations` hold pictures; `unmatched` are those without an unfinished job, and
    unfinished jobs without such a one, which must never be.
    """

    running: frozenset[str]
    oldest: float | None
    held: int
    reservations: int
    unmatched: int


async def read_gauges(database: Database) -> Gauges:
    """Read it in one snapshot; the indices make that a matter of what is unfinished, not of what there is."""

    def work(connection: sqlite3.Connection) -> Gauges:
        rows = connection.execute(
            "SELECT jobs.id, created_at, held_at IS NOT NULL AS waits, reservations.state IS 'held' AS matched"
            " FROM jobs LEFT JOIN reservations ON job_id = jobs.id WHERE ended_at IS NULL"
        ).fetchall()
        (reservations,) = connection.execute("SELECT count(*) FROM reservations WHERE state = 'held'").fetchone()
        running = [row for row in rows if not row["waits"]]
        matched = sum(row["matched"] for row in rows)
        return Gauges(
            running=frozenset(row["id"] for row in running),
            oldest=min((row["created_at"] for row in running), default=None),
            held=len(rows) - len(running),
            reservations=reservations,
            unmatched=len(rows) - matched + reservations - matched,
        )

    return await database.read(work)
