"""The table of jobs: rows to `Job` values and back, and what a job reads and writes between its start and its end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from bot.domain.jobs import Job, JobState, Kind, Order, Painted, Place
from bot.domain.progress import Reason
from bot.storage import photos, start_pictures
from bot.storage.database import Database
from bot.storage.sealing import Seal, SealBroken
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

FAILURES_KEPT = 50
"""Of each person's requests that came to no picture, those whose words are kept: no limit counts these requests."""
FORGOTTEN_AT_ONCE = 20
"""So that a database from before that bound is brought there little by little."""
UNREADABLE = (SealBroken, msgspec.MsgspecError, RecursionError, TypeError, ValueError)
"""What opening and decoding a text raises that is damaged, or from elsewhere."""
COLUMNS = {"words", "shape", "count", "seed", "exact", "spec", "private"}
"""The fields of an Order that have a column of their own; the others are in `options`."""

FINISHED = "FROM jobs WHERE user_id = ? AND state = 'done' AND deleted_at IS NULL"
"""The pictures that someone still has."""


class Jobs:
    """Implements services.ports.storage.JobStore."""

    def __init__(self, database: Database) -> None:
        self._database, self._seal = database, database.seal

    async def get(self, job_id: str) -> Job | None:
        return await self._first("SELECT * FROM jobs WHERE id = ?", job_id)

    async def by_message(self, message_id: int) -> Job | None:
        return await self._first("SELECT * FROM jobs WHERE message_id = ?", message_id)

    async def unfinished(self) -> list[Job]:
        return [job for job in await self._unfinished() if job.purged_at is None]

    async def unreadable(self) -> list[Job]:
        return [job for job in await self._unfinished() if job.purged_at is not None]

    async def _unfinished(self) -> list[Job]:
        sql = "SELECT * FROM jobs WHERE ended_at IS NULL ORDER BY created_at, id"
        return await self._database.read(
            lambda connection: [from_row(row, self._seal) for row in connection.execute(sql)]
        )

    async def set_posted(self, job: Job) -> None:
        """Keep where the job's message stands."""
        sql = "UPDATE jobs SET message_id = ?, channel_id = ?, token = ? WHERE id = ?"
        await self._update(sql, job.message_id, job.place.channel_id, job.token, job.id)

    async def set_understood(self, job: Job) -> None:
        """Keep what the words were understood as, and that painting goes on."""
        spec = self._seal.close_text(msgspec.json.encode(job.spec).decode(), f"jobs.spec:{job.id}")
        await self._update(
            "UPDATE jobs SET spec = ?, state = ? WHERE id = ? AND ended_at IS NULL",
            spec,
            JobState.PAINTING.value,
            job.id,
        )

    async def set_painted(self, job: Job, painted: Painted) -> None:
        await self._database.write(lambda connection: set_painted(connection, job.id, painted))

    async def picked(self, parent_id: str, index: int) -> Job | None:
        sql = "SELECT * FROM jobs WHERE parent_id = ? AND picked = ? AND deleted_at IS NULL"
        row = await self._database.read(lambda connection: connection.execute(sql, (parent_id, index)).fetchone())
        return None if row is None else from_row(row, self._seal)

    async def add_pick(self, job: Job) -> None:
        def work(connection: sqlite3.Connection) -> None:
            which = job.parent_id, (job.order.of_picture or 1) - 1
            gone = "UPDATE jobs SET picked = -1 WHERE parent_id = ? AND picked = ? AND deleted_at IS NOT NULL"
            connection.execute(gone, which)
            insert(connection, self._database, job)
            starts = (
                "INSERT INTO job_starts (job_id, position, picture_id)"
                " SELECT ?, position, picture_id FROM job_starts WHERE job_id = ?"
            )
            connection.execute(starts, (job.id, job.parent_id))
            photos.keep(connection, job)

        await self._database.write(work)

    async def gone_picks(self, parent_id: str) -> int:
        sql = "SELECT count(*) FROM jobs WHERE parent_id = ? AND picked < 0"
        (count,) = await self._database.read(lambda connection: connection.execute(sql, (parent_id,)).fetchone())
        return int(count)

    async def untold(self) -> list[tuple[Job, Reason]]:
        sql = "SELECT * FROM jobs WHERE untold IS NOT NULL ORDER BY ended_at, id"
        return await self._database.read(
            lambda connection: [(from_row(row, self._seal), Reason(row["untold"])) for row in connection.execute(sql)]
        )

    async def set_told(self, job_id: str) -> None:
        await self._update("UPDATE jobs SET untold = NULL WHERE id = ?", job_id)

    async def set_deleted(self, message_id: int, at: float) -> Job | None:
        """Note that a message is gone; return the job that it carried.

        What its picture started from is forgotten, and nobody keeps it as a favourite any more.
        """

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE jobs SET deleted_at = ? WHERE message_id = ?", (at, message_id))
            kept = "DELETE FROM favourites WHERE job_id IN (SELECT id FROM jobs WHERE message_id = ?)"
            connection.execute(kept, (message_id,))
            ended = "SELECT id FROM jobs WHERE message_id = ? AND ended_at IS NOT NULL"
            start_pictures.drop(connection, ended, message_id)

        await self._database.write(work)
        return await self.by_message(message_id)

    async def start_images(self, job_id: str) -> tuple[bytes, ...]:
        """Return the pictures that a job starts from. Raises Unreadable."""
        return await self._database.read(lambda connection: start_pictures.kept(connection, self._database, job_id))

    async def ancestors(self, job_id: str, limit: int = 25) -> list[Job]:
        """Return what a job came from, its parent first."""
        sql = (
            "WITH RECURSIVE line (id, parent_id, depth) AS ("
            " SELECT id, parent_id, 0 FROM jobs WHERE id = ?"
            " UNION ALL SELECT jobs.id, jobs.parent_id, depth + 1 FROM jobs JOIN line ON jobs.id = line.parent_id"
            " WHERE depth < ?)"
            " SELECT jobs.* FROM line JOIN jobs USING (id) WHERE depth > 0 ORDER BY depth"
        )
        return await self._database.read(
            lambda connection: [from_row(row, self._seal) for row in connection.execute(sql, (job_id, limit))]
        )

    async def of_user(self, user_id: int, offset: int, limit: int) -> list[Job]:
        sql = f"SELECT * {FINISHED} ORDER BY created_at DESC, id LIMIT ? OFFSET ?"
        values = (user_id, limit, offset)
        return await self._database.read(
            lambda connection: [from_row(row, self._seal) for row in connection.execute(sql, values)]
        )

    async def count_of_user(self, user_id: int) -> int:
        (count,) = await self._database.read(
            lambda connection: connection.execute(f"SELECT count(*) {FINISHED}", (user_id,)).fetchone()
        )
        return int(count)

    async def is_first(self, job: Job) -> bool:
        sql = "SELECT 1 FROM jobs WHERE user_id = ? AND id <> ? LIMIT 1"
        values = job.place.user_id, job.id
        return await self._database.read(lambda connection: connection.execute(sql, values).fetchone()) is None

    async def _first(self, sql: str, key: str | int) -> Job | None:
        row = await self._database.read(lambda connection: connection.execute(sql, (key,)).fetchone())
        return None if row is None else from_row(row, self._seal)

    async def _update(self, sql: str, *values: str | int | float | None) -> None:
        await self._database.write(lambda connection: connection.execute(sql, values))


