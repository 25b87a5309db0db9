"""One SQLite file behind one connection; every unit of work is a transaction of its own, start to end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bot.services.ports import StoreUnavailable
from bot.storage.migrate import migrate

T = TypeVar("T")
BUSY_TIMEOUT_S = 5.0


class Database:
    """Runs units of work on the connection's thread. Open it with `await Database.open(path)`."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> Database:
        """Open or create the file, mode 0600, and bring it to the newest version.

        Raises sqlite3.Error where the file cannot be read or written, FromTheFuture where a newer Limner wrote it.
        """
        path.touch(mode=0o600)  # noqa: ASYNC240 - once, at start, before anything is served
        # Autocommit: BEGIN and COMMIT are ours alone, so sqlite3 never opens a transaction behind our back.
        connection = await aiosqlite.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        database = cls(connection)
        try:
            await database._on_thread(_prepare)
        except BaseException:
            await connection.close()
            raise
        return database

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` inside BEGIN IMMEDIATE … COMMIT; any exception rolls all of it back.

        Raises StoreUnavailable where the disk is full or read-only, or another process holds the file for too long.
        """

        def unit(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                # A failed COMMIT, as on a full disk, may have ended the transaction by itself.
                with suppress(sqlite3.OperationalError):
                    connection.execute("ROLLBACK")
                raise
            return result

        try:
            return await self._on_thread(unit)
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work`, which only reads, on the connection's thread."""
        return await self._on_thread(work)

    async def close(self) -> None:
        await self._connection.close()

    async def _on_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        # aiosqlite runs single statements alone: tasks that share a connection would interleave inside each other's
        # transactions. Its queue takes any function, so a whole transaction goes in as one item.
        result: T = await self._connection._execute(work, self._connection._conn)  # type: ignore[no-untyped-call]
        return result


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection)
