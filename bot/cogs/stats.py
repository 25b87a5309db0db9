"""/stats: a server's figures of the last days, as a chart and as text."""

from __future__ import annotations

from io import BytesIO

import discord
from discord import app_commands

from bot.cogs.responses import Interaction, moderator, own_locale
from bot.cogs.services import Services
from bot.domain.stats import MOST_DAYS, USUAL_DAYS
from bot.services.ports.statistics import ChartFailed, ChartsMissing
from bot.ui.command_translator import localised
from bot.ui.stats import alt_text, labels, plain_labels, stats_text
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


def add_stats(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the command; Discord shows it to those with Manage Server, in servers alone."""

    @tree.command(name="stats", description=localised("command-stats"))
    @app_commands.describe(days=localised("option-days"))
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def stats(interaction: Interaction, days: app_commands.Range[int, 1, MOST_DAYS] = USUAL_DAYS) -> None:
        who, locale = await moderator(interaction), own_locale(interaction)
        report = await services.stats.show(who, interaction.guild_id, days)
        try:
            chart = await services.charts.draw(report, labels(locale), plain_labels())
        except ChartsMissing:
            await interaction.edit_original_response(content=stats_text(locale, report, missing="stats-no-charts"))
            return
        except ChartFailed as error:
            log.warning("stats.undrawn", detail=str(error))
            await interaction.edit_original_response(content=stats_text(locale, report, missing="stats-undrawn"))
            return
        file = discord.File(BytesIO(chart), "stats.png", description=alt_text(locale, report))
        await interaction.edit_original_response(content=stats_text(locale, report), attachments=[file])
