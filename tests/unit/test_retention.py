"""The purge: old words and ledger rows go, in short batches, and limits and grants stay as they were."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.progress import Reason
from bot.domain.prompt import as_written
from bot.domain.quota import Limit
from bot.services.retention import DAY_S, Retention
from bot.storage.database import Database
from bot.storage.favourites import Favourites
from bot.storage.jobs import FAILURES_KEPT, Jobs
from bot.storage.ledger import Ledger
from bot.storage.limit_rules import LimitRules
from bot.storage.personal_data import Records
from bot.storage.retention import Retention as OldRecords
from tests.fakes import FakeClock, entry

MARK = "zebrafinch"
HOST = Host((Limit(1_000, "day"),), 5)


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "limner.sqlite3", secret=b"s")
    yield opened
    await opened.close()


async def drawn(database: Database, clock: FakeClock, number: int, user_id: int = 1, end: bool = True) -> Job:
    order = Order(f"{MARK} ww", negative=f"{MARK} oo", spec=as_written(f"{MARK} ss"))
    job = Job(f"{number:032x}", order, Place(user_id, 2, 3), 5, JobState.QUEUED, clock.now())
    assert isinstance(await Ledger(database).reserve(job, HOST, [MARK.encode()]), Account)
    if end:
        assert await Ledger(database).settle(job.id, JobState.DONE, clock.now())
    return job


def on_disk(folder: Path) -> int:
    return sum(file.read_bytes().count(MARK.encode()) for file in folder.iterdir())


async def test_old_words_go_and_young_ones_stay(database: Database, tmp_path: Path) -> None:
    clock = FakeClock()
    for number in range(450):
        await drawn(database, clock, number, user_id=number)
    unfinished = await drawn(database, clock, 900, user_id=900, end=False)
    clock.at += 30 * DAY_S + 1
    young = await drawn(database, clock, 901)
    retention = Retention(OldRecords(database), 30, clock)
    await retention.purge()

    old = await Jobs(database).get(f"{7:032x}")
    assert old
    assert (old.order.words, old.spec, old.order.negative, old.purged_at) == ("", None, "", clock.now())
    assert await Jobs(database).start_images(old.id) == ()
    for job in (unfinished, young):
        kept = await Jobs(database).get(job.id)
        assert kept
        assert kept.order.words == f"{MARK} ww"
    assert on_disk(tmp_path) == 2 * 5, "words, negative, twice in the spec, and what it started from, of two"
    await retention.purge()


async def test_words_that_cannot_be_read_go_too_and_stop_no_others(database: Database, tmp_path: Path) -> None:
    clock = FakeClock()
    for number in range(3):
        await drawn(database, clock, number)
    sql = f"UPDATE jobs SET options = '{MARK}' WHERE id = ?"
    await database.write(lambda connection: connection.execute(sql, (f"{1:032x}",)).rowcount)
    assert [job.order.words for job in await Jobs(database).of_user(1, 0, 5)] == [f"{MARK} ww", "", f"{MARK} ww"]
    clock.at += 30 * DAY_S + 1
    await Retention(OldRecords(database), 30, clock).purge()
    assert on_disk(tmp_path) == 0


async def test_the_ledger_keeps_what_a_window_reaches(database: Database) -> None:
    clock, ledger = FakeClock(), Ledger(database)
    await drawn(database, clock, 1)
    clock.at += 6 * DAY_S
    await drawn(database, clock, 2)
    clock.at += DAY_S
    before = (await ledger.account(Place(1, 2, 3), clock.now())).uses
    await Retention(OldRecords(database), 1, clock).purge()
    assert (await ledger.account(Place(1, 2, 3), clock.now())).uses == before
    assert len(await ledger.uses(1, 3, 0.0)) == 1


@pytest.mark.parametrize("how", ["purge", "erase"])
async def test_a_grant_is_not_filled_again(database: Database, how: str) -> None:
    clock, ledger, limit_rules = FakeClock(), Ledger(database), LimitRules(database)
    await limit_rules.set(3, Rule(Target(Kind.EVERYONE, 3), Limit(0, "day"), set_at=clock.now()), entry)
    await limit_rules.grant(3, 1, 3, entry)
    await limit_rules.grant(3, 2, 1, entry)
    await drawn(database, clock, 1)
    await drawn(database, clock, 2)
    await drawn(database, clock, 3, user_id=2)
    for user_id in (1, 2):
        if how == "erase":
            assert (await Records(database).erase(user_id, clock.now())).whole
    clock.at += 8 * DAY_S
    await Retention(OldRecords(database), 1, clock).purge()
    assert await ledger.uses(1, 3, 0.0) == []
    assert [(await ledger.account(Place(user_id, 2, 3), clock.now())).granted for user_id in (1, 2)] == [1, 0]
    await drawn(database, clock, 4)
    assert (await ledger.account(Place(1, 2, 3), clock.now())).granted == 0


async def test_without_days_words_stay_and_erased_uses_end_with_their_windows(database: Database) -> None:
    clock = FakeClock()
    job = await drawn(database, clock, 1)
    await drawn(database, clock, 2, user_id=2)
    await Records(database).erase(2, clock.now())
    assert len(await Ledger(database).uses(2, 3, 0.0)) == 1
    clock.at += 8 * DAY_S
    await Retention(OldRecords(database), 0, clock).purge()
    kept = await Jobs(database).get(job.id)
    assert kept
    assert kept.order.words
    assert len(await Ledger(database).uses(1, 3, 0.0)) == 1
    assert await Ledger(database).uses(2, 3, 0.0) == []


async def test_tidying_takes_what_was_deleted_without_care(database: Database, tmp_path: Path) -> None:
    """As in a file from before contents were overwritten when deleted."""

    def careless(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA secure_delete = OFF")

    clock = FakeClock()
    for number in range(40):
        await drawn(database, clock, number, user_id=number)
    await database.on_writer(careless)
    await database.write(lambda connection: connection.execute("DELETE FROM job_starts"))
    await database.write(lambda connection: connection.execute("DELETE FROM reservations"))
    await database.write(lambda connection: connection.execute("DELETE FROM jobs"))
    await database.empty_wal()
    assert on_disk(tmp_path)
    await database.vacuum()
    assert not on_disk(tmp_path)


async def test_it_runs_at_start_and_every_day(database: Database) -> None:
    clock, naps = FakeClock(), []
    job = await drawn(database, clock, 1)
    clock.at += 1

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.at += seconds
        if len(naps) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Retention(OldRecords(database), 2, clock, sleep).run()
    assert naps == [DAY_S] * 3
    purged = await Jobs(database).get(job.id)
    assert purged
    assert purged.purged_at == clock.now() - DAY_S, "at the third run, when it was two days old"


async def test_a_purge_that_breaks_is_made_again_the_next_day(database: Database) -> None:
    clock = FakeClock()
    job = await drawn(database, clock, 1)
    clock.at += 1
    days = 0

    async def sleep(seconds: float) -> None:
        nonlocal days
        days, clock.at = days + 1, clock.at + seconds
        if days == 2:
            raise asyncio.CancelledError

    class Breaking(OldRecords):
        async def purge_words(self, before: float, now: float) -> int:
            if days == 0:
                raise RuntimeError
            return await super().purge_words(before, now)

    with pytest.raises(asyncio.CancelledError):
        await Retention(Breaking(database), 1, clock, sleep).run()
    purged = await Jobs(database).get(job.id)
    assert purged
    assert purged.purged_at is not None


async def test_a_purge_holds_the_database_for_one_batch_at_a_time(database: Database) -> None:
    clock = FakeClock()
    for number in range(900):
        await drawn(database, clock, number, user_id=number)
    clock.at += 10 * DAY_S
    transactions = 0

    def count(statement: str) -> None:
        nonlocal transactions
        transactions += statement == "COMMIT"

    def trace(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(count)

    await database.on_writer(trace)
    await OldRecords(database).purge_words(clock.now(), clock.now())
    assert transactions >= 4


async def test_of_requests_without_a_picture_the_newest_words_alone_are_kept(
    database: Database, tmp_path: Path
) -> None:
    """They cost nothing, so nothing else bounds how many there are: asked for and cancelled, again and again."""
    clock = FakeClock()
    done = await drawn(database, clock, 1)
    untold = await drawn(database, clock, 2, end=False)
    await Ledger(database).settle(untold.id, JobState.FAILED, clock.now(), untold=Reason.INTERNAL)
    for number in range(3, 3 + 2 * FAILURES_KEPT):
        clock.at += 1
        job = await drawn(database, clock, number, end=False)
        end = JobState.CANCELLED if number % 2 else JobState.FAILED
        assert await Ledger(database).settle(job.id, end, clock.now())
    other = await drawn(database, clock, 900, user_id=2, end=False)
    assert await Ledger(database).settle(other.id, JobState.CANCELLED, clock.now())

    async def kept(number: int) -> bool:
        found = await Jobs(database).get(f"{number:032x}")
        assert found
        assert (found.order.words, found.order.negative, found.spec) == ("", "", None) or found.purged_at is None
        return found.purged_at is None

    assert [await kept(number) for number in range(3, 3 + 2 * FAILURES_KEPT)] == (
        [False] * FAILURES_KEPT + [True] * FAILURES_KEPT
    )
    assert await kept(1), done
    assert await kept(2), "its message is still to tell why"
    assert await kept(900), "another's"


async def test_one_s_own_favourite_keeps_its_words_and_another_s_star_keeps_nobody_s(database: Database) -> None:
    clock, favourites = FakeClock(), Favourites(database)
    own, others, plain = [await drawn(database, clock, number, user_id=number) for number in (1, 2, 3)]
    assert await favourites.toggle(1, own.id, clock.now())
    assert await favourites.toggle(1, others.id, clock.now())
    clock.at += 30 * DAY_S + 1
    retention = Retention(OldRecords(database), 30, clock)

    async def purged() -> list[bool]:
        await retention.purge()
        jobs = [await Jobs(database).get(job.id) for job in (own, others, plain)]
        return [bool(job and not job.order.words) for job in jobs]

    assert await purged() == [False, True, True]
    assert not await favourites.toggle(1, own.id, clock.now())
    assert await purged() == [True, True, True], "at the next purge, once it is no favourite any more"
