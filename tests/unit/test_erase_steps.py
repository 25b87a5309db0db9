"""An erase goes in steps that do not grow with what there is, and one that was cut off between any two goes on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Kind, Order, Painted, Place
from bot.domain.preferences import Preferences
from bot.domain.prompt import PromptSpec
from bot.services.ports.storage import StoreUnavailable
from bot.storage import erase
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.members import Members
from bot.storage.personal_data import Records

MARK, ME, BEN, EVE, GUILD, NOW = "zebrafinch", 1, 2, 3, 7, 1_000.0
SPEC = PromptSpec(MARK, [MARK], MARK, MARK)


async def opened(path: Path) -> Database:
    return await Database.open(path, secret=b"s")


async def drawn(
    database: Database, number: int, user_id: int = ME, parent: int | None = None, at: float = NOW, **order: Any
) -> None:
    """Ask for a picture and get it: a job, its reservation, its message."""
    name = None if parent is None else f"{parent:032x}"
    asked = Order(**{"words": f"{MARK} {number}", "spec": SPEC, **order})
    job = Job(f"{number:032x}", asked, Place(user_id, 2, GUILD), 5, JobState.QUEUED, at, parent_id=name)
    starts = [b"picture %d" % number] if asked.kind is Kind.START else []
    assert isinstance(await Ledger(database).reserve(job, Host((), 99_999), starts), Account)
    await Jobs(database).set_posted(job.posted(2, 10_000 + number))
    assert await Ledger(database).settle(job.id, JobState.DONE, at, Painted("64x64", "m", 1.0, 1))


async def lived(path: Path, own: int, others: int) -> None:
    """A file of someone with a line of pictures, whose second one others made versions of, and versions of these."""
    database = await opened(path)
    everyone = "INSERT INTO guilds (guild_id, photos) VALUES (?, 'everyone')"
    await database.write(lambda connection: connection.execute(everyone, (GUILD,)))
    for number in range(own):
        kind = Kind.START if number % 3 == 0 else Kind.IMAGINE
        await drawn(database, number, parent=number - 1 if number else None, kind=kind)
    for number in range(others):
        await drawn(database, 1_000 + number, BEN, parent=1, kind=Kind.AGAIN)
        await drawn(database, 2_000 + number, EVE, 1_000 + number, words="bluer", kind=Kind.REFINE, base=SPEC)
        await drawn(database, 3_000 + number, BEN, kind=Kind.START, photos_of=(ME,), words="from a photo", spec=SPEC)
    await Members(database).set(ME, Preferences(style="anime"))
    await database.close()


def marks(path: Path) -> list[str]:
    """Return the tables with a row that holds the person's words, id, or what was made of the words."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        ids = {"jobs": "user_id", "members": "user_id", "job_photos": "user_id", "erasing": "user_id"}
        mine = {
            table for table, name in ids.items()
            if connection.execute(f"SELECT 1 FROM {table} WHERE {name} = {ME}").fetchone()
        }  # fmt: skip
    return sorted(mine | {table for table in tables if MARK in str(rows[table])})


def holds(path: Path, word: str) -> bool:
    """Whether the bytes of a word stand in the database or beside it."""
    return any(word.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def after(writes: int, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk take nothing more after so many transactions."""
    real, left = database.write, [writes]

    async def write(work: Callable[[sqlite3.Connection], Any], *args: Any, **kwargs: Any) -> Any:
        if not left[0]:
            raise StoreUnavailable("cut off")
        left[0] -= 1
        return await real(work, *args, **kwargs)

    monkeypatch.setattr(database, "write", write)


async def images(database: Database) -> int:
    return sum(use.images for use in await Ledger(database).uses(ME, GUILD, 0.0))


async def test_an_erase_that_is_cut_off_anywhere_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erase, "STEP", 3)
    monkeypatch.setattr(erase, "PICTURES_AT_ONCE", 2)
    full, path = tmp_path / "full.sqlite3", tmp_path / "cut.sqlite3"
    await lived(full, own=7, others=2)
    whole, writes, requests = False, 0, 0
    while not whole:
        shutil.copy(full, path)
        database = await opened(path)
        after(writes, database, monkeypatch)
        try:
            erased = await Records(database).erase(ME, NOW)
            whole, requests = erased.whole, erased.requests
        except StoreUnavailable:
            assert marks(path)
        await database.close()

        database = await opened(path)
        assert await images(database) == 7, f"no limit is given back, nor counted twice, after {writes} writes"
        begun = await Records(database).begun()
        assert begun == ([(ME, NOW)] if writes and not whole else [])
        if begun:
            await drawn(database, 50, at=NOW + 5, words="later")
            resumed = await Records(database).erase(ME, NOW + 9, begun[0][1])
            assert resumed.whole
            kept = await Jobs(database).get(f"{50:032x}")
            assert kept
            assert kept.order.words == "later", "what was asked for later stays"
            assert (await Records(database).erase(ME, NOW + 10)).requests == 1
            assert await images(database) == 8
        if writes:
            assert marks(path) == []
            await Records(database).tidy()
            assert {10_000 + number for number in range(7)} <= {
                message.message_id for message in await Records(database).undeleted()
            }
            assert not holds(path, MARK)
            ben = await Jobs(database).get(f"{2_000:032x}")
            assert ben
            assert (ben.order.words, ben.spec, ben.order.base) == ("bluer", None, None)
        await database.close()
        path.unlink()
        writes += 1
    assert requests == 7
    assert writes > 10


@pytest.mark.parametrize(("own", "others"), [(1, 0), (0, 1)])
async def test_no_transaction_grows_with_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: int, others: int
) -> None:
    monkeypatch.setattr(erase, "STEP", 5)

    async def most(times: int) -> int:
        path = tmp_path / f"{times}.sqlite3"
        await lived(path, 2 + own * times, others * times)
        database, changed = await opened(path), [0]
        real = database.write

        async def write(work: Callable[[sqlite3.Connection], Any], *args: Any, **kwargs: Any) -> Any:
            def counted(connection: sqlite3.Connection) -> Any:
                before = connection.total_changes
                result = work(connection)
                changed.append(connection.total_changes - before)
                return result

            return await real(counted, *args, **kwargs)

        monkeypatch.setattr(database, "write", write)
        assert (await Records(database).erase(ME, NOW)).whole
        await database.close()
        assert marks(path) == []
        return max(changed)

    assert await most(60) <= await most(20)


async def test_a_job_on_its_way_is_not_left_behind(tmp_path: Path) -> None:
    await lived(tmp_path / "x.sqlite3", own=3, others=1)
    database = await opened(tmp_path / "x.sqlite3")
    job = Job("f" * 32, Order(MARK), Place(BEN, 2, GUILD), 5, JobState.QUEUED, NOW, parent_id=f"{1:032x}")
    assert isinstance(await Ledger(database).reserve(job, Host((), 99)), Account)
    records = Records(database)
    assert not (await records.erase(ME, NOW)).whole
    assert [unfinished.id for unfinished in await records.unfinished(ME)] == [job.id]
    assert await records.begun() == [(ME, NOW)]
    assert await Ledger(database).settle(job.id, JobState.CANCELLED, NOW)
    assert (await records.erase(ME, NOW)).whole
    assert marks(database.path) == []
    await database.close()


async def test_a_clock_that_was_set_back_leaves_nothing(tmp_path: Path) -> None:
    await lived(tmp_path / "x.sqlite3", own=2, others=0)
    database = await opened(tmp_path / "x.sqlite3")
    assert (await Records(database).erase(ME, NOW - 500)).requests == 2
    assert marks(database.path) == []
    await database.close()
