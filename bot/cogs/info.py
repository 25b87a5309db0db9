"""/help, /styles and /status."""

from __future__ import annotations

from discord import app_commands

from bot.cogs.paged_lists import PagedLists
from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.ui.command_translator import localised
from bot.ui.help import help_text
from bot.ui.paging import STYLES
from bot.ui.status import status_text
from engine.api.errors import EngineError
from engine.api.messages import Status


def add_info(tree: app_commands.CommandTree, services: Services, lists: PagedLists) -> None:
    """Add the commands to the tree."""

    @tree.command(name="help", description=localised("command-help"))
    async def show_help(interaction: Interaction) -> None:
        await interaction.response.send_message(help_text(own_locale(interaction)), ephemeral=True)

    @tree.command(name="styles", description=localised("command-styles"))
    async def show_styles(interaction: Interaction) -> None:
        await lists.show(interaction, STYLES)

    @tree.command(name="status", description=localised("command-status"))
    async def show_status(interaction: Interaction) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        queue: Status | EngineError
        try:
            queue = await services.catalog.status()
        except EngineError as error:
            queue = error
        made = services
        answer = status_text(
            own_locale(interaction),
            queue,
            made.catalog.loaded,
            paused=await made.moderation.paused(interaction.guild_id),
            running=made.orders.running,
            since=made.started_at,
            now=made.clock.now(),
            shards=interaction.client.shard_states(),
        )
        await interaction.edit_original_response(content=answer)
