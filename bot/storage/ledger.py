"""The quota ledger: what each user holds and has spent. Deciding and reserving are one transaction, as is ending."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.domain.jobs import Job, JobState, Painted
from bot.domain.quota import AtOnce, Limit, Refusal, Use, decide
from bot.storage import jobs
from bot.storage.database import Database

DIRECT_MESSAGES = 0
"""Stands for the guild where there is none: limits count for each server, and for direct messages, by themselves."""
USUAL_SECONDS = 60.0


class Ledger:
    """Implements services.ports.QuotaLedger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(
        self, job: Job, limits: Sequence[Limit], at_once: int, start: bytes | None = None
    ) -> Refusal | AtOnce | None:
        def work(connection: sqlite3.Connection) -> Refusal | AtOnce | None:
            place, now = job.place, job.created_at
            if crowd := _crowd(connection, place.user_id, at_once, now):
                return crowd
            longest = max((limit.seconds for limit in limits), default=0.0)
            used = _uses(connection, place.user_id, place.guild_id, now - longest)
            if refusal := decide(limits, used, job.order.count, now):
                return refusal
            jobs.insert(connection, job)
            if start is not None:
                connection.execute("INSERT INTO starts (job_id, image) VALUES (?, ?)", (job.id, start))
            connection.execute(
                "INSERT INTO reservations (job_id, user_id, guild_id, images, state, reserved_at)"
                " VALUES (?, ?, ?, ?, 'held', ?)",
                (job.id, place.user_id, place.guild_id or DIRECT_MESSAGES, job.order.count, now),
            )
            return None

        return await self._database.write(work)

    async def settle(self, job_id: str, end: JobState, at: float, painted: Painted | None = None) -> bool:
        if not end.ended:
            raise ValueError(f"{end} is no end")
        kept = "spent" if end is JobState.DONE else "released"

        def work(connection: sqlite3.Connection) -> bool:
            changed = connection.execute(
                "UPDATE jobs SET state = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL", (end.value, at, job_id)
            )
            if changed.rowcount == 0:
                return False
            if end is not JobState.DONE:
                connection.execute("DELETE FROM starts WHERE job_id = ?", (job_id,))
            connection.execute("UPDATE reservations SET state = ? WHERE job_id = ? AND state = 'held'", (kept, job_id))
            if painted is not None:
                connection.execute(
                    "UPDATE jobs SET size = ?, model = ?, seconds = ?, steps = ? WHERE id = ?",
                    (painted.size, painted.model, painted.seconds, painted.steps, job_id),
                )
            return True

        return await self._database.write(work)

    async def uses(self, user_id: int, guild_id: int | None, since: float) -> list[Use]:
        return await self._database.read(lambda connection: _uses(connection, user_id, guild_id, since))

    async def running(self, user_id: int) -> int:
        return await self._database.read(lambda connection: _running(connection, user_id)[0])


def _running(connection: sqlite3.Connection, user_id: int) -> tuple[int, float]:
    """Return how many jobs of the user have not ended, and when the first of them was made."""
    sql = "SELECT count(*), coalesce(min(created_at), 0.0) FROM jobs WHERE user_id = ? AND ended_at IS NULL"
    count, first = connection.execute(sql, (user_id,)).fetchone()
    return count, first


def _uses(connection: sqlite3.Connection, user_id: int, guild_id: int | None, since: float) -> list[Use]:
    rows = connection.execute(
        "SELECT reserved_at, images FROM reservations"
        " WHERE user_id = ? AND guild_id = ? AND reserved_at > ? AND state <> 'released'",
        (user_id, guild_id or DIRECT_MESSAGES, since),
    )
    return [Use(row["reserved_at"], row["images"]) for row in rows]


def _crowd(connection: sqlite3.Connection, user_id: int, at_once: int, now: float) -> AtOnce | None:
    """Return the refusal when the user has `at_once` requests on their way, with a guess at when the first ends."""
    running, first = _running(connection, user_id)
    if running < at_once:
        return None
    (usual,) = connection.execute(
        "SELECT avg(ended_at - created_at) FROM"
        " (SELECT ended_at, created_at FROM jobs WHERE state = 'done' ORDER BY ended_at DESC LIMIT 20)"
    ).fetchone()
    return AtOnce(running, at_once, max(now + 5.0, first + (usual or USUAL_SECONDS)))
