"""Whether the engine takes work. Those who wait for it share one question a second, however many they are."""

from __future__ import annotations

import asyncio
from enum import Enum

from bot.services.ports.engine import Engine
from engine.api import errors

POLL_S = 1.0


class State(Enum):
    READY = "ready"
    LOADING = "loading"
    """It answers, and its models are on their way, or it is about to be restarted."""
    AWAY = "away"


class Readiness:
    """Asks one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._next: asyncio.Task[State] | None = None

    async def now(self) -> State:
        if await self._engine.ready():
            return State.READY
        try:
            await self._engine.models()
        except errors.EngineError as error:
            return State.LOADING if isinstance(error, errors.ModelLoading) else State.AWAY
        return State.LOADING

    async def next(self) -> State:
        """Return how things stand in a moment; who asks meanwhile gets the same answer."""
        if self._next is None or self._next.done():
            self._next = asyncio.create_task(self._later(), name="engine-readiness")
        return await asyncio.shield(self._next)

    async def _later(self) -> State:
        await asyncio.sleep(POLL_S)
        return await self.now()
