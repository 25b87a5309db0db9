"""Sealed databases: nothing of the words can be read without the key, nothing opens in another's place."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.prompt import PromptSpec
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.sealed_file import TABLES, KeyMissing, KeyWrong, check_seal
from bot.storage.sealing import NONCE_BYTES, Seal, SealBroken

KEY, OTHER = bytes(range(32)), bytes(32)
MARK = "zebrafinch"
SPEC = PromptSpec(f"{MARK} uu", [MARK], f"{MARK} pp", f"{MARK} nn")
START = b"\x89PNG" + MARK.encode() * 2_000


def a_job(number: int) -> Job:
    order = Order(f"{MARK} ww", negative=f"{MARK} oo", seed=5, base=SPEC, model=f"{MARK}/model")
    return Job(f"{number:032x}", order, Place(number, 2, 3), 5, JobState.QUEUED, 1_000.0 + number)


async def fill(database: Database, jobs: int) -> None:
    for number in range(jobs):
        job = a_job(number)
        assert isinstance(
            await Ledger(database).reserve(job, Host((), 3), [START] if number % 10 == 0 else []), Account
        )
        await Jobs(database).set_understood(job.understood(SPEC))


@asynccontextmanager
async def opened(path: Path, key: bytes = b"") -> AsyncIterator[Database]:
    database = await Database.open(path, Seal(key))
    try:
        await check_seal(database)
        yield database
    finally:
        await database.close()


def on_disk(folder: Path, word: str = MARK) -> bool:
    forms = (word.encode(), word.encode("utf-16-le"), base64.b64encode(word.encode())[:10])
    return any(form in file.read_bytes() for file in folder.iterdir() for form in forms)


def digests(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm")}


def test_what_was_closed_opens_in_its_own_place_alone() -> None:
    seal = Seal(KEY)
    closed = seal.close(b"a boat", "jobs.words:1")
    assert seal.open(closed, "jobs.words:1") == b"a boat"
    assert closed[:NONCE_BYTES] != seal.close(b"a boat", "jobs.words:1")[:NONCE_BYTES], "a nonce is never used twice"
    changed = closed[:-1] + bytes([closed[-1] ^ 1])
    for value, place, key in (
        (closed, "jobs.words:2", KEY),
        (closed, "jobs.spec:1", KEY),
        (closed, "jobs.words:1", OTHER),
        (changed, "jobs.words:1", KEY),
        (b"", "jobs.words:1", KEY),
    ):
        with pytest.raises(SealBroken):
            Seal(key).open(value, place)


async def test_a_sealed_database_holds_no_word_and_gives_all_back(tmp_path: Path) -> None:
    async with opened(tmp_path / "x.sqlite3", KEY) as database:
        await fill(database, 11)
        assert not on_disk(tmp_path), "the WAL included"
        job = await Jobs(database).get(a_job(10).id)
        assert job
        assert (job.order, job.spec) == (a_job(10).understood(SPEC).order, SPEC)
        assert await Jobs(database).start_images(job.id) == (START,)
    assert not on_disk(tmp_path)


async def test_what_was_plain_is_sealed_at_start(tmp_path: Path) -> None:
    async with opened(tmp_path / "x.sqlite3") as database:
        await fill(database, 450)
    assert on_disk(tmp_path)
    async with opened(tmp_path / "x.sqlite3", KEY) as database:
        assert not on_disk(tmp_path)
        jobs = await Jobs(database).unfinished()
        assert len(jobs) == 450
        assert {job.order.words for job in jobs} == {f"{MARK} ww"}
        assert await Jobs(database).start_images(a_job(440).id) == (START,)


async def test_sealing_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(tmp_path / "x.sqlite3") as database:
        await fill(database, 30)
    monkeypatch.setattr("bot.storage.sealed_file.TABLES", tuple(replace(table, batch=4) for table in TABLES))

    async def killed(_: Database) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Database, "vacuum", killed)
        with pytest.raises(KeyboardInterrupt):
            async with opened(tmp_path / "x.sqlite3", KEY):
                pass
    with pytest.raises(KeyMissing):
        async with opened(tmp_path / "x.sqlite3"):
            pass
    async with opened(tmp_path / "x.sqlite3", KEY) as database:
        assert len(await Jobs(database).unfinished()) == 30
        assert not on_disk(tmp_path)


@pytest.mark.parametrize(("key", "refusal"), [(b"", KeyMissing), (OTHER, KeyWrong)])
async def test_without_the_key_nothing_opens_and_nothing_is_lost(
    tmp_path: Path, key: bytes, refusal: type[Exception]
) -> None:
    async with opened(tmp_path / "x.sqlite3", KEY) as database:
        await fill(database, 3)
    before = digests(tmp_path)
    with pytest.raises(refusal):
        async with opened(tmp_path / "x.sqlite3", key):
            pass
    assert digests(tmp_path)["x.sqlite3"] == before["x.sqlite3"]
    async with opened(tmp_path / "x.sqlite3", KEY) as database:
        assert len(await Jobs(database).unfinished()) == 3


async def test_a_row_moved_to_another_does_not_open(tmp_path: Path) -> None:
    async with opened(tmp_path / "x.sqlite3", KEY) as database:
        await fill(database, 2)
    with closing(sqlite3.connect(tmp_path / "x.sqlite3")) as connection:
        connection.execute("UPDATE jobs SET words = (SELECT words FROM jobs WHERE user_id = 0) WHERE user_id = 1")
        connection.commit()
    async with opened(tmp_path / "x.sqlite3", KEY) as database:
        moved = await Jobs(database).get(a_job(1).id)
        assert moved
        assert (moved.order.words, moved.spec) == ("", None)
        assert [job.id for job in await Jobs(database).unfinished()] == [a_job(0).id]
        assert [job.id for job in await Jobs(database).unreadable()] == [a_job(1).id]
