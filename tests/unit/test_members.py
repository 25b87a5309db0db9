"""What members prefer is kept for each by itself, and forgotten with the last preference."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.preferences import Preferences
from bot.storage.database import Database
from bot.storage.members import Members


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    database = await Database.open(folder / "limner.sqlite3")
    try:
        yield database
    finally:
        await database.close()


async def rows(database: Database) -> int:
    (count,) = await database.read(lambda connection: connection.execute("SELECT count(*) FROM members").fetchone())
    return int(count)


async def test_preferences_are_kept_for_each_member(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        members = Members(database)
        assert await members.get(1) == Preferences()
        await members.set(1, Preferences("watercolor", "wide", private=True))
        await members.set(2**63 - 1, Preferences(shape="tall"))
        await members.set(1, Preferences("photo", "wide", private=True))
    async with opened(tmp_path) as database:
        members = Members(database)
        assert await members.get(1) == Preferences("photo", "wide", private=True)
        assert await members.get(2**63 - 1) == Preferences(shape="tall")
        await members.set(1, Preferences())
        assert (await members.get(1), await rows(database)) == (Preferences(), 1)
