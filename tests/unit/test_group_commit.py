"""Group commit: what is written at the same time shares a COMMIT, and each succeeds or fails by itself."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.services.ports.storage import StoreUnavailable
from bot.storage import group_commit
from bot.storage.database import Database


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "x.sqlite3")
    await opened.write(lambda connection: connection.execute("CREATE TABLE numbers (number INTEGER NOT NULL UNIQUE)"))
    yield opened
    await opened.close()


def insert(connection: sqlite3.Connection, number: int) -> int:
    connection.execute("INSERT INTO numbers VALUES (?)", (number,))
    return number


async def numbers(database: Database) -> list[int]:
    rows = await database.read(lambda connection: connection.execute("SELECT number FROM numbers").fetchall())
    return sorted(row[0] for row in rows)


async def at_once(database: Database, *works: Callable[[sqlite3.Connection], Any], **how: Any) -> list[Any]:
    """Write all while the thread is busy, so that they wait together; return what came of each, and the COMMITs."""
    busy = threading.Event()
    held = asyncio.create_task(database.on_writer(lambda _: busy.wait(5)))
    await asyncio.sleep(0.05)
    writing = [asyncio.create_task(database.write(work, **how)) for work in works]
    await asyncio.sleep(0.05)
    busy.set()
    await held
    return await asyncio.gather(*writing, return_exceptions=True)


@pytest_asyncio.fixture
async def commits(database: Database) -> list[str]:
    seen: list[str] = []

    def trace(sql: str) -> None:
        if sql == "COMMIT":
            seen.append(sql)

    await database.on_writer(lambda connection: connection.set_trace_callback(trace))
    return seen


async def test_what_waits_together_is_committed_together(database: Database, commits: list[str]) -> None:
    answers = await at_once(database, *(partial(insert, number=number) for number in range(20)))
    assert answers == list(range(20))
    assert await numbers(database) == list(range(20))
    assert len(commits) == 1


async def test_one_that_fails_takes_nobody_with_it(database: Database, commits: list[str]) -> None:
    def breaks(connection: sqlite3.Connection) -> None:
        insert(connection, 7)
        raise RuntimeError("half way")

    first, broken, again, last = await at_once(
        database, partial(insert, number=1), breaks, partial(insert, number=1), partial(insert, number=2)
    )
    assert (first, last) == (1, 2)
    assert isinstance(broken, RuntimeError)
    assert isinstance(again, sqlite3.IntegrityError)
    assert await numbers(database) == [1, 2]
    assert len(commits) == 1


async def test_where_the_group_is_lost_each_tries_by_itself(database: Database, commits: list[str]) -> None:
    """SQLite ends the whole transaction where the disk is full."""
    failures = [True]

    def ends_all(connection: sqlite3.Connection) -> int:
        insert(connection, 5)
        if failures:
            failures.clear()
            connection.execute("ROLLBACK")
            raise sqlite3.OperationalError("database or disk is full")
        return 5

    answers = await at_once(database, partial(insert, number=1), ends_all, partial(insert, number=2))
    assert answers == [1, 5, 2]
    assert await numbers(database) == [1, 2, 5]
    assert len(commits) == 3


async def test_long_work_keeps_nobody_waiting_for_its_commit(database: Database, commits: list[str]) -> None:
    order: list[str] = []

    def long(connection: sqlite3.Connection) -> None:
        order.append("long")

    async def quick() -> None:
        await database.write(partial(insert, number=1))
        order.append("quick")

    busy = threading.Event()
    held = asyncio.create_task(database.on_writer(lambda _: busy.wait(5)))
    await asyncio.sleep(0.05)
    both = asyncio.gather(quick(), database.write(long, alone=True))
    await asyncio.sleep(0.05)
    busy.set()
    await asyncio.gather(held, both)
    assert len(commits) == 2


async def test_each_of_a_group_waits_for_another_process_no_longer_than_it_may(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "BUSY_TIMEOUT_S", 0.2)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answers = await at_once(database, *(partial(insert, number=number) for number in range(3)), within_s=0.5)
        other.execute("ROLLBACK")
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    assert await numbers(database) == []
    assert await database.write(partial(insert, number=9)) == 9
