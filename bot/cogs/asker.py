"""Who asks for something that only moderators may, as an interaction tells it."""

from __future__ import annotations

import discord

from bot.cogs.context import Interaction
from bot.domain.moderation import Actor


def actor(interaction: Interaction) -> Actor:
    """Return who asks, and whether they manage the server that they ask in."""
    member = interaction.user
    manages = isinstance(member, discord.Member) and interaction.permissions.manage_guild
    return Actor(member.id, interaction.guild_id, manages, member.bot)
