"""Whether a server's owner gave a member a moderators' command (Server Settings → Integrations), without Manage Server.

The owner's settings are cached for a minute, or until Discord reports a change. Invariant: while they are unknown,
nobody has a command by them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection

from bot.domain.delegation import Overwrites
from bot.services.ports.clock import Clock
from bot.services.ports.moderation import CommandSettings, OverwritesUnknown
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

KEPT_S = 60.0
KEPT_MOST = 1_000
TIMEOUT_S = 1.5
"""An interaction must be answered within 3 s."""


class Delegation:
    """Reads the settings from Discord, through a cache."""

    def __init__(self, settings: CommandSettings, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        self._settings, self._clock, self._timeout_s = settings, clock, timeout_s
        self._kept: OrderedDict[tuple[int, str], tuple[float, Overwrites]] = OrderedDict()

    async def given(self, command: str, guild_id: int, user_id: int, roles: Collection[int], channel_id: int) -> bool:
        """Whether the owner gave the command to this member in this channel, or in its parent where it is a thread."""
        try:
            async with asyncio.timeout(self._timeout_s):
                overwrites = await self._overwrites(guild_id, command)
        except (OverwritesUnknown, TimeoutError) as error:
            log.warning("delegation.unknown", command=command, detail=str(error) or type(error).__name__)
            return False
        return overwrites.give(guild_id, user_id, roles, channel_id)

    def forget(self, guild_id: int) -> None:
        """Ask anew about a server: something was changed there."""
        for key in [kept for kept in self._kept if kept[0] == guild_id]:
            del self._kept[key]

    async def _overwrites(self, guild_id: int, command: str) -> Overwrites:
        key, now = (guild_id, command), self._clock.now()
        kept = self._kept.get(key)
        if kept is None or now - kept[0] >= KEPT_S:
            kept = self._kept[key] = (now, await self._settings.overwrites(guild_id, command))
            while len(self._kept) > KEPT_MOST:
                self._kept.popitem(last=False)
        return kept[1]
