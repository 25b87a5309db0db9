"""The tables of pictures that jobs start from: each is kept once by its content for a person, within a budget of bytes.

A job may start from several, in order: the one that is painted from, and those that are looked at.

Invariant: no budget is exceeded, and no picture goes whose job has not ended.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.jobs import Job
from bot.services.ports.storage import Unreadable
from bot.storage.database import Database
from bot.storage.sealing import SealBroken

PERSON_BYTES = 55_000_000
TOTAL_BYTES = 2_000_000_000
"""Of one person's pictures, and of all; the one that was used longest ago goes first."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many pictures there are, and their bytes; `old` are those that were kept before there were budgets."""

    count: int
    total: int
    old: int


class OldStartPictures:
    """Implements services.ports.pictures.OldStartPictures: what the table `starts` still holds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first(self) -> tuple[str, bytes] | None:
        """Return one job's picture, None at the end. One that cannot be opened is passed over."""
        sql = "SELECT job_id, image, sealed FROM starts ORDER BY rowid"

        def work(connection: sqlite3.Connection) -> tuple[str, bytes] | None:
            for row in connection.execute(sql):
                try:
                    return row["job_id"], _opened_old(row, self._database)
                except SealBroken:
                    continue
            return None

        return await self._database.read_much(work)

    async def move(self, job_id: str, image: bytes) -> None:
        """Keep `image` as the job's picture instead."""

        def work(connection: sqlite3.Connection) -> None:
            job = connection.execute("SELECT user_id, created_at FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if connection.execute("DELETE FROM starts WHERE job_id = ?", (job_id,)).rowcount:
                _keep(connection, self._database, job_id, 0, job["user_id"], image, job["created_at"])

        await self._database.write(work)


def keep(connection: sqlite3.Connection, database: Database, job: Job, images: Iterable[bytes]) -> None:
    """Keep what the job starts from; to be called inside the transaction that inserts the job."""
    for position, image in enumerate(images):
        _keep(connection, database, job.id, position, job.place.user_id, image, job.created_at)


def kept(connection: sqlite3.Connection, database: Database, job_id: str) -> tuple[bytes, ...]:
    """Return what the job starts from, in order, as far as it has not gone. Raises Unreadable."""
    sql = (
        "SELECT start_pictures.* FROM job_starts JOIN start_pictures ON id = picture_id WHERE job_id = ?"
        " ORDER BY position"
    )
    rows = connection.execute(sql, (job_id,)).fetchall()
    old = [] if rows else connection.execute("SELECT * FROM starts WHERE job_id = ?", (job_id,)).fetchall()
    try:
        opened = (
            database.seal.open(bytes(row["image"]), _place(row["user_id"], row["digest"]), row["sealed"])
            for row in rows
        )
        return (*opened, *(_opened_old(row, database) for row in old))
    except SealBroken as error:
        raise Unreadable(f"what job {job_id} starts from") from error


def drop(connection: sqlite3.Connection, jobs: str, *values: str | int) -> None:
    """Forget what some jobs start from; `jobs` is SQL that selects their ids."""
    for table in ("job_starts", "starts"):
        connection.execute(f"DELETE FROM {table} WHERE job_id IN ({jobs})", values)  # noqa: S608 - own text


def drop_some(connection: sqlite3.Connection, user_id: int, until: float, most: int) -> int:
    """Forget some pictures of a person's jobs that have ended and are not of later than `until`; return how many."""
    ended = "job_id IN (SELECT id FROM jobs WHERE user_id = ?1 AND created_at <= ?2 AND ended_at IS NOT NULL)"
    old = f"DELETE FROM starts WHERE rowid IN (SELECT rowid FROM starts WHERE {ended} LIMIT ?3)"  # noqa: S608 - own text
    new = (
        "DELETE FROM start_pictures WHERE id IN (SELECT id FROM start_pictures WHERE user_id = ?1 AND used_at <= ?2"
        " AND NOT EXISTS (SELECT 1 FROM job_starts JOIN jobs ON jobs.id = job_id WHERE picture_id = start_pictures.id"
        " AND ended_at IS NULL) LIMIT ?3)"
    )
    return sum(connection.execute(sql, (user_id, until, most)).rowcount for sql in (old, new))


def sizes(connection: sqlite3.Connection) -> Sizes:
    """Return what all start pictures take."""
    count, total = connection.execute("SELECT count(*), coalesce(sum(size), 0) FROM start_pictures").fetchone()
    (old,) = connection.execute("SELECT coalesce(sum(length(image)), 0) FROM starts").fetchone()
    return Sizes(count, total, old)


def _keep(
    connection: sqlite3.Connection,
    database: Database,
    job_id: str,
    position: int,
    user_id: int,
    image: bytes,
    used_at: float,
) -> None:
    digest = hmac.new(database.secret, image, hashlib.sha256).hexdigest()
    closed = database.seal.close(image, _place(user_id, digest))
    found = connection.execute(
        "UPDATE start_pictures SET used_at = max(used_at, ?) WHERE user_id = ? AND digest = ? RETURNING id",
        (used_at, user_id, digest),
    ).fetchone()
    if found is None:
        found = connection.execute(
            "INSERT INTO start_pictures (user_id, digest, used_at, size, sealed, image) VALUES (?, ?, ?, ?, ?, ?)"
            " RETURNING id",
            (user_id, digest, used_at, len(closed), int(database.seal.on), closed),
        ).fetchone()
    connection.execute(
        "INSERT OR REPLACE INTO job_starts (job_id, position, picture_id) VALUES (?, ?, ?)",
        (job_id, position, found["id"]),
    )
    _stay_within(connection, PERSON_BYTES, "user_id = ?", user_id)
    _stay_within(connection, TOTAL_BYTES, "TRUE")


def _stay_within(connection: sqlite3.Connection, most: int, whose: str, *values: int) -> None:
    """Delete the pictures that were used longest ago, but for those of jobs that have not ended."""
    (total,) = connection.execute(f"SELECT sum(size) FROM start_pictures WHERE {whose}", values).fetchone()  # noqa: S608
    if total <= most:
        return
    found = connection.execute(
        f"SELECT id, size FROM start_pictures WHERE {whose} AND NOT EXISTS (SELECT 1 FROM job_starts"  # noqa: S608
        " JOIN jobs ON jobs.id = job_id WHERE picture_id = start_pictures.id AND ended_at IS NULL) ORDER BY used_at",
        values,
    )
    oldest = []
    while total > most and (row := found.fetchone()):  # of a full table, all would be thousands
        oldest.append((row["id"],))
        total -= row["size"]
    found.close()
    connection.executemany("DELETE FROM start_pictures WHERE id = ?", oldest)


def _place(user_id: int, digest: str) -> str:
    return f"start_pictures.image:{user_id}/{digest}"


def _opened_old(row: sqlite3.Row, database: Database) -> bytes:
    """Raises SealBroken."""
    return database.seal.open(bytes(row["image"]), f"starts.image:{row['job_id']}", row["sealed"])
