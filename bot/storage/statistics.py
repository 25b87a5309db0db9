"""The figures of `/stats`: refusals by day and reason, and ended jobs; the former name no person and hold no words."""

from __future__ import annotations

import sqlite3

from bot.domain.jobs import JobState
from bot.domain.stats import DAY_S, Ended, Report, Why, day_of, report
from bot.storage.database import Database


class Statistics:
    """Implements services.ports.statistics.Tally and services.ports.statistics.Figures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def refused(self, guild_id: int | None, why: Why, at: float) -> None:
        if guild_id is None:
            return

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO refusals (guild_id, day, reason, count) VALUES (?, ?, ?, 1)"
                " ON CONFLICT (guild_id, day, reason) DO UPDATE SET count = count + 1",
                (guild_id, day_of(at), why.value),
            )

        await self._database.write(work)

    async def days(self, guild_id: int, first: int, last: int) -> Report:
        def work(connection: sqlite3.Connection) -> Report:
            jobs = connection.execute(
                "SELECT ended_at, state, count, created_at FROM jobs"
                " WHERE guild_id = ? AND ended_at >= ? AND ended_at < ? AND state IN (?, ?) AND picked IS NULL",
                (guild_id, first * DAY_S, (last + 1) * DAY_S, JobState.DONE.value, JobState.FAILED.value),
            )
            ended = [
                Ended(at, count if state == JobState.DONE.value else None, at - created)
                for at, state, count, created in jobs
            ]
            refused = connection.execute(
                "SELECT day, reason, count FROM refusals WHERE guild_id = ? AND day BETWEEN ? AND ?",
                (guild_id, first, last),
            )
            return report(first, last, ended, [(day, Why(reason), count) for day, reason, count in refused])

        return await self._database.read_much(work)
