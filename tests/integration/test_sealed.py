"""The bot on a sealed database: it works as ever, and no file holds a word or a picture."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.jobs import JobState
from bot.storage.database import Database
from bot.storage.sealed_file import check_seal
from bot.storage.sealing import Seal
from tests.fakes import PNG, FakeEngine
from tests.integration.conftest import World, under_more
from tests.integration.test_personal import MARK, erase, files_with, in_dm, rows, zips
from tests.integration.test_replies import reply
from tests.integration.test_review import max_, only_job, policy, review

__all__ = ["max_"]


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "limner.sqlite3", Seal(bytes(range(32))), b"secret")
    await check_seal(opened)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def understood(engine: FakeEngine) -> None:
    engine.answer = json.dumps(
        {"understood": f"{MARK} uu", "keywords": [MARK], "prompt": f"{MARK} pp", "negative": f"{MARK} nn"}
    )


async def test_the_conversation_goes_on_sealed(world: World, tmp_path: Path) -> None:
    await world.ada.slash(world.channel, "imagine", prompt=f"a {MARK} boat", negative=f"{MARK} oo", private=False)
    job = await world.jobs.by_message(world.message.id)
    assert job
    await reply(world, job, f"<@{world.env.bot.user.id}> make it a night of {MARK}", world.ben)
    assert MARK in (await under_more(world.ada, await world.find(job), "Details")).response.embeds[0].description
    await world.ada.click(await world.find(job), label="★")
    for search in ({"search": MARK.upper()}, {"search": MARK, "favourites": True}):
        assert len((await world.ada.slash(world.channel, "my pictures", **search)).response.embeds) == 1
    assert len(await world.ada.autocomplete(world.channel, "imagine", "prompt", MARK)) == 2, "what is typed, and it"
    await world.restart()
    await world.ada.click(await world.find(job), label="Again")
    assert len(await world.pictures()) == 3
    assert files_with(tmp_path, MARK) == []
    await world.ada.slash(world.channel, "my data export")
    entries = await zips(await in_dm(world, world.ada))
    assert [one["words"] for one in json.loads(entries["data.json"])["jobs"]] == [f"a {MARK} boat"] * 2
    await erase(world, world.ada)
    (ben,) = await world.jobs.of_user(world.ben.id, 0, 5)
    assert ben.order.words == f"make it a night of {MARK}"


async def test_what_waits_for_a_moderator_is_sealed_and_erased(world: World, tmp_path: Path, max_: object) -> None:
    await policy(world, max_, "hold")
    await world.ada.slash(world.channel, "imagine", prompt=f"a {MARK} boat")
    job = await only_job(world)
    assert job.state is JobState.HELD
    assert files_with(tmp_path, MARK) == []
    assert files_with(tmp_path, PNG) == []
    assert (await review(world, max_)).embeds or (await review(world, max_)).attachments
    answer = await erase(world, world.ada)
    assert "Erased: one request" in answer.content
    assert await world.messages() == []
    for table in ("jobs", "held", "held_pictures"):
        assert await rows(world, table) == [], table
    assert await world.used(world.ada) == 0
