"""All rows about one person: read for an export, deleted for an erase.

Invariant: an erase is one transaction, and after it no row holds a word of the person's, also not in others' versions.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import partial

from bot.domain.jobs import Job, Kind
from bot.domain.personal_data import PostedMessage, Record, iso
from bot.domain.pseudonym import pseudonym
from bot.domain.quota import WINDOWS
from bot.storage.database import Database
from bot.storage.erased_usage import keep_uses
from bot.storage.jobs import empty_words, from_row
from bot.storage.sealing import Seal
from bot.storage.start_pictures import drop_some

LONGEST = max(WINDOWS.values())
PICTURES_AT_ONCE = 8
HEIRS = (
    "WITH RECURSIVE line (id) AS (SELECT id FROM jobs WHERE user_id = ?1"
    " UNION SELECT job_id FROM job_photos WHERE user_id = ?1"
    " UNION SELECT jobs.id FROM jobs JOIN line ON jobs.parent_id = line.id)"
    " SELECT jobs.* FROM line JOIN jobs USING (id) WHERE user_id <> ?1"
)
"""What others made of someone's pictures and photos, and what was made of that."""
OF_A_JOB = ("job_starts", "starts", "held_pictures", "held")
"""Tables whose rows belong to a job, by job_id, and go with its words."""
OF_A_PERSON = ("job_photos", "start_pictures", "members")
"""Tables whose rows are someone's own, by user_id. What moderators decided about someone is not."""
POSTED = (
    "SELECT channel_id, message_id, token FROM jobs"
    " WHERE user_id = ? AND message_id IS NOT NULL AND deleted_at IS NULL",
    "SELECT shown_channel_id, shown_message_id, NULL FROM held JOIN jobs ON jobs.id = held.job_id"
    " WHERE user_id = ? AND shown_message_id IS NOT NULL",
    "SELECT channel_id, message_id, token FROM jobs JOIN job_photos ON job_id = jobs.id"
    " WHERE job_photos.user_id = ?1 AND jobs.user_id <> ?1 AND message_id IS NOT NULL AND deleted_at IS NULL",
)
"""Each finds messages that show what someone asked for, or what was made of their photos: channel, message, token."""


class Records:
    """Implements services.ports.personal.Records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept(self, user_id: int, now: float) -> Record:
        def work(connection: sqlite3.Connection) -> Record:
            return _kept(connection, user_id, pseudonym(self._database.secret, user_id), now)

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

    async def erase(self, user_id: int, now: float) -> tuple[int, list[PostedMessage]] | None:
        while await self._database.write(partial(drop_some, user_id=user_id, most=PICTURES_AT_ONCE), alone=True):
            pass  # the largest part goes before, in steps, so that nobody else waits for all of it
        return await self._database.write(
            lambda connection: _erase(connection, self._database, user_id, now), alone=True
        )

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


def forget_words(connection: sqlite3.Connection, seal: Seal, job: Job, now: float, words: str = "") -> None:
    """Leave of a job where and when it was, and its seed; `words` are those that may stay."""
    empty_words(connection, seal, job, now, words)
    for table in OF_A_JOB:
        connection.execute(f"DELETE FROM {table} WHERE job_id = ?", (job.id,))  # noqa: S608 - own names


def _erase(
    connection: sqlite3.Connection, database: Database, user_id: int, now: float
) -> tuple[int, list[PostedMessage]] | None:
    """Return how many requests went, and their messages; None, and nothing done, while one is still on its way."""
    changes = connection.total_changes
    heirs = [from_row(row, database.seal) for row in connection.execute(HEIRS, (user_id,))]
    own = "SELECT count(*), coalesce(sum(ended_at IS NULL), 0) FROM jobs WHERE user_id = ?"
    count, running = connection.execute(own, (user_id,)).fetchone()
    if running or not all(job.state.ended for job in heirs):
        return None
    posted = [PostedMessage(*row) for sql in POSTED for row in connection.execute(sql, (user_id,))]
    connection.executemany(
        "INSERT OR IGNORE INTO erased_messages (channel_id, message_id, token) VALUES (?, ?, ?)",
        [(one.channel_id, one.message_id, one.token) for one in posted],
    )
    for job in heirs:
        authors = tuple(author for author in job.order.photos_of if author != user_id)
        job = replace(job, order=replace(job.order, photos_of=authors))  # noqa: PLW2901 - the same job without them
        forget_words(connection, database.seal, job, job.purged_at or now, _own_words(job))
    mine = "(SELECT id FROM jobs WHERE user_id = ?1)"
    connection.execute(f"UPDATE jobs SET parent_id = NULL WHERE parent_id IN {mine} AND user_id <> ?1", (user_id,))  # noqa: S608
    for table in (*OF_A_JOB, "job_photos"):
        connection.execute(f"DELETE FROM {table} WHERE job_id IN {mine}", (user_id,))  # noqa: S608 - own names
    keep_uses(connection, database, user_id, now - LONGEST)
    for table in ("jobs", *OF_A_PERSON):
        connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (user_id,))  # noqa: S608 - own names
    if connection.total_changes > changes:
        connection.execute("INSERT INTO untidy (erased_at) VALUES (?)", (now,))
    return count, posted


def _own_words(job: Job) -> str:
    """Return the words of a version that are its requester's own: those of a change by words, or to a photo."""
    order = job.order
    own = order.kind is Kind.START or (order.kind is Kind.REFINE and (order.base or job.purged_at))
    return order.words if own else ""


def _kept(connection: sqlite3.Connection, user_id: int, hidden: bytes, now: float) -> Record:
    def rows(sql: str, *values: object) -> list[Record]:
        return [_record(row) for row in connection.execute(sql, values)]

    settings = rows("SELECT style, shape, private, photos FROM members WHERE user_id = ?", user_id)
    return {
        "settings": settings[0] if settings else None,
        "usage": rows(
            "SELECT job_id, guild_id AS server_id, images, granted, state, reserved_at FROM reservations"
            " WHERE user_id = ? ORDER BY reserved_at",
            user_id,
        ),
        "usage_from_before_an_erase": rows(
            "SELECT guild_id AS server_id, images, granted, reserved_at FROM erased_uses"
            " WHERE pseudonym = ? AND reserved_at > ? ORDER BY reserved_at",
            hidden,
            now - LONGEST,
        ),
        "rules": rows(
            "SELECT guild_id AS server_id, images, per, at_once, reason, expires_at, set_at FROM rules"
            " WHERE kind = 'user' AND target_id = ? ORDER BY guild_id, per",
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
    times = ("reserved_at", "expires_at", "set_at", "until", "at", "made_at", "message_deleted_at")
    record = {name: iso(row[name]) if name in times else row[name] for name in row.keys()}  # noqa: SIM118 - a Row's
    return {n: str(v) if n in ("server_id", "about_id") and v is not None else v for n, v in record.items()}