def insert(connection: sqlite3.Connection, database: Database, job: Job, starts: Iterable[bytes] = ()) -> None:
    """Insert a new job and the pictures that it starts from, inside the transaction that reserves its own."""
    order, place, seal = job.order, job.place, database.seal
    words, spec, options = texts(job, seal)
    columns: dict[str, object] = {
        "id": job.id, "state": job.state.value, "user_id": place.user_id, "channel_id": place.channel_id,
        "guild_id": place.guild_id, "locale": place.locale, "parent_id": job.parent_id, "words": words,
        "shape": order.shape, "count": order.count, "seed": job.seed, "exact": int(order.exact), "spec": spec,
        "options": options, "private": int(order.private), "token": job.token, "created_at": job.created_at,
        "sealed": int(seal.on), "ended_at": job.ended_at,
    }  # fmt: skip
    if order.kind is Kind.PICK:
        columns["picked"] = (order.of_picture or 1) - 1
    if made := job.painted:
        columns |= {"size": made.size, "model": made.model, "seconds": made.seconds, "steps": made.steps}
    names, marks = ", ".join(columns), ", ".join("?" for _ in columns)
    connection.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", tuple(columns.values()))  # noqa: S608 - own names
    start_pictures.keep(connection, database, job, starts)


def set_painted(connection: sqlite3.Connection, job_id: str, painted: Painted) -> None:
    """Write how the pictures of a job that has not ended were made; to be called inside a transaction.

    Where it was not known which model would paint, its reservation gets the name now, unless that says nothing.
    """
    connection.execute(
        "UPDATE jobs SET size = ?, model = ?, seconds = ?, steps = ?, unread = ? WHERE id = ? AND ended_at IS NULL",
        (painted.size, painted.model, painted.seconds, painted.steps, painted.unread, job_id),
    )
    if painted.model != "default":
        connection.execute(
            "UPDATE reservations SET model = ? WHERE job_id = ? AND model = '' AND state = 'held'",
            (painted.model, job_id),
        )


