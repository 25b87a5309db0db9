"""Reads a server's command permissions (Server Settings → Integrations) from Discord."""

from __future__ import annotations

from collections.abc import Iterable

import discord
from discord import app_commands

from bot.domain.delegation import Overwrite, Overwrites, Subject
from bot.services.ports.moderation import OverwritesUnknown
from bot.ui.discord_retry import DISCORD_FAILURES

NOTHING_SET = 10_066
"""Discord's code where a command, or the application, has no settings in a server."""


class DiscordCommandSettings:
    """Implements services.ports.moderation.CommandSettings."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._ids: dict[str, int] = {}

    def learn(self, commands: Iterable[app_commands.AppCommand]) -> None:
        """Keep the ids that Discord gave the commands when they were synced."""
        self._ids = {command.name: command.id for command in commands}

    async def overwrites(self, guild_id: int, command: str) -> Overwrites:
        application_id, command_id = self._client.application_id, self._ids.get(command)
        if application_id is None or command_id is None:
            raise OverwritesUnknown("the commands are not synced yet")
        # Discord keeps the application's own settings under its id, in a command's stead.
        return Overwrites(
            await self._of(application_id, guild_id, command_id),
            await self._of(application_id, guild_id, application_id),
        )

    async def _of(self, application_id: int, guild_id: int, target_id: int) -> tuple[Overwrite, ...]:
        try:
            answer = await self._client.http.get_application_command_permissions(application_id, guild_id, target_id)
            return tuple(
                Overwrite(Subject(one["type"]), int(one["id"]), bool(one["permission"]))
                for one in answer["permissions"]
            )
        except discord.NotFound as error:
            if error.code == NOTHING_SET:
                return ()
            raise OverwritesUnknown(str(error)) from error
        except (*DISCORD_FAILURES, ValueError) as error:
            raise OverwritesUnknown(str(error)) from error
