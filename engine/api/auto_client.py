"""A client that finds out at its first use whether the server is Limner's engine or another OpenAI-compatible one.

Invariant: each request goes through the client for that server; after a lost connection it is found out anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from types import TracebackType
from typing import Self

from engine.api.address import Address
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.client import EngineClient
from engine.api.dialect import Scrub
from engine.api.errors import EngineError, ModelLoading, Unavailable
from engine.api.hosted import HostedClient
from engine.api.messages import ChatRequest, ImageEvent, ImageRequest, Model, StartImage, Status


class AutoClient:
    """The client of ENGINE_URL or PLANNER_URL. Use it as an async context manager, or close it.

    `painter` and `planner` name a hosted service's models, as in HostedClient; Limner's engine knows its own. `scrub`
    removes from a text what must not leave this machine.
    """

    def __init__(
        self,
        address: Address,
        api_key: str | None,
        scrub: Scrub,
        *,
        painter: str | None = None,
        planner: str | None = None,
    ) -> None:
        self._limner = EngineClient(address, api_key)
        self._hosted = HostedClient(address, api_key, scrub, painter=painter, planner=planner)
        self._chosen: EngineClient | HostedClient | None = None
        self._choosing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; what still runs on them ends with Unavailable."""
        await self._limner.close()
        await self._hosted.close()

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        async with self._client() as client:
            return await client.chat(request, on_progress)

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        async with self._client() as client, aclosing(client.images(request, key=key, start=start)) as events:
            async for event in events:
                yield event

    async def models(self) -> list[Model]:
        async with self._client() as client:
            return await client.models()

    async def cancel(self, key: str) -> None:
        async with self._client() as client:
            await client.cancel(key)

    async def ready(self) -> bool:
        try:
            async with self._client() as client:
                ready = await client.ready()
        except (ModelLoading, Unavailable):
            return False
        except EngineError:
            return True
        if not ready:
            self._chosen = None
        return ready

    async def status(self) -> Status:
        async with self._client() as client:
            return await client.status()

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[EngineClient | HostedClient]:
        async with self._choosing:
            if self._chosen is None:
                self._chosen = self._limner if await self._limner.recognise() else self._hosted
            client = self._chosen
        try:
            yield client
        except Unavailable:
            self._chosen = None
            raise
