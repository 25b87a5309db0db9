"""An erase in a large database keeps nobody waiting, and what it erased is in no file after the tidying."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bot.domain.account import Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.personal_data import Records

MARK, ROWS = "zebrafinch", 4_000
FILLER_BYTES = 60_000


async def reserve(database: Database, number: int, user_id: int, words: str = "a boat") -> float:
    job = Job(f"{number:032x}", Order(words), Place(user_id, 2, 3), 5, JobState.QUEUED, float(number))
    began = time.perf_counter()
    assert await Ledger(database).reserve(job, Host((), 99_999)) is None
    took = time.perf_counter() - began
    assert await Ledger(database).settle(job.id, JobState.DONE, float(number))
    return took


async def test_others_are_acknowledged_during_an_erase_and_its_tidying(tmp_path: Path) -> None:
    """A quarter of a gigabyte here; the steps are as long with a whole one."""
    database = await Database.open(tmp_path / "x.sqlite3", secret=b"s")
    await database.on_writer(lambda connection: connection.execute("CREATE TABLE filler (image BLOB)"))
    for _ in range(ROWS // 200):
        await database.write(
            lambda connection: connection.executemany(
                "INSERT INTO filler VALUES (randomblob(?))", [(FILLER_BYTES,)] * 200
            )
        )
    for number in range(400):
        await reserve(database, number, number % 4, f"{MARK} {number}" * (number % 20))
    records = Records(database)

    async def erased() -> None:
        assert await records.erase(1, 1_000.0)
        await records.tidy()

    erasing, waits, number = asyncio.create_task(erased()), list[float](), 1_000
    while not erasing.done():
        waits.append(await reserve(database, number, 9))
        number += 1
        await asyncio.sleep(0.01)
    await erasing
    assert not await records.untidy()
    waits.sort()
    assert waits[len(waits) * 9 // 10] < 0.3, waits[-10:]
    for user_id in (0, 2, 3):
        assert await records.erase(user_id, 1_000.0)
    await records.tidy()
    await database.close()
    assert not holds_mark(tmp_path)


def holds_mark(folder: Path) -> bool:
    return any(MARK.encode() in file.read_bytes() for file in folder.iterdir())
