"""What the log keeps of /limits: in the transaction of the change, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.account import Host
from bot.domain.actor import Actor
from bot.domain.allowance import Allowance, parts, written
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.moderation import Action, Entry
from bot.domain.quota import Limit
from bot.services.audit_mirror import AuditMirror
from bot.services.limits import AboveTheHost, Limits
from bot.storage import audit
from bot.storage.audit import Audit
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.limit_rules import LimitRules
from bot.storage.moderation import Decisions
from tests.fakes import FakeClock, FakeMirror

GUILD, NOW = 7, 1_000.0
BOSS = Actor(9, GUILD, manages=True)
ADA, EVERYONE, ARTISTS = Target(Kind.USER, 1), Target(Kind.EVERYONE, GUILD), Target(Kind.ROLE, 55)


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "limner.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
def mirror() -> FakeMirror:
    return FakeMirror()


@pytest.fixture
def limits(database: Database, mirror: FakeMirror) -> Limits:
    audit_mirror = AuditMirror(Decisions(database), mirror)
    return Limits(
        ledger=Ledger(database),
        limit_rules=LimitRules(database),
        host=Host((), 9, (Limit(50, "hour"),)),
        clock=FakeClock(NOW),
        audit_mirror=audit_mirror,
    )


def rule(target: Target, images: int, per: str, at_once: int | None = None, until: float | None = None) -> Rule:
    return Rule(target, Limit(images, per), at_once, "a reason", until, 9, NOW)


async def test_each_change_leaves_who_what_whom_before_after_why_and_when(limits: Limits, database: Database) -> None:
    await limits.set(BOSS, GUILD, rule(ADA, 3, "hour", at_once=2, until=5_000.4))
    await limits.set(BOSS, GUILD, rule(ADA, 20, "day"))
    await limits.set(BOSS, GUILD, rule(ADA, 4, "hour"))
    await limits.set(BOSS, GUILD, rule(ADA, 9, "week", at_once=3))
    await limits.grant(BOSS, GUILD, ADA, 5, "a prize")
    await limits.grant(BOSS, GUILD, ADA, 1)
    await limits.reset(BOSS, GUILD, ADA)
    await limits.set(BOSS, GUILD, rule(EVERYONE, 0, "day"))
    await limits.set(BOSS, GUILD, rule(ARTISTS, 8, "day"))
    first, second = "3/hour until 5000; 2 at once", "3/hour until 5000; 20/day; 2 at once"
    third, fourth = "4/hour; 20/day; 2 at once", "4/hour; 20/day; 9/week; 3 at once"
    found = await Audit(database).entries(GUILD, None, 0, 99)
    assert list(reversed(found)) == [
        Entry(9, Action.LIMIT_SET, NOW, 1, "", first, "a reason", "user"),
        Entry(9, Action.LIMIT_SET, NOW, 1, first, second, "a reason", "user"),
        Entry(9, Action.LIMIT_SET, NOW, 1, second, third, "a reason", "user"),
        Entry(9, Action.LIMIT_SET, NOW, 1, third, fourth, "a reason", "user"),
        Entry(9, Action.LIMIT_GRANT, NOW, 1, "", "5 granted", "a prize", "user"),
        Entry(9, Action.LIMIT_GRANT, NOW, 1, "5 granted", "6 granted", "", "user"),
        Entry(9, Action.LIMIT_RESET, NOW, 1, f"{fourth}; 6 granted", "", "", "user"),
        Entry(9, Action.LIMIT_SET, NOW, GUILD, "", "0/day", "a reason", "everyone"),
        Entry(9, Action.LIMIT_SET, NOW, 55, "", "8/day", "a reason", "role"),
    ]
    assert await Audit(database).count(GUILD, 1) == 7


async def test_what_the_log_says_came_of_it_is_what_the_database_holds(limits: Limits, database: Database) -> None:
    for number, (per, at_once) in enumerate([("hour", 2), ("day", None), ("hour", None), ("week", 4), ("day", 1)]):
        await limits.set(BOSS, GUILD, rule(ADA, number, per, at_once))
        held = await LimitRules(database).rules(GUILD, NOW)
        assert (await Audit(database).entries(GUILD, None, 0, 1))[0].after == written(held)


async def test_without_the_entry_there_is_no_change(
    limits: Limits, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await limits.set(BOSS, GUILD, rule(ADA, 3, "hour"))
    await limits.grant(BOSS, GUILD, ADA, 2)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    before = await database.read(lambda connection: list(connection.iterdump()))
    for module in ("bot.storage.limit_rules", audit.__name__):
        monkeypatch.setattr(f"{module}.record", full)
    for deed in (
        limits.set(BOSS, GUILD, rule(ADA, 4, "day")), limits.reset(BOSS, GUILD, ADA), limits.grant(BOSS, GUILD, ADA, 2)
    ):  # fmt: skip
        with pytest.raises(Exception, match="full"):
            await deed
    assert await database.read(lambda connection: list(connection.iterdump())) == before


async def test_what_changes_nothing_leaves_no_entry(limits: Limits, database: Database) -> None:
    await limits.reset(BOSS, GUILD, ADA)
    with pytest.raises(AboveTheHost):
        await limits.set(BOSS, GUILD, rule(ADA, 51, "hour"))
    assert await Audit(database).count(GUILD, None) == 0


async def test_entries_are_mirrored_where_the_log_is_shown(
    limits: Limits, database: Database, mirror: FakeMirror
) -> None:
    await limits.set(BOSS, GUILD, rule(ADA, 3, "hour"))
    assert mirror.shown == []
    shown = Entry(9, Action.LOG_CHANNEL, NOW, 400, "", "400")
    await Decisions(database).set_log_channel(GUILD, 400, shown)
    await limits.set(BOSS, GUILD, rule(ADA, 4, "hour"))
    await limits.grant(BOSS, GUILD, ADA, 2, "more")
    await limits.reset(BOSS, GUILD, ADA)
    assert [(guild, channel) for guild, channel, _ in mirror.shown] == [(GUILD, 400)] * 3
    kept = list(reversed(await Audit(database).entries(GUILD, None, 0, 3)))
    assert [entry for _, _, entry in mirror.shown] == kept


def test_what_is_written_is_read_back() -> None:
    rules = [rule(ADA, 20, "day"), rule(ADA, 3, "hour", 2, 5_000.0)]
    assert written(rules, 4) == "3/hour until 5000; 20/day; 2 at once; 4 granted"
    assert parts(written(rules, 4)) == Allowance(((Limit(3, "hour"), 5_000), (Limit(20, "day"), None)), 2, 4)
    assert parts("") == Allowance()
    assert written([replace(rules[0], at_once=1), rules[1]]) == "3/hour until 5000; 20/day; 2 at once"
