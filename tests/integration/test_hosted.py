"""/imagine on Discord with hosted models, over real HTTP to a server as strict as OpenAI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from bot.client import LimnerBot
from bot.domain.quota import Limit
from bot.host.engines import open_engine
from bot.services.orders import Rules
from bot.settings import read
from bot.storage.database import Database
from tests.engine.pictures import file
from tests.fakes import SPEC, FakeClock
from tests.hosted.openai_server import KEY, OpenAIServer, serving
from tests.integration import conftest
from tests.integration.conftest import SimCordCdn, World, adapters


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


@pytest_asyncio.fixture
async def openai() -> AsyncIterator[OpenAIServer]:
    async with serving(OpenAIServer()) as server:
        yield server


@pytest_asyncio.fixture
async def simcord_bot(
    openai: OpenAIServer, database: Database, clock: FakeClock, swift: None
) -> AsyncIterator[LimnerBot]:
    names = {"LIMNER_MODEL": "gpt-image-1", "LIMNER_PLANNER": "gpt-4.1-mini"}
    settings = read({"ENGINE_URL": openai.url, "ENGINE_API_KEY": KEY, **names})
    async with open_engine(settings, ()) as engine:
        cdn = SimCordCdn()
        cdn.client = LimnerBot(adapters(engine, database, clock, cdn))
        cdn.client.shard_count = 1  # SimCord must be told
        yield cdn.client


async def painted(world: World) -> Any:
    """Return the newest message once its picture and its buttons are there."""
    async with asyncio.timeout(10):
        while not world.message.attachments or "Cancel" in world.labels():
            await asyncio.sleep(0.02)
            await world.env.settle()
    return world.message


async def test_a_picture_arrives_and_no_id_leaves(world: World, openai: OpenAIServer) -> None:
    words = f"a red boat for {world.ben.mention}, <#{world.channel.id}>"
    await world.ada.slash(world.channel, "imagine", prompt=words)
    await painted(world)
    assert "Understood as: a red boat" in world.message.content
    assert await world.used(world.ada) == 1
    assert [sent.path for sent in openai.requests] == ["/v1/chat/completions", "/v1/images/generations"]
    for sent in openai.requests:
        body = json.dumps(sent.fields)
        for snowflake in (world.ada.id, world.ben.id, world.channel.id, world.env.guild.id):
            assert str(snowflake) not in body


def edited(openai: OpenAIServer, instruction: str, *pictures: bytes, **more: str) -> None:
    """Check that the last request edits these pictures by this instruction, and holds nothing else."""
    sent = openai.requests[-1]
    assert sent.path == "/v1/images/edits"
    own = {"model": "gpt-image-1", "prompt": instruction, "n": "1", "stream": "true", "partial_images": "2"}
    assert sent.fields == own | more
    (name,) = sent.files
    assert (name, [data for *_, data in sent.files[name]]) == ("image[]" if len(pictures) > 1 else "image", [*pictures])


async def test_each_way_sends_the_instruction_and_the_pictures_in_the_service_s_form(
    world: World, openai: OpenAIServer
) -> None:
    photo, hat, coat = (file(Image.new("RGB", (16, 16), colour)) for colour in ("orange", "purple", "grey"))
    await world.bot.services.catalog.refresh()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    parent = await painted(world)
    shown = await parent.attachments[0].read()

    def to_do(instruction: str) -> str:
        meant = {"kind": "change", "version": None, "picture": None, "instruction": instruction}
        openai.content = json.dumps({**SPEC, **meant})
        return instruction

    do = to_do("Make it night; keep the boat.")
    await world.ada.send(world.channel, "make it night", reply_to=parent)
    await painted(world)
    edited(openai, do, shown, size="1024x1024")

    do = to_do("Add snow to the shore.")
    form = await world.ada.click(parent, label="Refine")
    await world.ada.submit_modal(form, {"words": "some snow"})
    await painted(world)
    edited(openai, do, shown, size="1024x1024")

    do = to_do("Turn it into a watercolor.")
    form = await world.ada.context_menu(world.channel, "Start from this picture", parent)
    await world.ada.submit_modal(form, {"words": "as a watercolor"})
    await painted(world)
    edited(openai, do, shown)

    do = to_do("Dress the person in the other pictures' clothes.")
    files = {"image": ("me.png", photo), "image2": ("hat.png", hat), "image3": ("coat.png", coat)}
    await world.ada.slash(world.channel, "imagine", prompt="me with these on", **files)
    await painted(world)
    edited(openai, do, photo, hat, coat)

    do = to_do("Put the hat of the second picture on the boat.")
    await world.ada.send(world.channel, "put this on", reply_to=parent, attachments=[("hat.png", hat)])
    await painted(world)
    edited(openai, do, shown, hat, size="1024x1024")
    assert openai.refusals == []
