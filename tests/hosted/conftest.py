"""A strict server and a tolerant one, and the bot's way to each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from bot.domain.outgoing import scrub
from engine.api.address import parse_engine_url
from engine.api.auto_client import AutoClient
from tests.hosted.openai_server import KEY, OpenAIServer, serving


@pytest_asyncio.fixture
async def openai() -> AsyncIterator[OpenAIServer]:
    async with serving(OpenAIServer()) as server:
        yield server


@pytest_asyncio.fixture
async def vllm() -> AsyncIterator[OpenAIServer]:
    async with serving(OpenAIServer(tolerant=True)) as server:
        yield server


def service(
    url: str, painter: str | None = "gpt-image-1", planner: str | None = "gpt-4.1-mini", key: str | None = KEY
) -> AutoClient:
    return AutoClient(parse_engine_url(url), key, scrub, painter=painter, planner=planner)
