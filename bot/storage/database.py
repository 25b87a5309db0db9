"""One SQLite file behind one connection; every unit of work is a transaction of its own, start to end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import aiosqlite

from bot.services.ports.storage import StoreUnavailable
from bot.storage.migrate import migrate
from bot.storage.sealing import PLAIN, Seal

T = TypeVar("T")
BUSY_TIMEOUT_S = 5.0


class Database:
    """Runs units of work on the connection's thread. Open it with `await Database.open(path)`.

    `seal` closes what people write; `secret` is the key of pseudonyms.
    """

    def __init__(self, connection: aiosqlite.Connection, seal: Seal = PLAIN, secret: bytes = b"") -> None:
        self._connection, self.seal, self.secret = connection, seal, secret

    @classmethod
    async def open(cls, path: Path, seal: Seal = PLAIN, secret: bytes = b"") -> Database:
        """Open or create the file, mode 0600, and bring it to the newest version.

        Raises sqlite3.Error where the file cannot be read or written, FromTheFuture where a newer Limner wrote it.
        """
        path.touch(mode=0o600)  # noqa: ASYNC240 - once, at start, before anything is served
        # Autocommit: BEGIN and COMMIT are ours alone, so sqlite3 never opens a transaction behind our back.
        connection = await aiosqlite.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        database = cls(connection, seal, secret)
        try:
            await database._on_thread(_prepare)
        except UnicodeDecodeError as error:  # what SQLite says of a damaged file may quote its bytes
            await connection.close()
            raise sqlite3.DatabaseError("file is not a database, or is damaged") from error
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

    async def tidy(self) -> None:
        """Write the file anew and empty the WAL, so that neither holds a byte of what was deleted or replaced.

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
            return await self._on_thread(lambda connection: connection.execute(sql).fetchone())
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error

    async def close(self) -> None:
        await self._connection.close()

    async def _on_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        # aiosqlite runs single statements alone: tasks that share a connection would interleave inside each other's
        # transactions. Its queue takes any function, so a whole transaction goes in as one item.
        result: T = await self._connection._execute(work, self._connection._conn)  # type: ignore[no-untyped-call]
        return result


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    # Else one damaged text stops the reading of all rows, by an error that quotes it.
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    migrate(connection)
