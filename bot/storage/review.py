"""The tables of held pictures: written with their job, decided with a row of the audit log, gone with its end."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from bot.domain.held_pictures import Held
from bot.domain.jobs import Job, JobState, Painted
from bot.domain.moderation import Entry
from bot.domain.picture_policy import Policy
from bot.domain.progress import Finished, Reason, Remarks
from bot.services.ports.review import HeldFull
from bot.storage.audit import record
from bot.storage.database import Database
from bot.storage.jobs import from_row
from bot.storage.ledger import end_job
from bot.storage.sealing import Seal

SELECT = (
    "SELECT jobs.*, held.score, held.held_at AS since, held.released_by, held.shown_channel_id, held.shown_message_id"
    " FROM held JOIN jobs ON jobs.id = held.job_id"
)
COUNT = "SELECT count(*) FROM held JOIN jobs ON jobs.id = held.job_id"
UNDECIDED = "jobs.ended_at IS NULL AND held.released_by IS NULL"
PERSON_BYTES, TOTAL_BYTES = 55_000_000, 2_000_000_000
"""Of the held pictures of one person, and of all, as of the pictures to start from."""
KEPT_BYTES = (
    "SELECT coalesce(sum(length(image)), 0), coalesce(sum(iif(user_id = ?, length(image), 0)), 0)"
    " FROM held_pictures JOIN jobs ON jobs.id = job_id"
)
"""Finds how many bytes wait for moderators, and how many of them are one person's."""


