"""A database of each older version, full of rows, keeps all of them; what is no whole database of ours is told."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.storage.backup_file import NewerBackup, NotABackup, read_archive
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.migrate import FromTheFuture, migrate, migrations
from bot.storage.snapshot import Damaged, check_database
from tests.fuzz.effort import fuzz
from tests.fuzz.pieces import words

NEWEST = len(migrations())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
FOLDER = TemporaryDirectory(prefix="limner-fuzz-")
INTEGER, REAL = 1_000, 1_800_000_000.5
CHOICES = re.compile(r"(\w+) IN \(([^)]*)\)")
REFERENCE = re.compile(r"(\w+)\s+\w+[^,]*?REFERENCES (\w+) \((\w+)\)")


def old_database(path: Path, version: int, rows: int) -> None:
    """Write a database as that version of Limner left it, every table with rows."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for number, sql in migrations()[:version]:
            connection.executescript(f"{sql}\nPRAGMA user_version = {number};")
            if number == version:  # what a table holds is written under the version that the file has
                for table in tables(connection):
                    for row in range(rows):
                        fill(connection, table, row)
        connection.commit()


def tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables, those that others refer to first."""
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    names = [name for (name,) in found]
    return sorted(
        names, key=lambda name: ["jobs", "grants", "held"].index(name) if name in ("jobs", "grants", "held") else 9
    )


def fill(connection: sqlite3.Connection, table: str, row: int) -> None:
    """Put one row that the table's own checks accept; triggers may have made it already."""
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    allowed = {name: [part.strip().strip("'") for part in values.split(",")] for name, values in CHOICES.findall(sql)}
    values: dict[str, Any] = {}
    for _, name, kind, _, _, key in connection.execute(f"PRAGMA table_info({table})"):
        if name in ("parent_id", "grant_id") or (table == "jobs" and name in ("ended_at", "held_at")):
            continue
        if name in allowed:
            values[name] = allowed[name][row % 2] if kind == "TEXT" and name != "state" else allowed[name][0]
        elif name == "job_id" or (table == "jobs" and name == "id"):
            values[name] = f"{row:032x}"
        elif kind == "TEXT":
            values[name] = f"{name} {row} ü" if name not in ("options", "spec", "painted", "remarks") else "{}"
        elif kind == "BLOB":
            values[name] = bytes([row]) * 40
        else:
            values[name] = REAL + row if kind == "REAL" else (1 if key and table == "sealing" else INTEGER + row)
        if name == "granted":
            values[name] = 0
        if table == "jobs" and name == "spec":
            values[name] = None
    names = ", ".join(values)
    connection.execute(
        f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", [*values.values()]
    )


