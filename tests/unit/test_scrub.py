"""Scrubbing leaves no byte of a deleted row in the file, damages nothing, and lets others write meanwhile."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.storage.database import Database

MARK = "zebrafinch"


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "limner.sqlite3")
    yield database
    await database.close()


def shuffle(connection: sqlite3.Connection, seed: int, rows: int) -> None:
    """Insert and change rows of many sizes under keys in no order, so that pages are split and keep old copies."""
    dice = random.Random(seed)
    connection.execute("CREATE TABLE IF NOT EXISTS heap (id TEXT PRIMARY KEY, owner INTEGER, words TEXT) STRICT")
    connection.execute("CREATE INDEX IF NOT EXISTS heap_words ON heap (owner, words)")
    keys: list[str] = []
    for _ in range(rows):
        keys.append(f"{dice.getrandbits(128):032x}")
        owner, size = dice.randrange(40), dice.choice((0, 5, 50, 200, 700, 3_000))
        connection.execute("INSERT INTO heap VALUES (?, ?, ?)", (keys[-1], owner, _words(owner, size)))
        if dice.random() < 0.3:
            owner, key = dice.randrange(40), dice.choice(keys[-200:])
            words = _words(owner, dice.choice((1, 100, 2_000)))
            connection.execute("UPDATE heap SET owner = ?, words = ? WHERE id = ?", (owner, words, key))


def _words(owner: int, size: int) -> str:
    return f"{MARK if owner % 3 == 0 else 'kept'} {'x' * size}"


def on_disk(folder: Path) -> bool:
    return any(MARK.encode() in file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm"))


def whole(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


@pytest.mark.parametrize("careful", [True, False])
async def test_no_byte_of_what_was_deleted_is_left(database: Database, tmp_path: Path, careful: bool) -> None:
    """Also where it was deleted without care, as by a program that does not overwrite what it deletes."""
    for seed in range(8):
        await database.write(partial(shuffle, seed=seed, rows=700))
    if not careful:
        await database.on_writer(lambda connection: connection.execute("PRAGMA secure_delete = OFF"))
    await database.write(lambda connection: connection.execute("DELETE FROM heap WHERE owner % 3 = 0"))
    await database.empty_wal()
    assert on_disk(tmp_path), "else there is nothing to scrub"
    await database.scrub()
    assert not on_disk(tmp_path)
    assert whole(database.path) == "ok"


async def test_others_write_meanwhile_and_lose_nothing(database: Database, tmp_path: Path) -> None:
    await database.write(partial(shuffle, seed=1, rows=12_000))
    await database.write(lambda connection: connection.execute("CREATE TABLE own (id INTEGER PRIMARY KEY, words TEXT)"))
    await database.write(lambda connection: connection.execute("DELETE FROM heap WHERE owner % 3 = 0"))
    scrubbing, rows, waits = asyncio.create_task(database.scrub()), list[str](), list[float]()
    while not scrubbing.done() or len(rows) < 50:
        rows.append(f"kept {len(rows)} " * 30)
        began = time.monotonic()
        await database.write(partial(insert, words=rows[-1]))
        waits.append(time.monotonic() - began)
        assert await database.read(count) == len(rows), "a read sees what was committed before it"
        await asyncio.sleep(0.002)
    await scrubbing
    assert not on_disk(tmp_path)
    assert whole(database.path) == "ok"
    found = await database.read(lambda connection: connection.execute("SELECT words FROM own ORDER BY id").fetchall())
    assert [row["words"] for row in found] == rows
    assert max(waits) < 1.0


def insert(connection: sqlite3.Connection, words: str) -> None:
    connection.execute("INSERT INTO own (words) VALUES (?)", (words,))


def count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM own").fetchone()[0])
