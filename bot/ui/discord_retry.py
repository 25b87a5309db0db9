"""Retries of requests to Discord after a rate limit (429), a fault of Discord's (5xx) or a lost connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord
import stamina

from bot.services.retry import retried

T = TypeVar("T")

DISCORD_FAILURES = (discord.HTTPException, aiohttp.ClientError, OSError)
"""What a request to Discord raises when it is refused, and when the connection breaks."""
LONGEST_PAUSE_S = 60.0
patiently = stamina.AsyncRetryingCaller(attempts=8, timeout=120.0, wait_initial=1.0, wait_max=30.0)
"""A picture is there, so a Discord that is unwell is waited for, for two minutes."""
_hastily = stamina.AsyncRetryingCaller(attempts=4, timeout=2.0, wait_initial=0.2, wait_max=0.8, wait_jitter=0.1)
"""Discord gives an interaction three seconds for its first answer."""


async def soon(request: Callable[[], Awaitable[T]]) -> T:
    """As `repeated`, for the first answer to an interaction."""
    return await retried(_hastily, _pause, request)


async def repeated(request: Callable[[], Awaitable[T]]) -> T:
    """Return what the request gives, made again after a failure that passes. Raises the last failure."""
    return await retried(patiently, _pause, request)


def passes(error: Exception) -> bool:
    """Whether the same may go well later: after a fault of Discord's, a rate limit, a lost connection."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    return isinstance(error, DISCORD_FAILURES)


def _pause(error: Exception) -> bool | float:
    """Return whether to repeat or, where the answer says that, after how many seconds."""
    if isinstance(error, discord.HTTPException) and error.status == 429:
        try:
            return min(LONGEST_PAUSE_S, max(0.0, float(error.response.headers["Retry-After"])))
        except (KeyError, ValueError, AttributeError):
            return True
    return passes(error)
