"""What a reservation costs: reserve and end a job, beside the same SQLite statements without anything around them."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

from bench.result import Result
from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.moderation import Action, Entry
from bot.domain.quota import Limit
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.limit_rules import LimitRules

Values = tuple[Any, ...]
Unit = list[tuple[str, Values]]
HOST = Host((Limit(10_000_000, "hour"), Limit(10_000_000, "day")), 3)
ROLES = (101, 102, 103)
USERS, GUILD, NOW, WEEK_S = 500, 7, 1_800_000_000.0, 604_800.0
ROWS, BUSY = (1_000, 10_000, 100_000, 1_000_000), (10, 1_000, 100_000)
BATCH, SLICE, TOGETHER = 240, 24, 8
"""Requests in one repeat; how many of ours before it is the raw ones' turn; at a time on a busy server."""
MARK, USER_MARK = "f" * 32, 999_999
EACH_S = 302_400.0
"""Between the rows of one user that are there already: more rows reach further back, as in a server that gets older."""


def ledger(repeats: int) -> list[Result]:
    """Measure for each number of rows, of all and of one user in the week; one that grows would not be flat."""
    found = [result for rows in ROWS for result in asyncio.run(_measured(rows, 0, (1, TOGETHER), repeats))]
    return found + [result for busy in BUSY for result in asyncio.run(_measured(1_000, busy, (1,), repeats))]


async def _measured(rows: int, busy: int, ways: Sequence[int], repeats: int) -> list[Result]:
    """Measure with so many requests at a time, ours and raw ones by turns; with `busy`, all are by one user."""
    with tempfile.TemporaryDirectory() as directory:
        database, raw, statements = await _two_files(Path(directory), rows, busy)
        results = []
        for together in ways:
            took: tuple[list[float], list[float]] = ([], [])
            for turn in range(repeats):
                seconds = [0.0, 0.0]
                for first in range(0, BATCH, SLICE):
                    numbers = range(first, first + SLICE)
                    own = [(f"a{together:x}{turn:014x}{n:016x}", USERS if busy else n % USERS) for n in numbers]
                    seconds[0] += await _ours(database, own, together)
                    seconds[1] += _raw(raw, statements, own, together)
                for side, spent in zip(took, seconds, strict=True):
                    side.append(BATCH / spent)
            what = f"{busy:,} uses of one user in the week" if busy else f"{rows:,} rows"
            name = f"ledger: reserve + commit, {what}, {together} at a time"
            results.append(Result(name, "1/s", *took, "the same in raw sqlite3"))
        await database.close()
        raw.close()
    return results


def _entry(_: Sequence[Rule], __: int) -> Entry:
    return Entry(1, Action.LIMIT_SET, NOW)


async def _two_files(directory: Path, rows: int, busy: int) -> tuple[Database, sqlite3.Connection, Unit]:
    """Return the same data twice, so that neither side empties the other's cache; and what one job executes."""
    ours, copy = directory / "ours.sqlite3", directory / "raw.sqlite3"
    database = await Database.open(ours)
    await database.write(lambda connection: _fill(connection, rows, busy))
    for target in (Target(Kind.EVERYONE, GUILD), *(Target(Kind.ROLE, role) for role in ROLES)):
        await LimitRules(database).set(GUILD, Rule(target, Limit(9_000_000, "week")), _entry)
    await database.close()
    shutil.copy(ours, copy)
    database = await Database.open(ours)
    statements = await _recorded(database)
    raw = sqlite3.connect(copy, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        raw.execute(f"PRAGMA {pragma}")
    return database, raw, statements


async def _ours(database: Database, own: list[tuple[str, int]], together: int) -> float:
    """Reserve and commit for each id and user; return the seconds."""
    started = time.perf_counter()
    for first in range(0, len(own), together):
        if together == 1:
            await _once(database, *own[first])
        else:
            await asyncio.gather(*(_once(database, *one) for one in own[first : first + together]))
    return time.perf_counter() - started


async def _once(database: Database, name: str, user_id: int) -> None:
    place = Place(user_id, 1, GUILD, roles=ROLES)
    job = Job(name, Order("a boat"), place, 5, JobState.QUEUED, NOW)
    ours = Ledger(database)
    assert isinstance(await ours.reserve(job, HOST), Account)
    assert await ours.settle(name, JobState.DONE, NOW, Painted("512x512", "m", 1.0, 12))


class Recorder:
    """A connection that remembers what is executed, with its values."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.found: list[tuple[str, Values]] = []

    def execute(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        self.found.append((sql, values))
        return self._connection.execute(sql, values)


async def _recorded(database: Database) -> Unit:
    """Return the statements of one reservation and its end."""
    connection = database._writer
    own = connection._conn
    recorder = Recorder(own)
    connection._connection = recorder  # type: ignore[assignment]
    await _once(database, MARK, USER_MARK)
    connection._connection = own
    return recorder.found


def _raw(connection: sqlite3.Connection, statements: Unit, own: list[tuple[str, int]], together: int) -> float:
    """Run the statements for each id and user; return the seconds.

    Where several of ours are on their way at a time, as many threads take turns here, one transaction each.
    """
    end = next(number for number, (sql, _) in enumerate(statements) if sql == "COMMIT") + 1
    halves, turn = (statements[:end], statements[end:]), Lock()
    units = [[_filled(half, *one) for half in halves] for one in own]

    def work(mine: list[list[Unit]]) -> None:
        for unit in mine:
            for half in unit:
                with turn:
                    for sql, values in half:
                        connection.execute(sql, values).fetchall()

    with ThreadPoolExecutor(together) as pool:
        list(pool.map(lambda _: time.sleep(0.01), range(together)))  # starts the threads
        started = time.perf_counter()
        if together == 1:
            work(units)
        else:
            list(pool.map(work, [units[first::together] for first in range(together)]))
        return time.perf_counter() - started


def _filled(statements: Unit, name: str, user_id: int) -> Unit:
    """Return the recorded statements with another job's id and user in their values."""
    return [(sql, tuple(_value(value, name, user_id) for value in values)) for sql, values in statements]


def _value(value: Any, name: str, user_id: int) -> Any:
    if isinstance(value, str):
        return value.replace(MARK, name).replace(str(USER_MARK), str(user_id))
    return user_id if value == USER_MARK else value


def _fill(connection: sqlite3.Connection, rows: int, busy: int) -> None:
    """Ended jobs of many users, spread evenly over the weeks before now; and `busy` of one user in the last week."""
    times = [(f"{number:032d}", number % USERS, NOW - EACH_S * (rows - number) / USERS) for number in range(rows)]
    times += [(f"b{number:031d}", USERS, NOW - WEEK_S * (busy - number) / (busy + 1)) for number in range(busy)]
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
