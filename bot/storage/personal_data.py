"""All rows about one person: read for an export, deleted for an erase; after it no row holds a word of theirs."""

from __future__ import annotations

import sqlite3

from bot.domain.jobs import Job
from bot.domain.personal_data import Erased, PostedMessage, Record, iso
from bot.domain.pseudonym import pseudonym
from bot.storage.database import Database
from bot.storage.erase import LONGEST, Erase
from bot.storage.jobs import from_row
from bot.storage.sandbox_messages import said_by

HEIRS = (
    "WITH RECURSIVE line (id) AS (SELECT id FROM jobs WHERE user_id = ?1"
    " UNION SELECT job_id FROM job_photos WHERE user_id = ?1"
    " UNION SELECT jobs.id FROM jobs JOIN line ON jobs.parent_id = line.id)"
    " SELECT jobs.* FROM line JOIN jobs USING (id) WHERE user_id <> ?1"
)
"""What others made of someone's pictures and photos, and what was made of that."""


class Records:
    """Implements services.ports.personal.Records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept(self, user_id: int, now: float) -> Record:
        def work(connection: sqlite3.Connection) -> Record:
            kept = _kept(connection, user_id, pseudonym(self._database.secret, user_id), now)
            return kept | {"sandbox": said_by(connection, self._database.seal, user_id)}

        return await self._database.read_much(work)

    async def jobs(self, user_id: int, before: int | None, limit: int) -> list[tuple[int, Job]]:
        sql = "SELECT rowid AS number, * FROM jobs WHERE user_id = ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
        values = (user_id, (1 << 62) if before is None else before, limit)

        def work(connection: sqlite3.Connection) -> list[tuple[int, Job]]:
            rows = connection.execute(sql, values)
            return [(row["number"], from_row(row, self._database.seal)) for row in rows]

        return await self._database.read_much(work)

    async def unfinished(self, user_id: int) -> list[Job]:
        def work(connection: sqlite3.Connection) -> list[Job]:
            own = "SELECT * FROM jobs WHERE user_id = ?1 AND ended_at IS NULL"
            both = f"{own} UNION ALL SELECT * FROM ({HEIRS}) WHERE ended_at IS NULL"  # noqa: S608 - own text
            rows = connection.execute(both, (user_id,))
            return [from_row(row, self._database.seal) for row in rows]

        return await self._database.read_much(work)

    async def erase(self, user_id: int, now: float, until: float | None = None) -> Erased:
        done = await Erase(self._database, user_id, now, until).run()
        for tell in self._database.erased:
            tell(user_id)
        return done

    async def begun(self) -> list[tuple[int, float]]:
        sql = "SELECT user_id, until FROM erasing"
        return await self._database.read(lambda connection: [tuple(row) for row in connection.execute(sql)])

    async def undeleted(self) -> list[PostedMessage]:
        sql = "SELECT channel_id, message_id, token FROM erased_messages ORDER BY message_id"
        return await self._database.read(lambda connection: [PostedMessage(*row) for row in connection.execute(sql)])

    async def forget(self, message: PostedMessage) -> None:
        sql = "DELETE FROM erased_messages WHERE message_id = ?"
        await self._database.write(lambda connection: connection.execute(sql, (message.message_id,)))

    async def untidy(self) -> bool:
        return await self._database.read(lambda connection: _newest_erase(connection) is not None)

    async def tidy(self) -> None:
        newest = await self._database.read(_newest_erase)
        await self._database.scrub()
        sql = "DELETE FROM untidy WHERE rowid <= ?"
        await self._database.write(lambda connection: connection.execute(sql, (newest or 0,)))


def _newest_erase(connection: sqlite3.Connection) -> int | None:
    newest: int | None = connection.execute("SELECT max(rowid) FROM untidy").fetchone()[0]
    return newest


def _kept(connection: sqlite3.Connection, user_id: int, hidden: bytes, now: float) -> Record:
    def rows(sql: str, *values: object) -> list[Record]:
        return [_record(row) for row in connection.execute(sql, values)]

    settings = rows("SELECT style, shape, private, photos FROM members WHERE user_id = ?", user_id)
    return {
        "settings": settings[0] if settings else None,
        "favourites": rows(
            "SELECT job_id, guild_id AS server_id, channel_id, message_id, kept_at"
            " FROM favourites JOIN jobs ON jobs.id = job_id WHERE favourites.user_id = ? ORDER BY kept_at",
            user_id,
        ),
        "usage": rows(
            "SELECT job_id, guild_id AS server_id, images, granted, state, reserved_at, model FROM reservations"
            " WHERE user_id = ? ORDER BY reserved_at",
            user_id,
        ),
        "usage_from_before_an_erase": rows(
            "SELECT guild_id AS server_id, images, granted, reserved_at, model FROM erased_uses"
            " WHERE pseudonym = ? AND reserved_at > ? ORDER BY reserved_at",
            hidden,
            now - LONGEST,
        ),
        "rules": rows(
            "SELECT guild_id AS server_id, images, per, model, at_once, reason, expires_at, set_at FROM rules"
            " WHERE kind = 'user' AND target_id = ? ORDER BY guild_id, model, per",
            user_id,
        ),
        "made_of_your_photos": rows(
            "SELECT job_id, guild_id AS server_id, created_at AS made_at, deleted_at AS message_deleted_at"
            " FROM job_photos JOIN jobs ON jobs.id = job_id"
            " WHERE job_photos.user_id = ?1 AND jobs.user_id <> ?1 ORDER BY created_at",
            user_id,
        ),
        "grants": rows("SELECT guild_id AS server_id, images FROM grants WHERE user_id = ?", user_id),
        "blocks": rows("SELECT guild_id AS server_id, until, reason FROM blocks WHERE user_id = ?", user_id),
        "log": rows(
            "SELECT guild_id AS server_id, at, action, CASE WHEN actor_id = ?1 THEN 'moderator' ELSE 'concerned' END"
            " AS as_whom, CASE WHEN actor_id = ?1 THEN target_id END AS about_id, before, after, reason FROM audit"
            " WHERE actor_id = ?1 OR target_id = ?1 ORDER BY id",
            user_id,
        ),
    }


def _record(row: sqlite3.Row) -> Record:
    """Times as ISO 8601 and ids as texts, as in `job_record`."""
    times = ("reserved_at", "expires_at", "set_at", "until", "at", "made_at", "message_deleted_at", "kept_at")
    record = {name: iso(row[name]) if name in times else row[name] for name in row.keys()}  # noqa: SIM118 - a Row's
    ids = ("server_id", "about_id", "channel_id", "message_id")
    return {n: str(v) if n in ids and v is not None else v for n, v in record.items()}
