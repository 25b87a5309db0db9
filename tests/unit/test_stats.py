"""What /stats counts: use, waits, refusals and failures by day in UTC; the database, and nothing of anyone in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.account import Account, Host
from bot.domain.actor import Actor
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.moderation import Barred, Block, ChannelClosed, Paused, WordBlocked
from bot.domain.progress import Reason
from bot.domain.quota import AtOnce, Limit, Refusal
from bot.domain.stats import DAY_S, LATER, Day, Ended, Why, report, why_barred, why_refused
from bot.services.ports.storage import StoreUnavailable
from bot.services.refusal_counter import RefusalCounter
from bot.services.stats import Stats
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.statistics import Statistics
from bot.ui.stats import alt_text, labels, stats_text
from tests.fakes import FakeClock

GUILD, TODAY = 7, 20_780
BOSS = Actor(9, GUILD, manages=True)


def at(day: int, hour: float = 12.0) -> float:
    return day * DAY_S + hour * 3_600


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "limner.sqlite3")
    yield opened
    await opened.close()


def test_waits_are_medians_and_nearest_ranks_and_failures_are_none() -> None:
    ended = [Ended(at(TODAY), 2, float(second)) for second in (40, 10, 20, 30)] + [Ended(at(TODAY), None, 900.0)]
    found = report(TODAY - 1, TODAY, ended, [])
    assert found.days == (Day(TODAY - 1), Day(TODAY, 8, 1, {}, 25.0, 40.0))
    assert (found.pictures, found.failed, found.median_s, found.p90_s) == (8, 1, 25.0, 40.0)
    ten = report(TODAY, TODAY, [Ended(at(TODAY), 1, float(second)) for second in range(1, 11)], [])
    assert (ten.median_s, ten.p90_s) == (5.5, 9.0)


def test_days_without_anything_are_zero_and_have_no_wait() -> None:
    found = report(TODAY - 2, TODAY, [], [])
    assert [(day.number, day.pictures, day.failed, day.refusals, day.median_s) for day in found.days] == [
        (TODAY - 2, 0, 0, 0, None), (TODAY - 1, 0, 0, 0, None), (TODAY, 0, 0, 0, None)
    ]  # fmt: skip
    assert found.p90_s is None


def test_what_was_refused_after_it_was_accepted_is_not_counted_twice() -> None:
    failed = [Ended(at(TODAY), None, 1.0)] * 5
    refused = [(TODAY, Why.UNDERSTOOD, 1), (TODAY, Why.BUSY, 1), (TODAY, Why.CHECK, 1), (TODAY, Why.LIMIT, 4)]
    day = report(TODAY, TODAY, failed, refused).days[0]
    assert (day.failed, day.refusals) == (2, 7)


def test_each_refusal_has_its_reason() -> None:
    barred: dict[Block | Paused | ChannelClosed | WordBlocked, Why] = {
        Block(): Why.BLOCKED,
        Paused(): Why.PAUSED,
        ChannelClosed(): Why.CHANNEL,
        WordBlocked(): Why.WORD,
    }
    assert [why_barred(Barred(why)) for why in barred] == list(barred.values())
    assert why_refused(AtOnce(1, 1, 0.0)) is Why.AT_ONCE
    assert why_refused(Refusal(Limit(1, "hour"), 1, 1, None)) is Why.LIMIT
    assert set(LATER.values()) == {Why.UNDERSTOOD, Why.BUSY, Why.CONTENT, Why.CHECK, Why.REVIEW}
    assert LATER[Reason.REMOVED] is LATER[Reason.UNREVIEWED] is Why.REVIEW


async def put(database: Database, name: str, guild: int | None, made: float, end: JobState, ended: float) -> None:
    job = Job(name * 32, Order("a boat", count=2), Place(1, 1, guild), 5, JobState.QUEUED, made)
    ledger = Ledger(database)
    assert isinstance(await ledger.reserve(job, Host((), 99)), Account)
    assert await ledger.settle(job.id, end, ended)


async def test_the_database_tells_the_days_of_one_server(database: Database) -> None:
    figures = Statistics(database)
    await put(database, "a", GUILD, at(TODAY) - 30, JobState.DONE, at(TODAY))
    await put(database, "b", GUILD, at(TODAY, 0.0) - 50, JobState.DONE, at(TODAY, 0.0) - 1)  # just yesterday
    await put(database, "c", GUILD, at(TODAY) - 30, JobState.FAILED, at(TODAY))
    await put(database, "d", GUILD, at(TODAY) - 30, JobState.CANCELLED, at(TODAY))
    await put(database, "e", 8, at(TODAY) - 30, JobState.DONE, at(TODAY))
    await put(database, "f", None, at(TODAY) - 30, JobState.DONE, at(TODAY))
    await put(database, "0", GUILD, at(TODAY - 9), JobState.DONE, at(TODAY - 9))
    for _ in range(3):
        await figures.refused(GUILD, Why.LIMIT, at(TODAY))
    await figures.refused(GUILD, Why.PAUSED, at(TODAY - 1))
    await figures.refused(8, Why.LIMIT, at(TODAY))
    found = await figures.days(GUILD, TODAY - 2, TODAY)
    assert found.days == (
        Day(TODAY - 2),
        Day(TODAY - 1, 2, 0, {Why.PAUSED: 1}, 49.0, 49.0),
        Day(TODAY, 2, 1, {Why.LIMIT: 3}, 30.0, 30.0),
    )
    assert found.refused == {Why.LIMIT: 3, Why.PAUSED: 1}


async def test_a_refusal_leaves_a_day_and_a_reason_and_nothing_of_anyone(database: Database) -> None:
    await Statistics(database).refused(GUILD, Why.WORD, at(TODAY))
    rows = await database.read(lambda connection: [tuple(row) for row in connection.execute("SELECT * FROM refusals")])
    assert rows == [(GUILD, TODAY, "word", 1)]


@pytest.mark.parametrize(("asked", "shown"), [(1, 1), (14, 14), (90, 90), (0, 1), (5_000, 90)])
async def test_one_to_ninety_days_with_today(database: Database, asked: int, shown: int) -> None:
    found = await Stats(Statistics(database), FakeClock(at(TODAY))).show(BOSS, GUILD, asked)
    assert [day.number for day in found.days] == list(range(TODAY - shown + 1, TODAY + 1))


async def test_what_cannot_be_counted_is_no_failure() -> None:
    class Full:
        async def refused(self, guild_id: int | None, why: Why, at: float) -> None:
            raise StoreUnavailable("the disk is full")

    await RefusalCounter(Full(), FakeClock()).refused(GUILD, Why.LIMIT)


async def test_direct_messages_are_no_servers(database: Database) -> None:
    await RefusalCounter(Statistics(database), FakeClock()).refused(None, Why.LIMIT)
    assert await database.read(lambda connection: connection.execute("SELECT * FROM refusals").fetchall()) == []


def test_the_figures_in_words() -> None:
    ended = [Ended(at(TODAY), 1, 12.34), Ended(at(TODAY), 4, 250.0), Ended(at(TODAY - 1), None, 1.0)]
    found = report(TODAY - 1, TODAY, ended, [(TODAY, Why.LIMIT, 3), (TODAY - 1, Why.WORD, 1)])
    assert stats_text("en", found).splitlines() == [
        "**The last 2 days in this server, in UTC, with today**",
        "Pictures: 5; on the busiest day 5.",
        "Wait from request to picture: half within 2.2 min, nine of ten within 4.2 min.",
        "Requests refused: 4. Of these 3 over a limit, 1 with blocked words.",
        "Requests that failed and were refunded: 1.",
    ]
    assert "图片：5 张" in stats_text("zh-CN", found)
    assert "超出限额 3 个、含屏蔽词 1 个" in stats_text("zh-CN", found)
    assert alt_text("en", found).startswith("Chart of the last 2 days. Pictures: 5. Requests refused: 4.")
    every = report(TODAY, TODAY, [], [(TODAY, why, 10**6) for why in Why])
    for locale in ("en", "zh-CN"):
        assert len(stats_text(locale, every, missing="stats-undrawn")) < 2_000
        assert len(alt_text(locale, every)) < 1_024
        assert all(labels(locale).values())
