"""Keeps a client connected to Discord: reconnects with back-off while Discord is unwell, and drains when told to stop.

Invariant: there is one client at a time, and none is made any more once it is to leave.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import discord
import stamina

from bot.client import LimnerBot
from bot.host.heartbeat import heartbeat
from bot.operator_errors import CannotStart
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

LOGIN_ATTEMPTS = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 120.0
"""Between two attempts. Discord lets a bot identify itself a thousand times a day."""
STEADY_S = 60.0
"""A connection that lived for so long was well, and the next failure is another one."""
BAD_TOKEN = 4004
KNOWN = (aiohttp.ClientError, discord.DiscordException, OSError, AttributeError)
"""What a Discord that is unwell raises. AttributeError: discord.py 2.7.1 when the first handshake fails."""


class DiscordConnection:
    """Keeps a client of `make` on Discord. Before Discord once took it, it gives up after LOGIN_ATTEMPTS."""

    def __init__(self, make: Callable[[], LimnerBot], token: str, home: Path) -> None:
        self._make, self._token, self._home = make, token, home
        self._client: LimnerBot | None = None
        self._was_ready = self._is_leaving = False
        self._failures = 0

    @property
    def client(self) -> LimnerBot | None:
        """The present client; None before there is one."""
        return self._client

    @property
    def is_ready(self) -> bool:
        """Whether the present client has been on Discord."""
        return self._client is not None and self._client.was_ready

    async def run(self) -> None:
        """Stay until drained or cancelled. Raises CannotStart where starting again does not help."""
        while not self._is_leaving:
            async for attempt in stamina.retry_context(_is_worth_it, None, None, FIRST_PAUSE_S, LONGEST_PAUSE_S):
                with attempt:
                    await self._stay()

    async def drain(self, grace_s: float) -> None:
        """Take no more orders, and give those that are on their way so many seconds."""
        self._is_leaving = True
        if self._client is not None:
            await self._client.drain(grace_s)

    async def _stay(self) -> None:
        """Let one client live; return where it was well for long. Raises CannotStart, or what ended it."""
        if self._is_leaving:
            return
        began = time.monotonic()
        client = self._client = self._make()
        try:
            async with client, heartbeat(self._home, client.is_on_discord):
                await client.start(self._token)
        except discord.LoginFailure as error:
            raise CannotStart("start-token-refused") from error
        except discord.PrivilegedIntentsRequired as error:
            raise CannotStart("start-intents-refused") from error
        except Exception as error:  # also what is no event or no JSON at all ends discord.py's client
            if isinstance(error, discord.ConnectionClosed) and error.code == BAD_TOKEN:
                raise CannotStart("start-token-refused") from error
            is_known = isinstance(error, KNOWN) and not isinstance(error, AttributeError)  # that one may be ours
            log.warning("discord.lost", detail=str(error), exc_info=not is_known)
            self._count(client, error)
            if time.monotonic() - began < STEADY_S:
                raise

    def _count(self, client: LimnerBot, error: Exception) -> None:
        """Raises CannotStart where Discord never took the bot and was asked often enough."""
        self._was_ready |= client.was_ready
        self._failures += 1
        if not self._was_ready and self._failures >= LOGIN_ATTEMPTS:
            raise CannotStart("start-discord-unreachable", why=str(error)) from error


def _is_worth_it(error: BaseException) -> bool:
    """Being cancelled is shown to this function, too."""
    return isinstance(error, Exception) and not isinstance(error, CannotStart)
