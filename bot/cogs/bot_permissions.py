"""Whether the bot has the Discord permissions that a picture takes in a channel; asked before anything is reserved.

Who may draw in the channel is the server's decision, and `services/gate.py` asks for it.
"""

from __future__ import annotations

from typing import Any

import discord

from bot.errors import PermissionsMissing
from bot.host.permissions import needed


def check_permissions(interaction: discord.Interaction[Any], *, private: bool = False) -> None:
    """Raise PermissionsMissing where the bot could not carry a picture from start to end."""
    if interaction.guild_id is None:
        return
    _check(interaction.app_permissions, needed(interaction.channel, private=private))


def check_permissions_at(message: discord.Message) -> None:
    """The same where someone replied; a channel that discord.py does not know is found out when posting."""
    channel = message.channel
    if message.guild is not None and isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        check_permissions_in(channel)


def check_permissions_in(channel: discord.abc.GuildChannel | discord.Thread) -> None:
    """The same in a channel of a server."""
    _check(channel.permissions_for(channel.guild.me), needed(channel))


def _check(has: discord.Permissions, names: tuple[str, ...]) -> None:
    missing = [name for name in names if not getattr(has, name)]
    if missing:
        raise PermissionsMissing(missing)
