"""Jobs in the database: rows to values and back."""

from __future__ import annotations

import sqlite3

import msgspec

from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.prompt import PromptSpec
from bot.storage.database import Database


class Jobs:
    """Implements services.ports.JobStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, job_id: str) -> Job | None:
        return await self._first("SELECT * FROM jobs WHERE id = ?", job_id)

    async def by_message(self, message_id: int) -> Job | None:
        return await self._first("SELECT * FROM jobs WHERE message_id = ?", message_id)

    async def unfinished(self) -> list[Job]:
        """Return the jobs that have not ended, oldest first."""
        sql = "SELECT * FROM jobs WHERE ended_at IS NULL ORDER BY created_at, id"
        return await self._database.read(lambda connection: [from_row(row) for row in connection.execute(sql)])

    async def set_message(self, job_id: str, message_id: int) -> None:
        await self._update("UPDATE jobs SET message_id = ? WHERE id = ?", message_id, job_id)

    async def set_understood(self, job: Job) -> None:
        """Keep what the words were understood as, and that painting goes on."""
        spec = msgspec.json.encode(job.spec).decode()
        await self._update(
            "UPDATE jobs SET spec = ?, state = ? WHERE id = ? AND ended_at IS NULL",
            spec,
            JobState.PAINTING.value,
            job.id,
        )

    async def _first(self, sql: str, key: str | int) -> Job | None:
        row = await self._database.read(lambda connection: connection.execute(sql, (key,)).fetchone())
        return None if row is None else from_row(row)

    async def _update(self, sql: str, *values: str | int) -> None:
        await self._database.write(lambda connection: connection.execute(sql, values))


def insert(connection: sqlite3.Connection, job: Job) -> None:
    """Insert a new job; to be called inside the transaction that reserves its pictures."""
    order, place = job.order, job.place
    spec = None if order.spec is None else msgspec.json.encode(order.spec).decode()
    columns = {
        "id": job.id, "state": job.state.value, "user_id": place.user_id, "channel_id": place.channel_id,
        "guild_id": place.guild_id, "locale": place.locale, "parent_id": job.parent_id, "words": order.words,
        "shape": order.shape, "count": order.count, "seed": job.seed, "exact": int(order.exact), "spec": spec,
        "created_at": job.created_at,
    }  # fmt: skip
    names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
    connection.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608 - own names


def from_row(row: sqlite3.Row) -> Job:
    painted = None
    if row["size"] is not None:
        painted = Painted(row["size"], row["model"], row["seconds"], row["steps"])
    return Job(
        id=row["id"],
        order=Order(
            words=row["words"],
            shape=row["shape"],
            count=row["count"],
            seed=row["seed"],
            exact=bool(row["exact"]),
            spec=None if row["spec"] is None else msgspec.json.decode(row["spec"], type=PromptSpec),
        ),
        place=Place(row["user_id"], row["channel_id"], row["guild_id"], row["locale"]),
        seed=row["seed"],
        state=JobState(row["state"]),
        created_at=row["created_at"],
        message_id=row["message_id"],
        parent_id=row["parent_id"],
        painted=painted,
        ended_at=row["ended_at"],
    )
