"""A database of each earlier version goes on under today's bot: open jobs, old buttons, replies and start pictures."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import discord
import pytest
import pytest_asyncio

from bot.domain.jobs import JobState, Kind
from bot.storage.database import Database
from bot.storage.migrate import migrations
from bot.storage.snapshot import check_database
from engine.api.messages import Model, ModelFacts
from tests.fakes import PNG
from tests.integration.conftest import World
from tests.integration.test_replies import reply
from tests.integration.test_review import checked, imagine, max_, policy, review
from tests.old_database import START_PICTURES, STARTS, insert, write_old

__all__ = ["max_"]

NEWEST = len(migrations())
HELD = 7
"""The version that brought pictures which wait for a moderator."""
OTHERS = [number for number in range(HELD, NEWEST + 1) if number not in (HELD, START_PICTURES)]
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


@pytest.mark.parametrize("version", [HELD, START_PICTURES, *(pytest.param(n, marks=pytest.mark.full) for n in OTHERS)])
async def test_a_picture_that_waits_for_a_moderator_goes_on(
    opened: list[Database], world: World, max_: Any, version: int, tmp_path: Path
) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    found = await rows(world)
    (job_id,) = [job["id"] for job in found["jobs"]]
    tables = ("held", "held_pictures")
    held = await world.database.read(
        lambda connection: {t: [dict(row) for row in connection.execute(f"SELECT * FROM {t}")] for t in tables}
    )
    write_old(tmp_path / "old.sqlite3", version, {**found, "starts": []})
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as connection, connection:
        for table in tables:
            for row in held[table]:
                insert(connection, table, row)
    world.database = await Database.open(tmp_path / "old.sqlite3")
    opened.append(world.database)
    checked(world, "on", [0.9])
    await world.restart()

    waiting = await world.jobs.get(job_id)
    assert waiting
    assert waiting.state is JobState.HELD
    assert await world.used(world.ada) == 1, "it stays reserved"
    await max_.click(await review(world, max_), label="Release")
    ended = await world.jobs.get(job_id)
    assert ended
    assert ended.state is JobState.DONE
    assert len((await world.find(ended)).attachments) == 1
    assert await world.used(world.ada) == 1


MODELS = 22
"""The version in which a rule may be of one model."""


async def test_rules_and_uses_of_before_models_go_on(opened: list[Database], world: World, tmp_path: Path) -> None:
    """The rules are of all models; what was painted counts for its model, and what is not known for each."""
    boss = world.env.guild.add_member(world.env.create_user("Boss"), roles=[_managers(world)])
    world.engine.listed = [Model("fake", limner=ModelFacts("painter")), Model("big", limner=ModelFacts("painter"))]
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    await world.ben.slash(world.channel, "imagine", prompt="a red boat")
    found, guild, path = await rows(world), world.env.guild.id, tmp_path / "old.sqlite3"
    found["jobs"][1] |= {"size": None, "model": None}  # nobody knows what painted for Ben
    rule = {"guild_id": guild, "target_id": guild, "kind": "everyone", "per": "hour", "images": 3, "at_once": 2}
    write_old(path, MODELS - 1, found)
    with closing(sqlite3.connect(path)) as connection, connection:
        insert(connection, "rules", rule | {"reason": "calm", "expires_at": None, "set_by": 9, "set_at": 1.0})
        tallies = connection.execute("SELECT * FROM tallies ORDER BY user_id").fetchall()
    world.database = await Database.open(path)
    opened.append(world.database)
    kept = "SELECT * FROM tallies ORDER BY user_id"
    assert [tuple(row) for row in await world.database.read(lambda c: c.execute(kept).fetchall())] == tallies
    await world.restart()
    await world.bot.services.catalog.refresh()
    shown = (await boss.slash(world.channel, "limits show")).response.content
    assert "everyone: 3 each hour · reason: calm · 2 requests at once" in shown
    for model in ("fake", "big"):
        options = {"target": world.env.guild.default_role, "images": 1, "per": "day", "model": model}
        await boss.slash(world.channel, "limits set", **options)

    async def usage(who: Any) -> str:
        return str((await who.slash(world.channel, "my usage")).response.content)

    assert "0 of 1 pictures with fake left this day" in await usage(world.ada)
    assert "1 of 1 pictures with big left this day" in await usage(world.ada)
    assert (await usage(world.ben)).count("0 of 1 pictures with") == 2


def _managers(world: World) -> Any:
    return world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
