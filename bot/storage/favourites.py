"""The table of favourites: whose they are, and of which pictures; a picture whose message is gone is none any more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from bot.domain.jobs import Job
from bot.services.ports.favourites import MOST, FavouritesFull
from bot.services.ports.storage import ADMIT_S
from bot.storage.database import Database
from bot.storage.jobs import from_row


class Favourites:
    """Implements services.ports.favourites.Favourites."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def toggle(self, user_id: int, job_id: str, at: float) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            key = (user_id, job_id)
            if connection.execute("DELETE FROM favourites WHERE user_id = ? AND job_id = ?", key).rowcount:
                return False
            (kept,) = connection.execute("SELECT count(*) FROM favourites WHERE user_id = ?", (user_id,)).fetchone()
            if kept >= MOST:
                raise FavouritesFull
            sql = "INSERT INTO favourites SELECT ?, id, ? FROM jobs WHERE id = ? AND deleted_at IS NULL"
            return connection.execute(sql, (user_id, at, job_id)).rowcount > 0

        return await self._database.write(work, ADMIT_S)

    async def of_user(self, user_id: int) -> list[Job]:
        sql = (
            "SELECT jobs.* FROM favourites JOIN jobs ON jobs.id = job_id WHERE favourites.user_id = ?"
            " AND state = 'done' AND deleted_at IS NULL ORDER BY kept_at DESC, id LIMIT ?"
        )
        return await self._database.read(
            lambda connection: [from_row(row, self._database.seal) for row in connection.execute(sql, (user_id, MOST))]
        )

    async def among(self, user_id: int, job_ids: Iterable[str]) -> set[str]:
        sql = "SELECT job_id FROM favourites WHERE user_id = ? AND job_id IN (SELECT value FROM json_each(?))"
        values = user_id, json.dumps([*job_ids])
        return await self._database.read(lambda connection: {row[0] for row in connection.execute(sql, values)})
