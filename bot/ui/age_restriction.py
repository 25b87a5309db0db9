"""Whether a channel is age-restricted, asked of Discord."""

from __future__ import annotations

import discord

from bot.ui.discord_retry import DISCORD_FAILURES
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


class DiscordRooms:
    """Implements services.ports.review.Rooms; a thread is as its channel."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def age_restricted(self, channel_id: int) -> bool:
        channel = self._client.get_channel(channel_id)
        if channel is None:  # as a thread that was not used for long
            try:
                channel = await self._client.fetch_channel(channel_id)
            except (*DISCORD_FAILURES, discord.InvalidData) as error:
                log.info("channel.unknown", detail=str(error))
                return False
        if isinstance(channel, discord.Thread | discord.abc.GuildChannel):
            return bool(getattr(channel, "is_nsfw", bool)())
        return False
