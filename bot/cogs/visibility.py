"""Whether someone may see a picture where they ask: in a channel, in a list, or by a button's id."""

from __future__ import annotations

import discord

from bot.cogs.responses import Interaction
from bot.domain.jobs import Job


def sees(interaction: Interaction, job: Job) -> bool:
    """One's own pictures are seen everywhere, and another's private ones nowhere.

    Any other by those who are in its channel, or ask elsewhere in its server and may read that channel.
    """
    if interaction.user.id == job.place.user_id:
        return True
    if job.order.private:
        return False
    return interaction.channel_id == job.place.channel_id or _reads(interaction, job)


def _reads(interaction: Interaction, job: Job) -> bool:
    """A private thread has members of its own, whom the bot does not know."""
    member, guild = interaction.user, interaction.guild
    if guild is None or guild.id != job.place.guild_id or not isinstance(member, discord.Member):
        return False
    channel = guild.get_channel_or_thread(job.place.channel_id)
    if channel is None or (isinstance(channel, discord.Thread) and channel.is_private()):
        return False
    may = channel.permissions_for(member)
    return may.view_channel and may.read_message_history