def contents(path: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {
            table: sorted((dict(row) for row in connection.execute(f"SELECT * FROM {table}")), key=repr)
            for table in tables(connection)
        }


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
async def test_a_database_of_each_version_keeps_all_its_rows(version: int, tmp_path: Path) -> None:
    path = tmp_path / "limner.sqlite3"
    old_database(path, version, rows=3)
    before = contents(path)
    assert all(before.values()), "a table without a row proves nothing"
    database = await Database.open(path)
    try:
        jobs = [await Jobs(database).get(f"{row:032x}") for row in range(3)]
        assert [job.order.words for job in jobs if job] == [f"words {row} ü" for row in range(3)]
        job = Job("f" * 32, Order("a boat"), Place(7, 8, 9), 5, JobState.QUEUED, REAL)
        assert isinstance(await Ledger(database).reserve(job, Host((), 3)), Account)
        uses = await Ledger(database).uses(INTEGER, INTEGER, 0.0)
        assert sum(use.images for use in uses) == sum(
            row["images"] for row in before["reservations"] if row["user_id"] == row["guild_id"] == INTEGER
        )
    finally:
        await database.close()
    assert check_database(path) == NEWEST  # integrity and foreign keys
    after = contents(path)
    for table, rows in before.items():
        kept = [{name: row[name] for name in rows[0]} for row in after[table]]
        assert [row for row in rows if row not in kept] == [], table


@pytest.mark.parametrize("ahead", [1, 90, 2**31 - 1 - NEWEST])
async def test_a_newer_database_is_left_as_it_is(ahead: int, tmp_path: Path) -> None:
    path = tmp_path / "limner.sqlite3"
    old_database(path, NEWEST, rows=1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + ahead}")
    before = contents(path)
    with pytest.raises(FromTheFuture):
        await Database.open(path)
    assert contents(path) == before


def _whole() -> bytes:
    path = Path(FOLDER.name, "whole")
    old_database(path, 3, rows=2)
    return path.read_bytes()


WHOLE = _whole()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(WHOLE[: draw(st.integers(0, len(WHOLE)))] if draw(st.booleans()) else WHOLE)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        some = draw(st.binary(max_size=16))
        data[at : at + len(some)] = some
    return bytes(data)


@given(damaged() | st.binary(max_size=300))
@example(WHOLE[:100])
@example(b"SQLite format 3\0" + b"\xff" * 84)
@fuzz(60)
async def test_a_damaged_file_is_told_or_opened(data: bytes) -> None:
    path = _written(data)
    with suppress(sqlite3.Error, FromTheFuture):
        await (await Database.open(path)).close()
    with suppress(Damaged, sqlite3.Error):
        check_database(path)


TEXTS = st.one_of(
    words,
    JSON.map(json.dumps),
    st.binary(max_size=60),
    st.dictionaries(st.sampled_from([*Order.__dataclass_fields__, "other"]), JSON, max_size=5).map(json.dumps),
)


@given(st.fixed_dictionaries({"words": TEXTS, "options": TEXTS, "spec": st.none() | TEXTS, "sealed": st.booleans()}))
@example({"words": "a boat", "options": "[" * 5_000, "spec": None, "sealed": False})
@example({"words": "a boat", "options": "{}", "spec": '{"a":' * 5_000, "sealed": False})
@fuzz(30)
async def test_any_row_is_a_job_with_its_words_or_without(row: dict[str, Any]) -> None:
    path = _written(b"")
    database = await Database.open(path)
    sql = (
        "UPDATE jobs SET words = CAST(:words AS TEXT), options = CAST(:options AS TEXT), spec = CAST(:spec AS TEXT),"
        " sealed = :sealed WHERE id = :id"
    )
    texts = {name: _storable(value) for name, value in row.items()}
    try:
        whole, other = ("ab" * 16, "cd" * 16)
        for job_id in (whole, other):
            job = Job(job_id, Order("a boat"), Place(7, 8, 9), 5, JobState.QUEUED, REAL)
            assert isinstance(await Ledger(database).reserve(job, Host((), 3)), Account)
        await database.write(lambda connection: connection.execute(sql, {**texts, "id": other}).rowcount)
        read, unreadable = await Jobs(database).unfinished(), await Jobs(database).unreadable()
        assert {job.id for job in (*read, *unreadable)} == {whole, other}
        assert whole in [job.id for job in read]
        assert all(job.order.words == "" and job.spec is None for job in unreadable)
    finally:
        await database.close()


def _storable(value: object) -> object:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _written(data: bytes) -> Path:
    for file in Path(FOLDER.name).glob("damaged*"):
        file.unlink()
    path = Path(FOLDER.name, "damaged")
    path.write_bytes(data)
    return path


@given(damaged() | st.binary(max_size=2_000))
@fuzz(60)
def test_any_file_as_a_backup_is_refused(data: bytes) -> None:
    path, target = Path(FOLDER.name, "archive"), Path(FOLDER.name, "restored")
    target.unlink(missing_ok=True)
    path.write_bytes(data)
    with pytest.raises((NotABackup, NewerBackup)):
        read_archive(path, target)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "limner.sqlite3"
    old_database(path, 1, rows=2)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE rules (x)")  # what 0003 makes is there, so that it fails midway
        connection.commit()
        with pytest.raises(sqlite3.Error):
            migrate(connection)
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (2,)
