"""The one message with which the bot greets a server that it joins, where it may write: the three things one can do."""

from __future__ import annotations

import discord

from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.i18n import text
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


async def greet(guild: discord.Guild) -> None:
    """Post the greeting in the server's system channel, else in the first where the bot may write; nowhere else."""
    channels = [guild.system_channel, *guild.text_channels]
    for channel in channels:
        if channel is None:
            continue
        may = channel.permissions_for(guild.me)
        if may.view_channel and may.send_messages:
            try:
                await channel.send(text(str(guild.preferred_locale), "greeting"), suppress_embeds=True)
            except DISCORD_FAILURES as error:
                log.info("greeting.unsent", detail=str(error))
            return
