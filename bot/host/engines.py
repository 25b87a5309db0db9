"""Opens the engine that the settings name: our own, one elsewhere, a hosted service, or one for each task.

Invariant: a key goes only to the address that it was set for; words for a hosted service are scrubbed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.domain.outgoing import scrub
from bot.services.ports.engine import Engine
from bot.services.split_engine import SplitEngine
from bot.settings import Settings
from engine.api.address import Address
from engine.api.auto_client import AutoClient
from engine.api.client import EngineClient


@asynccontextmanager
async def open_engine(settings: Settings, own: Address) -> AsyncIterator[Engine]:
    """Lend what paints and reads: at ENGINE_URL, else the engine at `own`; the reading at PLANNER_URL where set."""
    async with _painter(settings, own) as painter:
        if settings.planner is None:
            yield painter
            return
        key = settings.planner_api_key or None
        async with AutoClient(settings.planner, key, scrub, planner=settings.planner_model) as planner:
            yield SplitEngine(painter, planner)


def not_for_the_engine(settings: Settings) -> Sequence[str]:
    """Return the settings that an engine of our own must not see, because they name a hosted service's model."""
    return ["LIMNER_PLANNER"] if settings.planner else []


def _painter(settings: Settings, own: Address) -> EngineClient | AutoClient:
    key = settings.engine_api_key or None
    if settings.engine is None:
        return EngineClient(own, key)
    planner = None if settings.planner else settings.planner_model or None
    return AutoClient(settings.engine, key, scrub, painter=settings.painter_model, planner=planner)
