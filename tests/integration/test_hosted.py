"""/imagine on Discord with hosted models, over real HTTP to a server as strict as OpenAI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.client import LimnerBot
from bot.host.engines import open_engine
from bot.settings import read
from bot.storage.database import Database
from engine.api.address import Address
from tests.fakes import FakeClock
from tests.hosted.openai_server import KEY, OpenAIServer, serving
from tests.integration.conftest import World, adapters


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
    async with open_engine(settings, Address("http://engine", Path("/nonexistent"))) as engine:
        yield LimnerBot(adapters(engine, database, clock))


async def test_a_picture_arrives_and_no_id_leaves(world: World, openai: OpenAIServer) -> None:
    words = f"a red boat for {world.ben.mention}, <#{world.channel.id}>"
    await world.ada.slash(world.channel, "imagine", prompt=words)
    async with asyncio.timeout(10):
        while not world.message.attachments:
            await asyncio.sleep(0.02)
            await world.env.settle()
    assert "Understood as: a red boat" in world.message.content
    assert await world.used(world.ada) == 1
    assert [sent.path for sent in openai.requests] == ["/v1/chat/completions", "/v1/images/generations"]
    for sent in openai.requests:
        body = json.dumps(sent.fields)
        for snowflake in (world.ada.id, world.ben.id, world.channel.id, world.env.guild.id):
            assert str(snowflake) not in body
