"""Any interleaving of orders, ends, rules, grants, blocks and time comes, in the real file, to what a model says."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.account import Account, Host
from bot.domain.actor import Actor
from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.moderation import Action, Barred, Block, Door, Entry
from bot.domain.quota import AtOnce, Limit, Refusal
from bot.services.audit_mirror import AuditMirror
from bot.services.gate import ServerGate
from bot.services.limits import AboveTheHost, AtOnceOfModel, Limits, Usage
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.limit_rules import LimitRules
from bot.storage.moderation import Decisions
from tests import naive
from tests.fakes import FakeClock, FakeMirror

T = TypeVar("T")

DEFAULT, CEILING = (Limit(4, "hour"), Limit(6, "day")), (Limit(5, "hour"), Limit(8, "day"))
TOGETHER, APART = Host(DEFAULT, 3, CEILING), Host(DEFAULT, 3, CEILING, "server")
GUILDS, USERS, ROLES = (7, 8), (1, 2), (101, 102)
ENDS = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
WAITS = (0.25, 600.0, 1_200.0, 2_400.0, 3_000.0, 3_599.75, 3_600.0, 40_000.0, 86_000.0, 86_400.0, 604_000.0, 604_800.0)
OFF = (0.0, 0.0, 0.25, -0.25, 300.0, -300.0)
MODELS, PAINTS = ("", "big", "BIG", "small"), "big"
"""Of requests: unknown, and two models, of whose names case does not count; the one that then paints the unknown."""
guilds, users, roles = st.sampled_from(GUILDS), st.sampled_from(USERS), st.sets(st.sampled_from(ROLES))
targets = st.sampled_from(
    [("user", user) for user in USERS] + [("role", role) for role in ROLES] + [("everyone", 0)] * 2
)


class LedgerMachine(RuleBasedStateMachine):
    """Two users with roles order in two servers and in direct messages, while moderators change their minds.

    Two connections to the file take turns, as two processes would. The ceiling counts over all servers.
    """

    host = TOGETHER
    jobs = Bundle("jobs")

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory()
        path = Path(self.directory.name) / "limner.sqlite3"
        self.databases = [self.run(Database.open(path)) for _ in range(2)]
        self.clock, self.turn, self.made = FakeClock(1_000_000.0), 0, 0
        default, ceiling = ([(each.images, each.per) for each in limits] for limits in (DEFAULT, CEILING))
        self.world = naive.World(default, self.host.at_once, ceiling, self.host.ceiling_per == "user")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        for database in self.databases:
            self.run(database.close())
        self.loop.close()
        self.directory.cleanup()

    @property
    def now(self) -> float:
        return self.clock.at

    @property
    def database(self) -> Database:
        self.turn += 1
        return self.databases[self.turn % 2]

    @property
    def limits(self) -> Limits:
        database = self.database
        audit_mirror = AuditMirror(Decisions(database), FakeMirror())
        return Limits(
            ledger=Ledger(database), limit_rules=LimitRules(database), host=self.host, clock=self.clock,
            audit_mirror=audit_mirror,
        )  # fmt: skip

    @rule(seconds=st.one_of(st.floats(0, 4_000), st.sampled_from(WAITS)))
    def wait(self, seconds: float) -> None:
        self.clock.at += seconds

    @rule(seconds=st.sampled_from(WAITS))
    def set_the_clock_back(self, seconds: float) -> None:
        self.clock.at -= seconds

    @rule(
        guild=guilds,
        whose=targets,
        images=st.sampled_from([0, 1, 2, 2, 3, 4, 6, 9]),
        per=st.sampled_from(["hour", "day", "week"]),
        at_once=st.sampled_from([None, None, 0, 1, 2, 3, 4]),
        lasts=st.sampled_from([None, None, 600.0, 3_600.0]),
        model=st.sampled_from(["", "", "big", "Big", "small"]),
    )
    def set_rule(
        self,
        guild: int,
        whose: tuple[str, int],
        images: int,
        per: str,
        at_once: int | None,
        lasts: float | None,
        model: str,
    ) -> None:
        target, expires = _target(guild, whose), lasts and self.now + lasts
        given = Rule(target, Limit(images, per, model), at_once, "", expires, 9, self.now)
        above = any(per == window and images > most for most, window in self.world.ceiling) or (at_once or 0) > 3
        try:
            self.run(self.limits.set(Actor(9, guild, manages=True), guild, given))
        except AboveTheHost:
            assert above
        except AtOnceOfModel:
            assert model
            assert at_once is not None
        else:
            assert not above
            assert at_once is None or not model
            own = _own(target)
            self.world.set_rule(naive.Rule(guild, own, per, images, at_once, expires, model), self.now)

    @rule(guild=guilds, whose=targets, model=st.sampled_from(["", "", "big", "SMALL"]))
    def reset(self, guild: int, whose: tuple[str, int], model: str) -> None:
        target = _target(guild, whose)
        change = self.run(self.limits.reset(Actor(9, guild, manages=True), guild, target, model))
        if target.kind is Kind.USER:
            assert change.granted_before == (0 if model else self.world.left(guild, target.id))
        self.world.reset(guild, _own(target), model)

    @rule(guild=guilds, user=users, images=st.integers(1, 4))
    def grant(self, guild: int, user: int, images: int) -> None:
        actor = Actor(9, guild, manages=True)
        change = self.run(self.limits.grant(actor, guild, Target(Kind.USER, user), images))
        assert change.granted_before == self.world.left(guild, user)
        self.world.give(guild, user, images)

    @rule(guild=guilds, user=users, lasts=st.sampled_from([None, 600.0, 3_600.0]))
    def block(self, guild: int, user: int, lasts: float | None) -> None:
        """As a block does, it also ends what that user has on its way there."""
        until = lasts and self.now + lasts
        entry = Entry(9, Action.BLOCK, self.now, user)
        self.run(Decisions(self.database).set_block(guild, user, Block(until), entry))
        self.world.blocks[guild, user] = until
        for order in [one for one in self.world.orders if (one.user, one.guild, one.state) == (user, guild, "held")]:
            self.settle(order.name, JobState.CANCELLED)

    @rule(guild=guilds, user=users)
    def unblock(self, guild: int, user: int) -> None:
        self.run(Decisions(self.database).set_block(guild, user, None, Entry(9, Action.UNBLOCK, self.now, user)))
        self.world.blocks.pop((guild, user), None)

    @rule(
        target=jobs,
        user=users,
        guild=st.sampled_from([None, *GUILDS]),
        count=st.integers(1, 4),
        has=roles,
        model=st.sampled_from(MODELS),
    )
    def order(self, user: int, guild: int | None, count: int, has: set[int], model: str) -> str:
        self.made += 1
        held = tuple(has) if guild else ()
        place = Place(user, 1, guild, roles=held)
        job = Job(f"{self.made:032x}", Order("a boat", count=count), place, 5, JobState.QUEUED, self.now)
        database = self.database
        try:
            self.run(ServerGate(Decisions(database), self.clock, Door()).check(job.order, place))
        except Barred as barred:
            assert isinstance(barred.why, Block)
            assert self.world.blocked(guild, user, self.now)
            return job.id
        assert not self.world.blocked(guild, user, self.now)
        answer = self.run(Ledger(database).reserve(job, self.host, model=model))
        refusal = None if isinstance(answer, Account) else answer
        if isinstance(answer, Account):
            then = self.run(Ledger(database).account(place, self.now))
            assert self.standings(answer) == self.standings(then), "what the transaction tells is what is read then"
        crowded = self.world.crowded(user, guild, held, self.now)
        paid = self.world.payment(user, guild, held, count, model, self.now, self.now)
        assert isinstance(refusal, AtOnce) == crowded
        if not crowded:
            assert (refusal is None) == (paid is not None)
        if isinstance(refusal, Refusal):
            assert refusal.free_at == self.world.fits_from(user, guild, held, count, model, self.now)
            assert refusal.asked == count
        if refusal is None and paid is not None:
            grant = self.world.grant_of(guild, user)
            number = grant.number if grant and paid else None
            self.world.orders.append(naive.Order(job.id, user, guild, count, self.now, paid, number, model))
        return job.id

    def standings(self, account: Account) -> object:
        used = [(each.limit, each.used, whose) for each, whose in account.standings(self.host, self.now)]
        return used, account.granted, account.running, account.running_here

    @rule(
        user=users,
        guild=st.sampled_from([None, *GUILDS]),
        counts=st.lists(st.integers(1, 3), min_size=2, max_size=4),
        has=roles,
        model=st.sampled_from(MODELS),
        pause=st.sampled_from([0.0, 0.25, 500.0, 1_000.0]),
    )
    def order_often(
        self, user: int, guild: int | None, counts: list[int], has: set[int], model: str, pause: float
    ) -> None:
        """One after the other, each painted at once: what fills a window."""
        for count in counts:
            self.settle(self.order(user, guild, count, has, model), JobState.DONE)
            self.wait(pause)

    @rule(
        user=users,
        guild=guilds,
        whose=targets,
        images=st.integers(0, 3),
        per=st.sampled_from(["hour", "day"]),
        has=roles,
        model=st.sampled_from(MODELS),
        end=st.sampled_from(ENDS),
    )
    def fill_a_model(
        self,
        user: int,
        guild: int,
        whose: tuple[str, int],
        images: int,
        per: str,
        has: set[int],
        model: str,
        end: JobState,
    ) -> None:
        """A rule of a model, as many requests as it takes and one more; the first may give its picture back."""
        self.set_rule(guild, whose, images, per, None, None, "big")
        first, *_ = [self.order(user, guild, 1, has, model) for _ in range(images + 1)]
        self.settle(first, end)
        self.order(user, guild, 1, has, model)

    @rule(job_id=jobs, end=st.sampled_from(ENDS))
    def settle(self, job_id: str, end: JobState) -> None:
        painted = Painted("1x1", PAINTS, 1.0) if end is JobState.DONE else None
        changed = self.run(Ledger(self.database).settle(job_id, end, self.now, painted))
        order = next((one for one in self.world.orders if one.name == job_id), None)
        assert changed == (order is not None and order.state == "held")
        if changed and order:
            order.state = "spent" if end is JobState.DONE else "released"
            if painted:
                order.model = order.model or PAINTS

    @rule(guild=st.sampled_from([None, *GUILDS]), user=users, has=roles)
    def why(self, guild: int | None, user: int, has: set[int]) -> None:
        """What people are told of each limit is what is used of it, and when the oldest use leaves."""
        held = tuple(has) if guild else ()
        usage = self.run(self.limits.usage(Place(user, 1, guild, roles=held)))
        tier = self.world.tier(user, guild, held, self.now)
        assert (usage.winner is None) == (not tier)
        assert usage.granted == self.world.left(guild, user)
        assert usage.is_stopped == self.world.stopped(user, guild, held, self.now)
        windows = dict(self.world.windows(user, guild, held, self.now))
        winner = _own(usage.winner.target) if usage.winner else ("host", 0)
        room = {whose: self._room(user, guild, each) for whose, each in windows.items()}
        assert room[winner] == max(room.values())
        general = [(one.limit, whose) for one, whose in usage.standings if not one.limit.model]
        assert {one.per: one.images for one, whose in general if whose.kind is not Kind.CEILING} == windows[winner]
        self.check_models(user, guild, held, usage)
        for standing, target in usage.standings:
            per, model = standing.limit.per, standing.limit.model
            if model:
                mine = self.world.made_by(user, guild, model)
                assert standing.used == self.world.used_by(user, guild, model, per, self.now)
                used = partial(self.world.used_by, user, guild, model, per)
            elif target.kind is Kind.CEILING:
                mine = self.world.under_ceiling(user, guild)
                assert standing.used == self.world.capped(user, guild, per, self.now)
                used = partial(self.world.capped, user, guild, per)
            else:
                mine = [one for one in self.world.orders if (one.user, one.guild) == (user, guild)]
                assert standing.used == self.world.used(user, guild, per, self.now)
                used = partial(self.world.used, user, guild, per)
            later = sorted(o.at + naive.SECONDS[per] for o in mine if o.counts(per, self.now))
            more = (at for at in later if max(0, standing.limit.images - used(at)) > standing.left)
            assert standing.frees_at == next(more, None)

    def check_models(self, user: int, guild: int | None, held: tuple[int, ...], usage: Usage) -> None:
        """Of each model that has rules for the user, those that leave the most are told, with all their windows."""
        known = {name: self.world.tier(user, guild, held, self.now, name) for name in self.world.ruled(guild, self.now)}
        told = {one.model.lower(): one for one in usage.model_winners}
        assert told.keys() == {name for name, tier in known.items() if tier}
        for name, winner in told.items():
            room = self.world.room_by(user, guild, held, name, self.now, self.now)
            assert max(0, room[_own(winner.target)]) == max(0, *room.values())
            (rules,) = [rules for rules in known[name] if rules[0].whose == _own(winner.target)]
            shown = [one.limit for one, _ in usage.standings if one.limit.model.lower() == name]
            assert {(one.per, one.images) for one in shown} == {(rule.per, rule.images) for rule in rules}

    def _room(self, user: int, guild: int | None, windows: dict[str, int]) -> int:
        return min(max(0, most - self.world.used(user, guild, per, self.now)) for per, most in windows.items())

    @invariant()
    def the_file_holds_what_the_model_holds(self) -> None:
        rows = self.run(self.database.read(_orders))
        world = [(o.name, o.user, o.guild or 0, o.images, o.at, o.paid, o.state, o.model) for o in self.world.orders]
        assert sorted(rows) == sorted(world)
        for guild in GUILDS:
            sets = self.run(self.limits.show(Actor(9, guild, manages=True), guild))
            told = [(guild, _own(one.target), _facts(each)) for one in sets for each in one.rules]
            alive = [rule for rule in self.world.rules if rule.guild == guild and rule.alive(self.now)]
            known = [(r.guild, r.whose, (r.per, r.images, r.at_once, r.expires, r.model)) for r in alive]
            assert sorted(map(repr, told)) == sorted(map(repr, known))

    @invariant()
    def the_operators_ceiling_is_never_exceeded(self) -> None:
        """Counted from the file itself, with no help of the model."""
        windows = "".join(f", sum(images) FILTER (WHERE reserved_at + {_seconds(limit)} > ?1)" for limit in CEILING)
        whose = "user_id" if self.host.ceiling_per == "user" else "user_id, guild_id"
        sql = f"SELECT count(*) FILTER (WHERE state = 'held'){windows} FROM reservations WHERE state <> 'released'"
        each = self.run(self.database.read(lambda c: c.execute(f"{sql} GROUP BY {whose}", (self.now,)).fetchall()))
        for held, *used in each:
            assert held <= self.host.at_once
            assert all((there or 0) <= limit.images for there, limit in zip(used, CEILING, strict=True))

    @invariant()
    def no_balance_is_negative_and_none_is_an_orphan(self) -> None:
        assert self.run(self.database.read(oddities)) == []
        unfinished = self.run(Jobs(self.database).unfinished())
        assert {job.id for job in unfinished} == {one.name for one in self.world.orders if one.state == "held"}
        for guild in GUILDS:
            for user in USERS:
                account = self.run(Ledger(self.database).account(Place(user, 1, guild), self.now))
                assert account.granted == self.world.left(guild, user) >= 0


def _own(target: Target) -> tuple[str, int]:
    return target.kind.value, target.id


def _facts(given: Rule) -> tuple[str, int, int | None, float | None, str]:
    return given.limit.per, given.limit.images, given.at_once, given.expires_at, given.limit.model


def _target(guild: int, whose: tuple[str, int]) -> Target:
    return Target(Kind(whose[0]), guild if whose[0] == "everyone" else whose[1])


def _seconds(limit: Limit) -> float:
    return naive.SECONDS[limit.per]


def _orders(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    sql = "SELECT job_id, user_id, guild_id, images, reserved_at, granted, state, model FROM reservations"
    return [tuple(row) for row in connection.execute(sql)]


def oddities(connection: sqlite3.Connection) -> list[Any]:
    """Return what must not be: a job or a reservation alone, ends that differ, a debt, a sum that is none."""
    ends = "CASE j.state WHEN 'done' THEN 'spent' WHEN 'failed' THEN 'released' WHEN 'cancelled' THEN 'released'"
    ends += " ELSE 'held' END"
    sums = "SELECT user_id, guild_id, CAST(reserved_at AS INTEGER) / 1200, sum(images), sum(granted) FROM reservations"
    sums += " WHERE state <> 'released' GROUP BY 1, 2, 3"
    odd = [
        "PRAGMA foreign_key_check",
        "SELECT id FROM jobs WHERE id NOT IN (SELECT job_id FROM reservations)",
        f"SELECT r.job_id FROM reservations r LEFT JOIN jobs j ON j.id = r.job_id WHERE r.state IS NOT ({ends})",
        "SELECT id FROM grants g WHERE images < (SELECT sum(granted) FROM reservations"
        " WHERE grant_id = g.id AND state <> 'released')",
        f"SELECT * FROM ({sums}) EXCEPT SELECT * FROM tallies",
        f"SELECT * FROM tallies EXCEPT SELECT * FROM ({sums})",
    ]
    return [tuple(row) for sql in odd for row in connection.execute(sql)]


@given(
    uses=st.lists(st.tuples(st.integers(0, 11), st.sampled_from(OFF), st.integers(1, 3), st.booleans()), max_size=25),
    quarters=st.integers(0, 4_800),
)
@settings(max_examples=60, deadline=None)
def test_a_window_holds_what_is_in_it_to_the_instant(uses: list[tuple[int, float, int, bool]], quarters: int) -> None:
    """Uses stand about the ends of windows and of tallies; one picture less than is used must refuse."""

    async def work(database: Database) -> None:
        edges = [0.0, 3_600.0, 86_400.0, 604_800.0]
        times = [(edges[place % 4] + place // 4 * 600.0 + off, images, end) for place, off, images, end in uses]
        now = 1_000_000.0 + quarters / 4  # exact, as are the sums that tell whether a window holds a use
        for number, (ago, images, kept) in enumerate(times):
            job = Job(f"{number:032x}", Order("a boat", count=images), Place(1, 1), 5, JobState.QUEUED, now - ago)
            assert isinstance(await Ledger(database).reserve(job, Host((), 99)), Account)
            end = JobState.DONE if kept else JobState.FAILED
            await Ledger(database).settle(job.id, end, now, Painted("1x1", "m", 1.0) if kept else None)
        for number, per in enumerate(naive.SECONDS):
            used = sum(images for ago, images, kept in times if kept and now - ago + naive.SECONDS[per] > now) + number
            job = Job(f"{number:031x}x", Order("a boat"), Place(1, 1), 5, JobState.QUEUED, now)
            refusal = await Ledger(database).reserve(job, Host((Limit(used, per),), 99))
            assert isinstance(refusal, Refusal)
            assert refusal.used == used
            assert isinstance(await Ledger(database).reserve(job, Host((Limit(used + 1, per),), 99)), Account)

    async def opened(path: Path) -> None:
        database = await Database.open(path)
        try:
            await work(database)
        finally:
            await database.close()  # an open connection's thread would keep a failed run from ending

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(opened(Path(directory) / "limner.sqlite3"))


class ApartMachine(LedgerMachine):
    """The same with a ceiling that counts in each server by itself."""

    host = APART


TestLedger = LedgerMachine.TestCase
TestApart = ApartMachine.TestCase
TestApart.settings = settings(max_examples=6, stateful_step_count=50, deadline=None)
TestLedger.settings = settings(max_examples=10, stateful_step_count=50, deadline=None)


@pytest.mark.full  # TestLedger is the sample
class TestLedgerAtLength(LedgerMachine.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(max_examples=200, stateful_step_count=50, deadline=None)


@pytest.mark.full  # TestApart is the sample
class TestApartAtLength(ApartMachine.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
