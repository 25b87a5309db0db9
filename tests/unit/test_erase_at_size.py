"""An erase in a large database keeps nobody waiting, and what it erased is in no file after the tidying."""

from __future__ import annotations

import asyncio
import mmap
import sqlite3
import time
from functools import partial
from pathlib import Path

import pytest

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.personal_data import Records

MARK = "zebrafinch"
PICTURE_BYTES = 60_000
"""Of each other person's start picture, of which the large database is made."""
WAIT_S = 0.3
OWN = 400
"""Requests of the person who erases."""
OTHERS = (
    "WITH RECURSIVE numbers (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)"
    " INSERT INTO start_pictures (user_id, digest, used_at, size, sealed, image)"
    " SELECT 100 + n, n, n, ?3, 0, randomblob(?3) FROM numbers"
)


def fill(connection: sqlite3.Connection, first: int, last: int) -> None:
    connection.execute(OTHERS, (first, last, PICTURE_BYTES))


async def reserve(database: Database, number: int, user_id: int, words: str = "a boat") -> float:
    job = Job(f"{number:032x}", Order(words), Place(user_id, 2, 3), 5, JobState.QUEUED, float(number))
    began = time.perf_counter()
    assert isinstance(await Ledger(database).reserve(job, Host((), 99_999)), Account)
    took = time.perf_counter() - began
    assert await Ledger(database).settle(job.id, JobState.DONE, float(number))
    return took


@pytest.mark.parametrize("megabytes", [240, pytest.param(1_000, marks=pytest.mark.full)])
async def test_others_are_acknowledged_during_an_erase_and_its_tidying(
    tmp_path: Path, megabytes: int, capsys: pytest.CaptureFixture[str]
) -> None:
    database = await Database.open(tmp_path / "x.sqlite3", secret=b"s")
    rows, step = megabytes * 1_000_000 // PICTURE_BYTES, 500
    for first in range(0, rows, step):
        await database.write(partial(fill, first=first, last=min(first + step, rows) - 1))
    for number in range(400):
        await reserve(database, number, 2 + number % 3, f"{MARK} {number}" * (number % 20))
    for number in range(400, 400 + OWN, 50):  # side by side, so that they share their commits
        await asyncio.gather(
            *(reserve(database, own, 1, f"{MARK} {own}" * (own % 20)) for own in range(number, number + 50))
        )
    assert database.path.stat().st_size > megabytes * 1_000_000
    records = Records(database)

    async def erased() -> None:
        found = await records.erase(1, 1_000.0)
        assert found.whole
        assert found.requests == OWN
        await records.tidy()

    erasing, waits, number = asyncio.create_task(erased()), list[float](), 10_000
    while not erasing.done():
        waits.append(await reserve(database, number, 9))
        number += 1
        await asyncio.sleep(0.01)
    await erasing
    assert not await records.untidy()
    waits.sort()
    with capsys.disabled():
        print(f"erase at {megabytes} MB: others wait {waits[-1] * 1_000:.0f} ms at most, in {len(waits)} requests")
    assert waits[len(waits) * 99 // 100] < WAIT_S, waits[-10:]
    for user_id in (2, 3, 4):
        assert (await records.erase(user_id, 1_000.0)).whole
    await records.tidy()
    await database.close()
    assert not holds_mark(tmp_path)


def holds_mark(folder: Path) -> bool:
    return any(_holds(file, MARK.encode()) for file in folder.iterdir())


def _holds(file: Path, mark: bytes) -> bool:
    with file.open("rb") as found:
        if not file.stat().st_size:
            return False
        with mmap.mmap(found.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            return whole.find(mark) >= 0
