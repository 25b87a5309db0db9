"""The ledger on a real database file, against a naive model of it; and the database itself."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.account import Host
from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.quota import AtOnce, Limit
from bot.domain.rules import Kind, Rule, Target
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.migrate import FromTheFuture, migrations
from bot.storage.policies import Policies

T = TypeVar("T")

HOST = Host((Limit(5, "hour"), Limit(8, "day")), 3)
GUILDS, USERS, ROLES = (7, 8), (1, 2, 3), (101, 102)
ENDS = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
targets = st.sampled_from(
    [Target(Kind.USER, user) for user in USERS]
    + [Target(Kind.ROLE, role) for role in ROLES]
    + [Target(Kind.EVERYONE, 0)]
)


@dataclass
class Row:
    """A reservation in the naive model."""

    user: int
    guild: int | None
    images: int
    at: float
    granted: int = 0
    of_grant: int | None = None
    state: str = "held"


@dataclass
class Grant:
    number: int
    images: int


class LedgerMachine(RuleBasedStateMachine):
    """Three users in two servers and direct messages reserve, end and wait, and moderators set, reset and grant.

    A dictionary of rows, one of rules and one of grants know what must come of it.
    """

    jobs = Bundle("jobs")

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory()
        path = Path(self.directory.name) / "limner.sqlite3"
        self.database = self.run(Database.open(path))
        self.ledger, self.policies = Ledger(self.database), Policies(self.database)
        self.now, self.made = 1_000_000.0, 0
        self.model: dict[str, Row] = {}
        self.policy: dict[tuple[int, Target], dict[str, Rule]] = {}
        self.grants: dict[tuple[int, int], Grant] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.database.close())
        self.loop.close()
        self.directory.cleanup()

    @rule(seconds=st.floats(0, 40_000))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(
        guild=st.sampled_from(GUILDS),
        whose=targets,
        images=st.integers(0, 6),
        per=st.sampled_from(["hour", "day", "week"]),
        at_once=st.sampled_from([None, None, 1, 2, 3]),
        lasts=st.sampled_from([None, None, 1_800.0, 50_000.0]),
    )
    def set_rule(
        self, guild: int, whose: Target, images: int, per: str, at_once: int | None, lasts: float | None
    ) -> None:
        target = Target(Kind.EVERYONE, guild) if whose.kind is Kind.EVERYONE else whose
        made = Rule(target, Limit(images, per), at_once, "", lasts and self.now + lasts, 9, self.now)
        self.run(self.policies.set(guild, made))
        held = self.policy.setdefault((guild, target), {})
        alive = {window: rule for window, rule in held.items() if rule.counts(self.now)}
        if at_once is None and per in alive:
            made = replace(made, at_once=alive[per].at_once)
        elif at_once is not None:
            alive = {window: replace(rule, at_once=None) for window, rule in alive.items()}
        self.policy[guild, target] = alive | {per: made}

    @rule(guild=st.sampled_from(GUILDS), whose=targets)
    def reset(self, guild: int, whose: Target) -> None:
        target = Target(Kind.EVERYONE, guild) if whose.kind is Kind.EVERYONE else whose
        self.run(self.policies.reset(guild, target, self.now))
        self.policy.pop((guild, target), None)
        if target.kind is Kind.USER:
            self.grants.pop((guild, target.id), None)

    @rule(guild=st.sampled_from(GUILDS), user=st.sampled_from(USERS), images=st.integers(1, 4))
    def grant(self, guild: int, user: int, images: int) -> None:
        before = self.run(self.policies.grant(guild, user, images))
        assert before == self.left(guild, user)
        self.made += 1
        grant = self.grants.setdefault((guild, user), Grant(self.made, 0))
        grant.images += images

    @rule(
        target=jobs,
        user=st.sampled_from(USERS),
        guild=st.sampled_from([None, *GUILDS]),
        count=st.integers(1, 4),
        roles=st.sets(st.sampled_from(ROLES)),
    )
    def reserve(self, user: int, guild: int | None, count: int, roles: set[int]) -> str:
        self.made += 1
        place = Place(user, 1, guild, roles=tuple(roles) if guild else ())
        job = Job(f"{self.made:032x}", Order("a boat", count=count), place, 5, JobState.QUEUED, self.now)
        refusal = self.run(self.ledger.reserve(job, HOST))
        paid = self.paid(user, guild, count, roles)
        assert isinstance(refusal, AtOnce) == self.crowded(user, guild, roles)
        assert (refusal is None) == (not self.crowded(user, guild, roles) and paid is not None)
        if refusal is None and paid is not None:
            grant = self.grants.get((guild or 0, user))
            self.model[job.id] = Row(user, guild, count, self.now, paid, grant.number if grant and paid else None)
        return job.id

    def crowded(self, user: int, guild: int | None, roles: set[int]) -> bool:
        running = [row.guild for row in self.model.values() if row.user == user and row.state == "held"]
        allowed = 3
        for tier in self.tiers(user, guild, roles):
            numbers = [[rule.at_once for rule in rules if rule.at_once] for rules in tier]
            if any(numbers):
                allowed = min(allowed, max(min(each) for each in numbers if each))
                break
        return len(running) >= 3 or running.count(guild) >= allowed

    def paid(self, user: int, guild: int | None, count: int, roles: set[int]) -> int | None:
        """Return how many pictures the grant pays for: the fewest with which all fits; None where nothing does."""
        counted = [row for row in self.model.values() if (row.user, row.guild) == (user, guild)]
        counted = [row for row in counted if row.state != "released"]

        def fits(limit: Limit, granted: bool, more: int) -> bool:
            inside = [row for row in counted if row.at + limit.seconds > self.now]
            return sum(row.images - row.granted * granted for row in inside) + more <= limit.images or not more

        if not all(fits(limit, False, count) for limit in HOST.limits):
            return None
        tier = next(iter(self.tiers(user, guild, roles)), None)
        for paid in range(min(count, self.left(guild or 0, user)) + 1):
            if tier is None or any(all(fits(rule.limit, True, count - paid) for rule in rules) for rules in tier):
                return paid
        return None

    def tiers(self, user: int, guild: int | None, roles: set[int]) -> list[list[list[Rule]]]:
        """Return the rules that count, target by target, the user's first."""
        ids = ([(Kind.USER, user)], [(Kind.ROLE, role) for role in roles], [(Kind.EVERYONE, guild)])
        tiers = []
        for tier in ids if guild else ():
            held = [self.policy.get((guild or 0, Target(kind, number or 0)), {}).values() for kind, number in tier]
            alive = [
                [rule for rule in rules if rule.expires_at is None or rule.expires_at > self.now] for rules in held
            ]
            tiers.append([rules for rules in alive if rules])
        return [tier for tier in tiers if tier]

    def left(self, guild: int, user: int) -> int:
        grant = self.grants.get((guild, user))
        rows = self.model.values()
        spent = sum(row.granted for row in rows if grant and row.of_grant == grant.number and row.state != "released")
        return grant.images - spent if grant else 0

    @rule(job_id=jobs, end=st.sampled_from(ENDS))
    def settle(self, job_id: str, end: JobState) -> None:
        painted = Painted("1x1", "m", 1.0) if end is JobState.DONE else None
        changed = self.run(self.ledger.settle(job_id, end, self.now, painted))
        row = self.model.get(job_id)
        assert changed == (row is not None and row.state == "held")
        if changed and row:
            row.state = "spent" if end is JobState.DONE else "released"

    @invariant()
    def the_file_holds_what_the_model_holds(self) -> None:
        def rows(connection: sqlite3.Connection) -> dict[str, tuple[Any, ...]]:
            sql = "SELECT job_id, user_id, guild_id, images, reserved_at, granted, state FROM reservations"
            return {row[0]: tuple(row[1:]) for row in connection.execute(sql)}

        kept = {
            key: (row.user, row.guild or 0, row.images, row.at, row.granted, row.state)
            for key, row in self.model.items()
        }
        assert self.run(self.database.read(rows)) == kept
        unfinished = self.run(Jobs(self.database).unfinished())
        assert {job.id for job in unfinished} == {key for key, row in self.model.items() if row.state == "held"}

    @invariant()
    def no_balance_is_negative_and_none_is_an_orphan(self) -> None:
        def orphans(connection: sqlite3.Connection) -> list[Any]:
            return connection.execute("PRAGMA foreign_key_check").fetchall()

        assert self.run(self.database.read(orphans)) == []
        for guild in GUILDS:
            for user in USERS:
                account = self.run(self.ledger.account(Place(user, 1, guild), self.now))
                assert account.granted == self.left(guild, user) >= 0


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def job(number: int, count: int = 1) -> Job:
    return Job(f"{number:032x}", Order("a boat", count=count), Place(1, 1, 1), 5, JobState.QUEUED, 1_000.0)


async def test_of_many_at_once_exactly_as_many_pass_as_fit(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    ledger = Ledger(database)
    answers = await asyncio.gather(*(ledger.reserve(job(n), Host((Limit(7, "hour"),), 100)) for n in range(40)))
    assert answers.count(None) == 7
    assert len(await Jobs(database).unfinished()) == 7
    await database.close()


async def test_a_failed_unit_leaves_nothing(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    assert await Ledger(database).reserve(job(1), Host((), 3)) is None

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
