"""The ledger on a real database file, against a naive model of it; and the database itself."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.quota import AtOnce, Limit
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.migrate import FromTheFuture, migrations

LIMITS = (Limit(5, "hour"), Limit(8, "day"))
AT_ONCE = 3


@dataclass
class Row:
    """A reservation in the naive model."""

    user: int
    guild: int | None
    images: int
    at: float
    state: str


class LedgerMachine(RuleBasedStateMachine):
    """Three users in two servers reserve, end and wait; a list of tuples knows what must come of it."""

    jobs = Bundle("jobs")

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.directory = tempfile.TemporaryDirectory()
        path = Path(self.directory.name) / "limner.sqlite3"
        self.database = self.loop.run_until_complete(Database.open(path))
        self.ledger, self.now, self.made = Ledger(self.database), 1_000_000.0, 0
        self.model: dict[str, Row] = {}

    def teardown(self) -> None:
        self.loop.run_until_complete(self.database.close())
        self.loop.close()
        self.directory.cleanup()

    @rule(seconds=st.floats(0, 40_000))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(target=jobs, user=st.integers(1, 3), guild=st.sampled_from([None, 7]), count=st.integers(1, 4))
    def reserve(self, user: int, guild: int | None, count: int) -> str:
        self.made += 1
        job = Job(
            f"{self.made:032x}", Order("a boat", count=count), Place(user, 1, guild), 5, JobState.QUEUED, self.now
        )
        refusal = self.loop.run_until_complete(self.ledger.reserve(job, LIMITS, AT_ONCE))
        rows = list(self.model.values())
        running = sum(row.user == user and row.state == "held" for row in rows)
        counted = [row for row in rows if (row.user, row.guild) == (user, guild) and row.state != "released"]
        fits = all(
            sum(row.images for row in counted if row.at + limit.seconds > self.now) + count <= limit.images
            for limit in LIMITS
        )
        assert isinstance(refusal, AtOnce) == (running >= AT_ONCE)
        assert (refusal is None) == (running < AT_ONCE and fits)
        if refusal is None:
            self.model[job.id] = Row(user, guild, count, self.now, "held")
        return job.id

    @rule(job_id=jobs, end=st.sampled_from([JobState.DONE, JobState.FAILED, JobState.CANCELLED]))
    def settle(self, job_id: str, end: JobState) -> None:
        painted = Painted("1x1", "m", 1.0) if end is JobState.DONE else None
        changed = self.loop.run_until_complete(self.ledger.settle(job_id, end, self.now, painted))
        row = self.model.get(job_id)
        assert changed == (row is not None and row.state == "held")
        if changed and row:
            row.state = "spent" if end is JobState.DONE else "released"

    @invariant()
    def the_file_holds_what_the_model_holds(self) -> None:
        def rows(connection: sqlite3.Connection) -> dict[str, Row]:
            found = connection.execute("SELECT * FROM reservations").fetchall()
            return {
                row["job_id"]: Row(
                    row["user_id"], row["guild_id"] or None, row["images"], row["reserved_at"], row["state"]
                )
                for row in found
            }

        assert self.loop.run_until_complete(self.database.read(rows)) == self.model
        unfinished = self.loop.run_until_complete(Jobs(self.database).unfinished())
        assert {job.id for job in unfinished} == {key for key, row in self.model.items() if row.state == "held"}


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def job(number: int, count: int = 1) -> Job:
    return Job(f"{number:032x}", Order("a boat", count=count), Place(1, 1, 1), 5, JobState.QUEUED, 1_000.0)


async def test_of_many_at_once_exactly_as_many_pass_as_fit(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    ledger = Ledger(database)
    answers = await asyncio.gather(*(ledger.reserve(job(n), [Limit(7, "hour")], 100) for n in range(40)))
    assert answers.count(None) == 7
    assert len(await Jobs(database).unfinished()) == 7
    await database.close()


async def test_a_failed_unit_leaves_nothing(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    assert await Ledger(database).reserve(job(1), [], 3) is None

    def breaks(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM reservations")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        await database.write(breaks)
    assert await Ledger(database).running(1) == 1
    assert len(await Ledger(database).uses(1, 1, 0.0)) == 1
    await database.close()


async def test_a_job_comes_back_as_it_was(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "x.sqlite3")
    await Ledger(database).reserve(job(1, 2), [], 3)
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
