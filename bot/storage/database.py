"""One SQLite file behind three connections: one writes, one reads, one reads much at a time; each has its own thread.

Invariant: every unit of work is a transaction to itself, start to end; no read waits for a write, and no write for
work that grows with the whole database.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bot.services.ports.storage import StoreUnavailable
from bot.storage.group_commit import BUSY_TIMEOUT_S, GroupCommit, Unit
from bot.storage.migrate import migrate
from bot.storage.scrub import Scrub
from bot.storage.sealing import PLAIN, Seal

T = TypeVar("T")


class Database:
    """Runs units of work on the connections' threads. Open it with `await Database.open(path)`.

    `seal` closes what people write; `secret` is the key of pseudonyms.
    """

    def __init__(
        self,
        writer: aiosqlite.Connection,
        reader: aiosqlite.Connection,
        bulk: aiosqlite.Connection,
        path: Path,
        seal: Seal = PLAIN,
        secret: bytes = b"",
    ) -> None:
        self._writer, self._reader, self._bulk = writer, reader, bulk
        self.path, self.seal, self.secret = path, seal, secret
        self.erased: list[Callable[[int], None]] = []
        """Told of each person whose rows were erased, by those who hold more of theirs in memory."""
        self._group = GroupCommit()
        # Never closed before the connections: closing any descriptor of a file drops the process's locks on it.
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    @classmethod
    async def open(cls, path: Path, seal: Seal = PLAIN, secret: bytes = b"") -> Database:
        """Open or create the file, mode 0600, and bring it to the newest version.

        Raises sqlite3.Error where the file cannot be read or written, FromTheFuture where a newer Limner wrote it.
        """
        path.touch(mode=0o600)  # noqa: ASYNC240 - once, at start, before anything is served
        opened: list[aiosqlite.Connection] = []
        try:
            for prepare in (_prepare, _prepare_reader, _prepare_reader):
                # Autocommit: BEGIN and COMMIT are ours alone, so sqlite3 never opens a transaction behind our back.
                opened.append(await aiosqlite.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None))
                await _on_thread(opened[-1], prepare)
        except UnicodeDecodeError as error:  # what SQLite says of a damaged file may quote its bytes
            await _close(opened)
            raise sqlite3.DatabaseError("file is not a database, or is damaged") from error
        except BaseException:
            await _close(opened)
            raise
        writer, reader, bulk = opened
        return cls(writer, reader, bulk, path, seal, secret)

    async def write(
        self, work: Callable[[sqlite3.Connection], T], within_s: float | None = None, *, alone: bool = False
    ) -> T:
        """Run `work` inside BEGIN IMMEDIATE … COMMIT, which others may share; any exception rolls all of it back.

        `work` may run twice, since a group that fails is tried one by one: it changes nothing but the database. Work
        that takes long is `alone`.

        Raises StoreUnavailable where the disk is full or read-only, another process holds the file for too long, or
        `within_s` seconds pass before the COMMIT begins, waiting for other writes included.
        """
        unit = Unit(work, None if within_s is None else time.perf_counter() + within_s, alone=alone)
        self._group.add(unit)
        await _on_thread(self._writer, lambda connection: self._group.carry_out(connection, unit))
        try:
            return unit.result()
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work`, which reads a few rows; it sees all that was committed before it began."""
        return await _on_thread(self._reader, work)

    async def read_much(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work`, which may read for seconds, as an export does: other reads do not wait for it."""
        return await _on_thread(self._bulk, work)

    async def scrub(self) -> None:
        """Overwrite what was deleted or replaced and left in unused places of the file, and empty the WAL.

        Others write meanwhile: no step holds the file for more than some milliseconds. Raises StoreUnavailable.
        """
        try:
            await asyncio.to_thread(Scrub(self.path, self._file).run)
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error

    async def vacuum(self) -> None:
        """Write the file anew and empty the WAL; for the start alone, since nothing can be written meanwhile.

        Raises StoreUnavailable where the disk has no room for that, or another process reads the file.
        """
        await self._maintain("VACUUM")
        await self.empty_wal()

    async def empty_wal(self) -> None:
        """Bring the WAL into the file, where what was deleted is overwritten, and empty it. Raises StoreUnavailable."""
        if (await self._maintain("PRAGMA wal_checkpoint(TRUNCATE)"))[0]:
            raise StoreUnavailable("another process reads the database")

    async def _maintain(self, sql: str) -> sqlite3.Row:
        try:
            return await self.on_writer(lambda connection: connection.execute(sql).fetchone())
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error

    async def on_writer(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the writing connection, outside a transaction."""
        return await _on_thread(self._writer, work)

    async def close(self) -> None:
        await _close([self._bulk, self._reader, self._writer])
        os.close(self._file)


async def _on_thread(connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    # aiosqlite runs single statements alone: tasks that share a connection would interleave inside each other's
    # transactions. Its queue takes any function, so a whole transaction goes in as one item.
    result: T = await connection._execute(work, connection._conn)  # type: ignore[no-untyped-call]
    return result


async def _close(connections: list[aiosqlite.Connection]) -> None:
    for connection in connections:
        await connection.close()


def _prepare(connection: sqlite3.Connection) -> None:
    _shape(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    migrate(connection)


def _prepare_reader(connection: sqlite3.Connection) -> None:
    _shape(connection)
    connection.execute("PRAGMA query_only = ON")


def _shape(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    # Else one damaged text stops the reading of all rows, by an error that quotes it.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
