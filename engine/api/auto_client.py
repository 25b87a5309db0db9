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
        self._choosing: asyncio.Task[EngineClient | HostedClient] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; what still runs on them ends with Unavailable."""
        if self._choosing is not None:
            self._choosing.cancel()
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

    async def holds(self, key: str) -> bool:
        try:
            async with self._client() as client:
                return await client.holds(key)
        except EngineError:
            return False

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

    async def _choose(self) -> EngineClient | HostedClient:
        """Find out which server it is; all who ask meanwhile share the answer, so that one that hangs costs it once."""
        if self._choosing is None or self._choosing.done():
            self._choosing = asyncio.create_task(self._recognised(), name="engine-recognition")
            # Where all who asked went away, nobody else takes note of its error.
            self._choosing.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._chosen = await asyncio.shield(self._choosing)
        return self._chosen

    async def _recognised(self) -> EngineClient | HostedClient:
        return self._limner if await self._limner.recognise() else self._hosted

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[EngineClient | HostedClient]:
        client = self._chosen or await self._choose()
        try:
            yield client
        except Unavailable:
            self._chosen = None
            raise
