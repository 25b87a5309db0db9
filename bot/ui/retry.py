"""Requests to Discord that are worth repeating: what is repeated must be safe to repeat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord
import structlog

T = TypeVar("T")
log = structlog.get_logger(__name__)

DISCORD_FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What a request to Discord raises when it is refused, and when the connection breaks."""
PAUSES_S = (1.0, 5.0, 15.0)
"""Before each repetition: a picture is there, so a Discord that is unwell for a moment is waited for."""


async def repeated(request: Callable[[], Awaitable[T]]) -> T:
    """Return what the request gives, made again after a failure that passes. Raises the last failure."""
    for pause in PAUSES_S:
        try:
            return await request()
        except DISCORD_FAILURES as error:
            if not _passes(error):
                raise
            log.info("discord.repeated", pause_s=pause, detail=str(error) or type(error).__name__)
        await asyncio.sleep(pause)
    return await request()


def _passes(error: Exception) -> bool:
    """Whether the same may go well later: after a fault of Discord's, a rate limit, a lost connection."""
    return not isinstance(error, discord.HTTPException) or error.status >= 500 or error.status == 429
