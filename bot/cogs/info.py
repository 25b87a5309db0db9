"""/help and /my usage: what one can do, and what one may still have."""

from __future__ import annotations

from discord import app_commands

from bot.cogs.context import Interaction, Services, own_locale
from bot.domain.quota import Standing
from bot.services.limits import usage
from bot.ui.cards import relative
from bot.ui.i18n import text
from bot.ui.translator import localised


def add_info(tree: app_commands.CommandTree, services: Services) -> None:
    """Add the commands to the tree."""

    @tree.command(name="help", description=localised("command-help"))
    async def show_help(interaction: Interaction) -> None:
        await interaction.response.send_message(text(own_locale(interaction), "help"), ephemeral=True)

    my = app_commands.Group(name="my", description=localised("command-my"))

    @my.command(name="usage", description=localised("command-my-usage"))
    async def show_usage(interaction: Interaction) -> None:
        locale = own_locale(interaction)
        here = await usage(services.ledger, services.rules, services.clock, interaction.user.id, interaction.guild_id)
        lines = [f"**{text(locale, 'usage-title')}**"]
        lines += [_line(locale, standing) for standing in here.standings] or [text(locale, "usage-none")]
        lines.append(f"-# {text(locale, 'usage-why', running=here.running, allowed=here.allowed)}")
        await interaction.response.send_message("\n".join(lines), ephemeral=True)

    tree.add_command(my)


def _line(locale: str, standing: Standing) -> str:
    limit = standing.limit
    per = text(locale, f"per-{limit.per}")
    line = text(locale, "usage-line", left=standing.left, limit=limit.images, per=per)
    if standing.frees_at is None:
        return line
    return text(locale, "usage-frees", line=line, when=relative(standing.frees_at))
