"""The audit log of moderators' changes: a row is added in the change's own transaction, and never changed."""

from __future__ import annotations

import sqlite3

from bot.domain.moderation import Action, Entry
from bot.storage.database import Database

ACTIONS = {action.value: action for action in Action}
WHERE = "FROM audit WHERE guild_id = ? AND (? IS NULL OR target_id = ? OR actor_id = ?)"


class Audit:
    """Implements services.ports.moderation.AuditLog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def entries(self, guild_id: int, about: int | None, offset: int, limit: int) -> list[Entry]:
        def work(connection: sqlite3.Connection) -> list[Entry]:
            sql = f"SELECT * {WHERE} ORDER BY id DESC LIMIT ? OFFSET ?"
            return [_entry(row) for row in connection.execute(sql, (guild_id, about, about, about, limit, offset))]

        return await self._database.read(work)

    async def count(self, guild_id: int, about: int | None) -> int:
        def work(connection: sqlite3.Connection) -> int:
            (count,) = connection.execute(f"SELECT count(*) {WHERE}", (guild_id, about, about, about)).fetchone()
            return int(count)

        return await self._database.read(work)


def record(connection: sqlite3.Connection, guild_id: int, entry: Entry) -> None:
    """Add an entry; to be called inside the transaction of what it tells."""
    connection.execute(
        "INSERT INTO audit (guild_id, actor_id, action, target_id, before, after, reason, at, target_kind)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (guild_id, entry.actor_id, entry.action.value, entry.target_id, entry.before, entry.after, entry.reason,
         entry.at, entry.target_kind),
    )  # fmt: skip


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        actor_id=row["actor_id"],
        action=ACTIONS.get(row["action"], Action.UNKNOWN),
        at=row["at"],
        target_id=row["target_id"],
        before=row["before"],
        after=row["after"],
        reason=row["reason"],
        target_kind=row["target_kind"],
    )
