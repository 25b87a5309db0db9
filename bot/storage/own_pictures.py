"""Finds a member's own pictures by their words, and their last prompts.

Words may be sealed, so SQLite cannot compare them: rows are opened in batches, on the thread for long reads, and never
more than SEARCHED of them.
"""

from __future__ import annotations

import sqlite3
from functools import partial

from bot.domain.jobs import Kind
from bot.domain.picture_search import holds
from bot.services.ports.own_pictures import SEARCHED
from bot.storage.database import Database
from bot.storage.jobs import from_row

BATCH = 100
LOOKED_AT = 100
"""The newest requests of someone, among which their last prompts are."""
NEWEST = (float("inf"), "")


class OwnPictures:
    """Implements services.ports.own_pictures.OwnPictures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, user_id: int, words: tuple[str, ...]) -> tuple[list[str], bool]:
        found, after = list[str](), NEWEST
        for _ in range(SEARCHED // BATCH):
            some, last = await self._database.read_much(partial(self._batch, user_id, words, after))
            found += some
            if last is None:
                return found, True
            after = last
        return found, False

    def _batch(
        self, user_id: int, words: tuple[str, ...], after: tuple[float, str], connection: sqlite3.Connection
    ) -> tuple[list[str], tuple[float, str] | None]:
        """Return which of the next pictures hold the words, and the last one looked at, None at the end."""
        rows = connection.execute(
            "SELECT * FROM jobs WHERE user_id = ?1 AND state = 'done' AND deleted_at IS NULL AND created_at <= ?2"
            " AND (created_at < ?2 OR id > ?3) ORDER BY created_at DESC, id LIMIT ?4",
            (user_id, *after, BATCH),
        ).fetchall()
        found = [row["id"] for row in rows if holds(from_row(row, self._database.seal), words)]
        return found, (rows[-1]["created_at"], rows[-1]["id"]) if len(rows) == BATCH else None

    async def prompts(self, user_id: int) -> list[str]:
        sql = (
            "SELECT * FROM (SELECT * FROM jobs WHERE user_id = ? ORDER BY created_at DESC LIMIT ?)"
            " WHERE deleted_at IS NULL AND purged_at IS NULL ORDER BY created_at DESC"
        )

        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute(sql, (user_id, LOOKED_AT))
            orders = [from_row(row, self._database.seal).order for row in rows]
            words = (" ".join(order.words.split()) for order in orders if order.kind in (Kind.IMAGINE, Kind.START))
            return [*dict.fromkeys(line for line in words if line)]

        return await self._database.read(work)
