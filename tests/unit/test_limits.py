"""Moderators' orders at the service: who may give them, and what they return."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.domain.account import Host
from bot.domain.actor import Actor, NotModerator
from bot.domain.expiry import ExpiryInvalid, parse_expiry
from bot.domain.jobs import Place
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.quota import Limit
from bot.services.audit_mirror import AuditMirror
from bot.services.limits import AboveTheHost, Change, Limits
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.limit_rules import LimitRules
from bot.storage.moderation import Decisions
from tests.fakes import FakeClock, FakeMirror

GUILD, ADA = 7, Target(Kind.USER, 1)
BOSS = Actor(9, GUILD, manages=True)
RULE = Rule(ADA, Limit(3, "hour"), None, "calm", None, 9, 1_000.0)

Verb = Callable[[Limits, Actor], Awaitable[Any]]
VERBS: dict[str, Verb] = {
    "show": lambda limits, actor: limits.show(actor, GUILD),
    "set": lambda limits, actor: limits.set(actor, GUILD, RULE),
    "reset": lambda limits, actor: limits.reset(actor, GUILD, ADA),
    "grant": lambda limits, actor: limits.grant(actor, GUILD, ADA, 5),
    "why": lambda limits, actor: limits.why(actor, Place(1, 1, GUILD)),
}
OTHERS = {
    "member": Actor(1, GUILD),
    "member with a role": Actor(2, GUILD, manages=False),
    "moderator of another server": Actor(3, 8, manages=True),
    "bot": Actor(4, GUILD, manages=True, is_bot=True),
    "direct message": Actor(9, None, manages=True),
}


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "limner.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_000.0)


@pytest.fixture
def limits(database: Database, clock: FakeClock) -> Limits:
    audit_mirror = AuditMirror(Decisions(database), FakeMirror())
    return Limits(
        ledger=Ledger(database),
        limit_rules=LimitRules(database),
        host=Host((Limit(4, "hour"),), 3, (Limit(5, "hour"),)),
        clock=clock,
        audit_mirror=audit_mirror,
    )


def dump(connection: sqlite3.Connection) -> list[str]:
    return list(connection.iterdump())


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("verb", VERBS)
async def test_whoever_is_no_moderator_there_is_refused_with_no_row_changed(
    limits: Limits, database: Database, verb: str, who: str
) -> None:
    await limits.set(BOSS, GUILD, RULE)
    await limits.grant(BOSS, GUILD, ADA, 2)
    before = await database.read(dump)
    with pytest.raises(NotModerator):
        await VERBS[verb](limits, OTHERS[who])
    assert await database.read(dump) == before


async def test_nobody_moderates_direct_messages(limits: Limits) -> None:
    with pytest.raises(NotModerator):
        await limits.set(Actor(9, None, manages=True), None, RULE)


async def test_an_order_returns_what_it_changed(limits: Limits) -> None:
    daily = Rule(ADA, Limit(9, "day"), 2, "", None, 9, 1_000.0)
    assert await limits.set(BOSS, GUILD, RULE) == Change(GUILD, ADA, (), (RULE,))
    assert await limits.set(BOSS, GUILD, daily) == Change(GUILD, ADA, (RULE,), (RULE, daily))
    assert await limits.grant(BOSS, GUILD, ADA, 4) == Change(GUILD, ADA, granted_after=4)
    assert await limits.grant(BOSS, GUILD, ADA, 1) == Change(GUILD, ADA, granted_before=4, granted_after=5)
    gone = await limits.reset(BOSS, GUILD, ADA)
    assert (set(gone.before), gone.after, gone.granted_before, gone.granted_after) == ({RULE, daily}, (), 5, 0)
    assert await limits.show(BOSS, GUILD) == []


async def test_a_server_stays_under_the_host(limits: Limits, database: Database) -> None:
    for limit, at_once in ((Limit(6, "hour"), None), (Limit(1, "hour"), 4)):
        with pytest.raises(AboveTheHost):
            await limits.set(BOSS, GUILD, Rule(ADA, limit, at_once))
    assert await limits.show(BOSS, GUILD) == []


async def test_an_expired_rule_does_not_count_and_is_not_shown(limits: Limits, clock: FakeClock) -> None:
    await limits.set(BOSS, GUILD, Rule(ADA, Limit(1, "hour"), None, "", 1_000.5, 9, 999.0))
    assert (await limits.usage(Place(1, 1, GUILD))).winner
    clock.at = 1_000.5
    usage = await limits.usage(Place(1, 1, GUILD))
    assert (usage.winner, usage.applying) == (None, ())
    assert await limits.show(BOSS, GUILD) == []


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("2h", 7_200),
        ("90 min", 5_400),
        ("1d12h", 129_600),
        ("3 days, 1 hour", 262_800),
        ("1W", 604_800),
        ("３天", 259_200),
    ],
)
def test_durations_are_read_as_people_type_them(typed: str, seconds: float) -> None:
    assert parse_expiry(typed, 1_000.0) == 1_000.0 + seconds


@pytest.mark.parametrize(
    ("typed", "at"),
    [("2026-12-24", 1_798_156_800), ("2026-12-24 18:30", 1_798_137_000), ("2026年12月24日", 1_798_156_800)],
)
def test_dates_are_read_in_utc_to_their_end(typed: str, at: float) -> None:
    assert parse_expiry(typed, 1_795_000_000.0) == at


@pytest.mark.parametrize("typed", ["", "soon", "5", "h", "0h", "-2h", "2h ago", "2020-01-01", "2026-13-01", "99999w"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ExpiryInvalid):
        parse_expiry(typed, 1_795_000_000.0)