def forget_old_failures(connection: sqlite3.Connection, seal: Seal, job_id: str, at: float) -> None:
    """Forget the words of what the job's requester asked for and never got, but for the newest FAILURES_KEPT.

    Those whose message is still to tell the end keep theirs.
    """
    rows = connection.execute(
        "SELECT * FROM jobs WHERE user_id = (SELECT user_id FROM jobs WHERE id = ?)"
        " AND state IN ('failed', 'cancelled') AND purged_at IS NULL AND untold IS NULL"
        " ORDER BY ended_at DESC LIMIT ? OFFSET ?",
        (job_id, FORGOTTEN_AT_ONCE, FAILURES_KEPT),
    ).fetchall()
    for row in rows:
        empty_words(connection, seal, from_row(row, seal), at)


def empty_words(connection: sqlite3.Connection, seal: Seal, job: Job, at: float, words: str = "") -> None:
    """Leave of a job's row where and when it was, and its seed; `words` are those that may stay."""
    order = replace(job.order, words=words, spec=None, base=None, negative="", style="", model="", ignored=(), loras=())
    columns = texts(replace(job, order=order), seal)
    connection.execute(
        "UPDATE jobs SET words = ?, spec = ?, options = ?, sealed = ?, purged_at = ?, token = NULL WHERE id = ?",
        (*columns, int(seal.on), at, job.id),
    )


def texts(job: Job, seal: Seal) -> tuple[str, str | None, str]:
    """Return what people wrote of a job, as the columns words, spec and options hold it."""
    order = job.order
    options = {name: value for name, value in msgspec.to_builtins(order).items() if name not in COLUMNS}
    spec = None if order.spec is None else seal.close_text(_json(order.spec), f"jobs.spec:{job.id}")
    words = seal.close_text(order.words, f"jobs.words:{job.id}")
    return words, spec, seal.close_text(_json(options), f"jobs.options:{job.id}")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def from_row(row: sqlite3.Row, seal: Seal) -> Job:
    """Return the row's job. Words that cannot be read are taken for purged: one row must not stop all others."""
    purged_at, painted = row["purged_at"], None
    try:
        order = _order(row, seal)
    except UNREADABLE as error:  # whose own words may quote the requester's
        log.warning("job.unreadable", job_id=row["id"], error=type(error).__name__)
        order = Order("", row["shape"], row["count"], row["seed"], bool(row["exact"]), private=bool(row["private"]))
        purged_at = purged_at or row["created_at"]
    if row["size"] is not None:
        painted = Painted(row["size"], row["model"], row["seconds"], row["steps"], row["unread"])
    return Job(
        id=row["id"],
        order=order,
        place=Place(row["user_id"], row["channel_id"], row["guild_id"], row["locale"]),
        seed=row["seed"],
        state=JobState.HELD if row["held_at"] and row["ended_at"] is None else JobState(row["state"]),
        created_at=row["created_at"],
        message_id=row["message_id"],
        parent_id=row["parent_id"],
        painted=painted,
        ended_at=row["ended_at"],
        token=row["token"],
        deleted_at=row["deleted_at"],
        purged_at=purged_at,
    )


def _order(row: sqlite3.Row, seal: Seal) -> Order:
    def opened(name: str) -> str:
        return seal.open_text(row[name], f"jobs.{name}:{row['id']}", row["sealed"])

    fields = msgspec.json.decode(opened("options"))
    fields |= {name: row[name] for name in COLUMNS - {"words", "spec"}}
    fields |= {"words": opened("words"), "exact": bool(row["exact"]), "private": bool(row["private"])}
    fields["spec"] = None if row["spec"] is None else msgspec.json.decode(opened("spec"))
    return msgspec.convert(fields, Order)
