"""A database of each earlier version goes on under today's bot: open jobs, old buttons, replies and start pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.domain.jobs import JobState, Kind
from bot.storage.database import Database
from bot.storage.migrate import migrations
from bot.storage.snapshot import check_database
from tests.fakes import PNG
from tests.integration.conftest import World
from tests.integration.test_replies import reply
from tests.old_database import START_PICTURES, STARTS, write_old

NEWEST = len(migrations())
SAMPLED = {1, STARTS, START_PICTURES - 1, START_PICTURES}
"""The versions that `make test` tries beside the newest four; `make full` tries all."""


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[list[Database]]:
    """Databases to close after the bot."""
    databases: list[Database] = []
    yield databases
    for database in databases:
        await database.close()


async def rows(world: World) -> dict[str, list[dict[str, Any]]]:
    """Return today's jobs and reservations, oldest first."""
    return await world.database.read(
        lambda connection: {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY rowid")]
            for table in ("jobs", "reservations")
        }
    )


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(version, marks=() if version in SAMPLED or version > NEWEST - 4 else pytest.mark.full)
        for version in range(1, NEWEST + 1)
    ],
)
async def test_a_database_of_each_version_goes_on(
    opened: list[Database], world: World, version: int, tmp_path: Path
) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7)
    done = await world.jobs.by_message(world.message.id)
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=8)
    going = await world.jobs.by_message(world.message.id)
    assert done
    assert going
    write_old(tmp_path / "old.sqlite3", version, await rows(world))
    world.database = await Database.open(tmp_path / "old.sqlite3")
    opened.append(world.database)
    chats = len(world.engine.chats)
    await world.restart()

    ended = await world.jobs.get(going.id)
    assert ended
    assert (ended.state, ended.message_id) == (JobState.DONE, going.message_id)
    assert len((await world.find(going)).attachments) == 1, "the open job went on in its message"
    assert await world.used(world.ada) == 2

    began = len(world.engine.painted)
    await world.ben.click(await world.find(done), label="Again")
    again = await world.jobs.by_message(world.message.id)
    assert again
    assert (again.state, again.parent_id) == (JobState.DONE, done.id)
    assert world.engine.painted[began][0].prompt == "a red boat on a calm lake"
    assert len(world.engine.chats) == chats, "what was understood is there"

    await reply(world, done, "at night", world.ben)
    refined = await world.jobs.by_message(world.message.id)
    assert refined
    assert (refined.state, refined.parent_id, refined.order.kind) == (JobState.DONE, done.id, Kind.REFINE)

    starts = [start and (start.image, start.strength) for start in world.engine.starts[began - 1 : began + 1]]
    assert starts == [(PNG, 0.5) if version >= STARTS else None] * 2, "of the open job, and of Again"
    assert await world.jobs.start_images(done.id) == ((PNG,) if version >= STARTS else ())
    assert check_database(tmp_path / "old.sqlite3") == NEWEST