class HeldPictures:
    """Implements services.ports.review.HeldStore."""

    def __init__(self, database: Database) -> None:
        self._database, self._seal = database, database.seal

    async def policy(self, guild_id: int) -> Policy | None:
        found = await self._value("SELECT nsfw_policy FROM guilds WHERE guild_id = ?", guild_id)
        return None if found is None else Policy(found)

    async def set_policy(self, guild_id: int, policy: Policy | None, entry: Entry) -> None:
        await self._set(guild_id, "nsfw_policy", None if policy is None else policy.value, entry)

    async def channel(self, guild_id: int) -> int | None:
        found: int | None = await self._value("SELECT review_channel_id FROM guilds WHERE guild_id = ?", guild_id)
        return found

    async def set_channel(self, guild_id: int, channel_id: int | None, entry: Entry) -> None:
        await self._set(guild_id, "review_channel_id", channel_id, entry)

    async def hold(self, job: Job, finished: Finished, at: float) -> bool:
        painted, remarks = (msgspec.json.encode(value).decode() for value in (finished.painted, finished.remarks))
        remarks = self._seal.close_text(remarks, f"held.remarks:{job.id}")
        new = sum(map(len, finished.pictures))
        values = (job.id, job.place.guild_id, finished.rating.worst, at, painted, remarks, int(self._seal.on))

        def work(connection: sqlite3.Connection) -> bool:
            held = "UPDATE jobs SET held_at = ? WHERE id = ? AND ended_at IS NULL AND held_at IS NULL"
            if connection.execute(held, (at, job.id)).rowcount == 0:
                return False
            total, own = connection.execute(KEPT_BYTES, (job.place.user_id,)).fetchone()
            if total + new > TOTAL_BYTES or own + new > PERSON_BYTES:
                raise HeldFull
            connection.execute(
                "INSERT INTO held (job_id, guild_id, score, held_at, painted, remarks, sealed)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            keep_pictures(connection, job.id, finished.pictures, self._seal)
            return True

        return await self._database.write(work)

    async def get(self, job_id: str) -> Held | None:
        found = await self._found(f"{SELECT} WHERE jobs.id = ?", job_id)
        return found[0] if found else None

    async def pictures(self, job_id: str) -> tuple[bytes, ...]:
        return await self._database.read(lambda connection: kept_pictures(connection, job_id, self._seal))

    async def finished(self, job_id: str) -> Finished | None:
        def work(connection: sqlite3.Connection) -> Finished | None:
            row = connection.execute("SELECT * FROM held WHERE job_id = ?", (job_id,)).fetchone()
            pictures = kept_pictures(connection, job_id, self._seal)
            if row is None or not pictures:
                return None
            remarks = self._seal.open_text(row["remarks"], f"held.remarks:{job_id}", row["sealed"])
            painted = msgspec.json.decode(row["painted"], type=Painted)
            return Finished(pictures, painted, msgspec.json.decode(remarks, type=Remarks))

        return await self._database.read(work)

    async def waiting(self, guild_id: int, offset: int, limit: int) -> list[Held]:
        sql = f"{SELECT} WHERE held.guild_id = ? AND {UNDECIDED} ORDER BY held.held_at, jobs.id LIMIT ? OFFSET ?"
        return await self._found(sql, guild_id, limit, offset)

    async def count(self, guild_id: int) -> int:
        return int(await self._value(f"{COUNT} WHERE held.guild_id = ? AND {UNDECIDED}", guild_id) or 0)

    async def before(self, at: float) -> list[Held]:
        return await self._found(f"{SELECT} WHERE held.held_at < ? AND {UNDECIDED} ORDER BY held.held_at", at)

    async def set_shown(self, job_id: str, channel_id: int, message_id: int) -> None:
        sql = "UPDATE held SET shown_channel_id = ?, shown_message_id = ? WHERE job_id = ?"
        await self._database.write(lambda connection: connection.execute(sql, (channel_id, message_id, job_id)))

    async def release(self, job_id: str, guild_id: int, entry: Entry) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            if not _undecided(connection, job_id, guild_id):
                return False
            connection.execute("UPDATE held SET released_by = ? WHERE job_id = ?", (entry.actor_id, job_id))
            record(connection, guild_id, entry)
            return True

        return await self._database.write(work)

    async def remove(self, job_id: str, guild_id: int, entry: Entry) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            if not _undecided(connection, job_id, guild_id):
                return False
            record(connection, guild_id, entry)
            return end_job(connection, self._seal, job_id, JobState.FAILED, entry.at, untold=Reason.REMOVED)

        return await self._database.write(work)

    async def _set(self, guild_id: int, column: str, value: str | int | None, entry: Entry) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR IGNORE INTO guilds (guild_id) VALUES (?)", (guild_id,))
            connection.execute(f"UPDATE guilds SET {column} = ? WHERE guild_id = ?", (value, guild_id))  # noqa: S608 - own name
            record(connection, guild_id, entry)

        await self._database.write(work)

    async def _found(self, sql: str, *values: str | float) -> list[Held]:
        return await self._database.read(
            lambda connection: [_held(row, self._seal) for row in connection.execute(sql, values)]
        )

    async def _value(self, sql: str, guild_id: int) -> Any:
        row = await self._database.read(lambda connection: connection.execute(sql, (guild_id,)).fetchone())
        return None if row is None else row[0]


def keep_pictures(connection: sqlite3.Connection, job_id: str, pictures: tuple[bytes, ...], seal: Seal) -> None:
    """Write the pictures of a held job; to be called inside the transaction that holds it."""
    rows = [
        (job_id, number, seal.close(picture, f"held_pictures.image:{job_id}/{number}"), int(seal.on))
        for number, picture in enumerate(pictures)
    ]
    connection.executemany("INSERT INTO held_pictures (job_id, number, image, sealed) VALUES (?, ?, ?, ?)", rows)


def kept_pictures(connection: sqlite3.Connection, job_id: str, seal: Seal) -> tuple[bytes, ...]:
    """Read what `keep_pictures` wrote, in order."""
    rows = connection.execute("SELECT * FROM held_pictures WHERE job_id = ? ORDER BY number", (job_id,))
    return tuple(
        seal.open(bytes(row["image"]), f"held_pictures.image:{job_id}/{row['number']}", row["sealed"]) for row in rows
    )


def _undecided(connection: sqlite3.Connection, job_id: str, guild_id: int) -> bool:
    sql = f"{COUNT} WHERE jobs.id = ? AND held.guild_id = ? AND {UNDECIDED}"
    return bool(connection.execute(sql, (job_id, guild_id)).fetchone()[0])


def _held(row: sqlite3.Row, seal: Seal) -> Held:
    shown = None if row["shown_message_id"] is None else (row["shown_channel_id"], row["shown_message_id"])
    return Held(from_row(row, seal), row["score"], row["since"], row["released_by"], shown)
