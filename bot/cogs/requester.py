"""Who asks, where, and with which roles and permissions, read from an interaction or a message."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.actor import Actor
from bot.domain.jobs import Place
from bot.errors import PermissionsMissing
from bot.services.delegation import Delegation

DELEGATED = "delegated"


def place(interaction: discord.Interaction[Any], *, private: bool = False) -> Place:
    """Return who asks and where; what all see is in the server's locale, what the asker alone sees in the asker's."""
    locale = (None if private else interaction.guild_locale) or interaction.locale
    if interaction.channel_id is None:
        raise PermissionsMissing(["view_channel"])
    return Place(
        interaction.user.id,
        interaction.channel_id,
        interaction.guild_id,
        str(locale),
        roles_of(interaction.user),
        parent_of(interaction.channel),
    )


def place_of(message: discord.Message, usual: str) -> Place:
    """Return who wrote a message and where; it does not tell a locale, so the server's counts, else the usual."""
    guild = message.guild
    locale = str(guild.preferred_locale) if guild else usual
    guild_id, channel = guild.id if guild else None, message.channel
    return Place(message.author.id, channel.id, guild_id, locale, roles_of(message.author), parent_of(channel))


def parent_of(channel: object) -> int | None:
    """Return the channel that a thread belongs to."""
    return channel.parent_id if isinstance(channel, discord.Thread) else None


def roles_of(person: discord.abc.User) -> tuple[int, ...]:
    """Return the ids of a member's roles; someone who is not in the server has none."""
    return tuple(role.id for role in person.roles) if isinstance(person, discord.Member) else ()


def actor(interaction: discord.Interaction[Any]) -> Actor:
    """Return who gives a moderator's order, with the permissions that Discord sent along, or the owner gave them."""
    user = interaction.user
    guild_id = user.guild.id if isinstance(user, discord.Member) and _is_there(interaction) else None
    has = interaction.permissions
    manages = has.administrator or has.manage_guild or interaction.extras.get(DELEGATED) is True
    return Actor(user.id, guild_id, manages, user.bot)


def _is_there(interaction: discord.Interaction[Any]) -> bool:
    """Whether the channel belongs to the server that the interaction names, as far as is known."""
    known = interaction.client.get_channel(interaction.channel_id or 0)
    return not isinstance(known, discord.abc.GuildChannel | discord.Thread) or known.guild.id == interaction.guild_id


async def ask_delegation(interaction: discord.Interaction[Any], delegation: Delegation, command: str) -> None:
    """Find out, before `actor` is asked, whether the server's owner gave the command to someone who does not manage."""
    user, guild_id = interaction.user, interaction.guild_id
    if (
        guild_id is None
        or not isinstance(user, discord.Member)
        or user.guild.id != guild_id
        or actor(interaction).manages
    ):
        return
    channel_id = parent_of(interaction.channel) or interaction.channel_id or 0
    given = await delegation.given(command, guild_id, user.id, roles_of(user), channel_id)
    interaction.extras[DELEGATED] = given
