"""The command tree: checks before a moderators' command runs that its user may use it."""

from __future__ import annotations

import time
from typing import Any, cast

import discord
from discord import app_commands

from bot.cogs.requester import actor, ask_delegation
from bot.cogs.responses import Interaction
from bot.domain.actor import NotModerator, check_moderator
from bot.services.delegation import Delegation

BEGAN = "began"


class CommandTree(app_commands.CommandTree[Any]):
    """Guild installs and direct messages; no user installs."""

    def __init__(self, client: discord.Client, delegation: Delegation) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self._delegation = delegation

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Let nobody but moderators at a moderators' command: whatever it asks itself, this is asked before."""
        interaction.extras[BEGAN] = time.monotonic()
        name = str(cast("dict[str, Any]", interaction.data or {}).get("name", ""))
        command = self.get_command(name)
        if command is None or command.default_permissions is None:
            return True
        await ask_delegation(interaction, self._delegation, name)
        try:
            check_moderator(actor(interaction), interaction.guild_id)
        except NotModerator as error:
            if interaction.type is discord.InteractionType.autocomplete:
                return False
            raise app_commands.CheckFailure from error
        return True


def asked(interaction: Interaction) -> tuple[str, float | None]:
    """Return the name of the command that was asked for, and when it came, in seconds of the monotonic clock."""
    name = interaction.command.qualified_name if interaction.command else "unknown"
    return name, interaction.extras.get(BEGAN)
