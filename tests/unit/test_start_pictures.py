"""Pictures to start from are kept once by their content, within a budget, and each job gets its own back."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.storage import start_pictures
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.sealing import Seal
from bot.storage.start_pictures import OldStartPictures, sizes

HOST, KEY = Host((), 10_000), bytes(range(32))
CLEANED_BYTES = 500_000


@pytest_asyncio.fixture(params=[b"", KEY], ids=["plain", "sealed"])
async def database(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "x.sqlite3", Seal(request.param), secret=b"s")
    yield opened
    await opened.close()


async def start(database: Database, number: int, *pictures: bytes, user_id: int = 1, end: bool = True) -> str:
    job = Job(f"{number:032x}", Order("a boat", from_picture=True), Place(user_id, 2, 3), 5, JobState.QUEUED, number)
    assert isinstance(await Ledger(database).reserve(job, HOST, pictures), Account)
    if end:
        assert await Ledger(database).settle(job.id, JobState.DONE, number)
    return job.id


def on_disk(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


async def test_a_hundred_pictures_and_a_hundred_agains_fit(database: Database, tmp_path: Path) -> None:
    first = [await start(database, number, noise(number, CLEANED_BYTES)) for number in range(100)]
    for number, job_id in enumerate(first):
        (picture,) = await Jobs(database).start_images(job_id)
        assert picture == noise(number, CLEANED_BYTES)
        again = await start(database, 100 + number, picture)
        assert await Jobs(database).start_images(again) == (picture,)
    assert (await database.read(sizes)).count == 100
    await database.empty_wal()
    assert on_disk(tmp_path) <= 60_000_000


async def test_over_the_budget_the_longest_unused_goes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_pictures, "PERSON_BYTES", 3_500)
    running = await start(database, 0, noise(0, 1_000), end=False)
    jobs = [await start(database, number, noise(number, 1_000)) for number in range(1, 5)]
    other = await start(database, 9, noise(1, 1_000), user_id=2)
    kept = [bool(await Jobs(database).start_images(job_id)) for job_id in (running, *jobs, other)]
    assert kept == [True, False, False, True, True, True], "none goes whose job has not ended, and nobody else's"


async def test_a_picture_goes_with_its_last_job(database: Database) -> None:
    one, two = await start(database, 1, b"p", end=False), await start(database, 2, b"p", end=False)
    assert await Ledger(database).settle(one, JobState.FAILED, 9.0)
    assert await Jobs(database).start_images(two) == (b"p",)
    assert await Ledger(database).settle(two, JobState.FAILED, 9.0)
    assert (await database.read(sizes)).count == 0


async def test_pictures_from_before_are_moved(database: Database) -> None:
    job_id = await start(database, 1, b"new")

    def put_back(connection: sqlite3.Connection, image: bytes) -> None:
        connection.execute("DELETE FROM job_starts")
        closed = database.seal.close(image, f"starts.image:{job_id}")
        connection.execute("INSERT INTO starts VALUES (?, ?, ?)", (job_id, closed, int(database.seal.on)))

    await database.write(partial(put_back, image=b"large"))
    assert await Jobs(database).start_images(job_id) == (b"large",)
    old = OldStartPictures(database)
    assert await old.first() == (job_id, b"large")
    await old.move(job_id, b"small")
    assert await old.first() is None
    assert await Jobs(database).start_images(job_id) == (b"small",)


async def test_several_of_one_job_keep_their_order_and_each_content_once(database: Database) -> None:
    one = await start(database, 1, b"a", b"b", b"a")
    two = await start(database, 2, b"b")
    assert await Jobs(database).start_images(one) == (b"a", b"b", b"a")
    assert await Jobs(database).start_images(two) == (b"b",)
    assert (await database.read(sizes)).count == 2
