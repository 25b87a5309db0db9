"""What a reservation costs: reserve and end a job, beside the same SQLite statements without anything around them."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.result import Result
from bot.domain.account import Host
from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.quota import Limit
from bot.domain.rules import Kind, Rule, Target
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.policies import Policies

Values = tuple[Any, ...]
HOST = Host((Limit(1_000_000, "hour"), Limit(1_000_000, "day")), 3)
ROLES = (101, 102, 103)
ROWS, BATCH, USERS, GUILD, NOW = (1_000, 10_000, 100_000, 1_000_000), 200, 500, 7, 1_800_000_000.0
TOGETHER = 8
"""Requests on their way at a time, as on a busy server."""
MARK, USER_MARK = "f" * 32, 999_999
EACH_S = 302_400.0
"""Between the rows of one user that are there already: more rows reach further back, as in a server that gets older."""


def ledger(repeats: int) -> list[Result]:
    """Measure for each number of rows; one that grows would not be flat."""
    return [asyncio.run(_measured(rows, repeats)) for rows in ROWS]


async def _measured(rows: int, repeats: int) -> Result:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "limner.sqlite3"
        database = await Database.open(path)
        await database.write(lambda connection: _fill(connection, rows))
        policies = Policies(database)
        await policies.set(GUILD, Rule(Target(Kind.EVERYONE, GUILD), Limit(900_000, "day")))
        for role in ROLES:
            await policies.set(GUILD, Rule(Target(Kind.ROLE, role), Limit(900_000, "hour")))
        statements = await _recorded(database)
        ours, raw = [], []
        for turn in range(repeats):
            started = time.perf_counter()
            for first in range(0, BATCH, TOGETHER):
                numbers = range(first, first + TOGETHER)
                await asyncio.gather(*(_once(database, f"a{turn:015x}{n:016x}", n % USERS) for n in numbers))
            ours.append(BATCH / (time.perf_counter() - started))
            raw.append(BATCH / _raw(path, statements, turn))
        await database.close()
    return Result(f"ledger: reserve + commit, {rows:,} rows there", "1/s", ours, raw, "the same statements in sqlite3")


async def _once(database: Database, name: str, user_id: int) -> None:
    place = Place(user_id, 1, GUILD, roles=ROLES)
    job = Job(name, Order("a boat"), place, 5, JobState.QUEUED, NOW)
    ours = Ledger(database)
    assert await ours.reserve(job, HOST) is None
    assert await ours.settle(name, JobState.DONE, NOW, Painted("512x512", "m", 1.0, 12))


class Recorder:
    """A connection that remembers what is executed, with its values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.found: list[tuple[str, Values]] = []

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        self.found.append((sql, values))
        return self._connection.execute(sql, values)


async def _recorded(database: Database) -> list[tuple[str, Values]]:
    """Return the statements of one reservation and its end."""
    connection = database._connection
    own = connection._conn
    recorder = Recorder(own)
    connection._connection = recorder  # type: ignore[assignment]
    await _once(database, MARK, USER_MARK)
    connection._connection = own
    return recorder.found


def _raw(path: Path, statements: list[tuple[str, Values]], turn: int) -> float:
    """Run the statements as often as ours, on a connection of the same settings; return the seconds."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    units = []
    for number in range(BATCH):
        own = {MARK: f"e{turn:015x}{number:016x}", USER_MARK: number % USERS}
        units.append([(sql, tuple(own.get(value, value) for value in values)) for sql, values in statements])
    started = time.perf_counter()
    for unit in units:
        for sql, values in unit:
            connection.execute(sql, values).fetchall()
    took = time.perf_counter() - started
    connection.close()
    return took


def _fill(connection: sqlite3.Connection, rows: int) -> None:
    """Ended jobs of many users, spread evenly over the weeks before now."""
    times = [(f"{number:032d}", number % USERS, NOW - EACH_S * (rows - number) / USERS) for number in range(rows)]
    connection.executemany(
        "INSERT INTO jobs (id, state, user_id, channel_id, guild_id, locale, words, shape, count, seed, exact,"
        " created_at, ended_at) VALUES (?, 'done', ?, 1, 7, 'en-US', 'a boat', 'square', 1, 5, 0, ?, ?)",
        [(name, user, at, at + 5.0) for name, user, at in times],
    )
    connection.executemany(
        "INSERT INTO reservations (job_id, user_id, guild_id, images, state, reserved_at)"
        " VALUES (?, ?, 7, 1, 'spent', ?)",
        times,
    )
