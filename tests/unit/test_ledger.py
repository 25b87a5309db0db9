"""The ledger on a real database file, and the database itself."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from pathlib import Path

import pytest

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.quota import Limit
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.migrate import FromTheFuture, migrations


def job(number: int, count: int = 1) -> Job:
    return Job(f"{number:032x}", Order("a boat", count=count), Place(1, 1, 1), 5, JobState.QUEUED, 1_000.0)


async def test_of_many_at_once_exactly_as_many_pass_as_fit(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    ledger = Ledger(database)
    answers = await asyncio.gather(*(ledger.reserve(job(n), Host((Limit(7, "hour"),), 100)) for n in range(40)))
    assert sum(isinstance(answer, Account) for answer in answers) == 7
    assert len(await Jobs(database).unfinished()) == 7
    await database.close()


async def test_a_failed_unit_leaves_nothing(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    assert isinstance(await Ledger(database).reserve(job(1), Host((), 3)), Account)

    def breaks(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM reservations")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        await database.write(breaks)
    assert (await Ledger(database).account(Place(1, 1, 1), 1_000.0)).running == 1
    assert len(await Ledger(database).uses(1, 1, 0.0)) == 1
    await database.close()


async def test_a_job_comes_back_as_it_was(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    await Ledger(database).reserve(job(1, 2), Host((), 3))
    await database.close()
    database = await Database.open(tmp_path / "x.sqlite3")
    found = await Jobs(database).get(job(1).id)
    assert found
    assert (found.order.count, found.place, found.state) == (2, job(1).place, JobState.QUEUED)
    await database.close()


async def test_the_file_is_private_and_in_wal(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    database = await Database.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    mode = await database.read(lambda connection: connection.execute("PRAGMA journal_mode").fetchone()[0])
    assert mode == "wal"
    await database.close()


async def test_a_database_from_the_future_is_refused_and_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    await (await Database.open(path)).close()
    newest = len(migrations())
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {newest + 1}")
    with pytest.raises(FromTheFuture, match=f"version {newest + 1}, known up to {newest}"):
        await Database.open(path)


async def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        await Database.open(path)
