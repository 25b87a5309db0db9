"""The table of members' preferences; a member without preferences has no row."""

from __future__ import annotations

import sqlite3

from bot.domain.preferences import Preferences
from bot.services.ports.storage import ADMIT_S
from bot.storage.database import Database


class Members:
    """Implements services.ports.storage.Members."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user_id: int) -> Preferences:
        def work(connection: sqlite3.Connection) -> Preferences:
            sql = "SELECT style, shape, private, photos FROM members WHERE user_id = ?"
            row = connection.execute(sql, (user_id,)).fetchone()
            if row is None:
                return Preferences()
            photos = None if row["photos"] is None else bool(row["photos"])
            return Preferences(row["style"], row["shape"], bool(row["private"]), photos)

        return await self._database.read(work)

    async def set(self, user_id: int, preferences: Preferences) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM members WHERE user_id = ?", (user_id,))
            if preferences != Preferences():
                connection.execute(
                    "INSERT INTO members (user_id, style, shape, private, photos) VALUES (?, ?, ?, ?, ?)",
                    (user_id, preferences.style, preferences.shape, int(preferences.private), preferences.photos),
                )

        await self._database.write(work, ADMIT_S)
