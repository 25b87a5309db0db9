"""An export's files: each within its limit, ten at most, and what is left out is named with its reason."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.services.export import MAX_PARTS, Export
from bot.services.ports.messaging import Gone, Undeliverable
from bot.storage.archive import ZipArchive
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.personal_data import Records

LIMIT = 20_000


class Pictures:
    """Discord's messages: each has the picture of this size in bytes, or the failure."""

    def __init__(self, sizes: list[int | Exception]) -> None:
        self.sizes = sizes
        self.asked = 0

    async def pictures(self, job: Job) -> list[tuple[str, bytes]]:
        found = self.sizes[job.place.channel_id]
        self.asked += 1
        if isinstance(found, Exception):
            raise found
        return [("png", bytes(found))]

    async def remove(self, message: object) -> str:
        raise AssertionError

    async def sweep(self, user_id: int) -> tuple[int, int]:
        raise AssertionError


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "limner.sqlite3")
    yield opened
    await opened.close()


async def exported(
    database: Database, sizes: list[int | Exception], words: str = "w"
) -> tuple[Export, list[list[str]]]:
    """Export these pictures, the last of which is the newest; return the names in each file."""
    for number, _ in enumerate(sizes):
        job = Job(f"{number:032x}", Order(words), Place(1, number, 3), 5, JobState.QUEUED, 1_000.0 + number)
        assert isinstance(await Ledger(database).reserve(job, Host((), 3), [b"\x89PNG"]), Account)
        await Jobs(database).set_posted(job.posted(number, 100 + number))
        assert await Ledger(database).settle(job.id, JobState.DONE, 2_000.0)
    pictures = Pictures(sizes)
    export, files = Export(Records(database), Jobs(database), pictures, ZipArchive, 1, 3_000.0), []
    async for part in export.parts(LIMIT):
        with part, zipfile.ZipFile(part) as packed:
            assert packed.testzip() is None
            files.append(packed.namelist())
            assert part.seek(0, 2) <= LIMIT
            if "left-out.json" in packed.namelist():
                assert len(json.loads(packed.read("left-out.json"))) > 0
    assert pictures.asked <= 3 * MAX_PARTS, "what is not to be sent is not fetched"
    return export, files


async def test_each_file_is_within_the_limit(database: Database) -> None:
    export, files = await exported(database, [6_000] * 8)
    assert len(files) > 2
    assert export.pictures == 8
    assert sum(name.startswith("pictures/") for names in files for name in names) == 8
    assert files[0][0] == "data.json"
    assert not export.left


async def test_the_newest_of_many_go_into_ten_files(database: Database) -> None:
    export, files = await exported(database, [12_000] * 30)
    assert len(files) == MAX_PARTS
    pictures = [name for names in files for name in names if name.startswith("pictures/")]
    assert pictures[0] == f"pictures/{29:032x}-1.png"
    starts = [name for names in files for name in names if name.startswith("starts/")]
    assert export.left["many"] == 60 - len(pictures) - len(starts)
    assert export.requests == 30
    assert files[-1][-1] == "left-out.json"


async def test_what_cannot_be_had_is_left_out_by_name(database: Database) -> None:
    export, files = await exported(database, [100, Gone(), Undeliverable("no"), 40_000, 100])
    assert export.left == {"gone": 1, "unreachable": 1, "large": 1}
    assert export.pictures == 2
    assert any("left-out.json" in names for names in files)


async def test_more_requests_than_one_json_holds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.export.JOBS_A_FILE", 4)
    export, files = await exported(database, [10] * 9, words="w" * 1_900)
    assert [name for names in files for name in names if name.endswith(".json")] == [
        "data.json",
        "jobs-2.json",
        "jobs-3.json",
    ]
    assert (export.requests, export.pictures) == (9, 9)
