"""What every command needs: the services, and what an interaction says of its asker and place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from bot.domain.jobs import Job, Order, Place
from bot.domain.styles import Styles
from bot.errors import PermissionsMissing
from bot.services.catalog import Catalog
from bot.services.generate import Generate, Rules
from bot.services.limits import usage
from bot.services.ports import Clock, JobStore, Members, QuotaLedger, Thumbnails
from bot.ui.i18n import text
from bot.ui.messenger import DiscordMessenger

Interaction = discord.Interaction[Any]


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases and what they share, made once by the composition root."""

    generate: Generate
    jobs: JobStore
    ledger: QuotaLedger
    messenger: DiscordMessenger
    clock: Clock
    rules: Rules
    styles: Styles
    members: Members
    thumbnails: Thumbnails
    catalog: Catalog
    started_at: float

    async def order(self, interaction: Interaction, order: Order, parent: Job | None = None) -> None:
        """Take an order from a command or button: check, accept, acknowledge, start.

        Raises PermissionsMissing, WordsInvalid, Refused or Closing, with nothing changed.
        """
        check_permissions(interaction)
        job = await self.generate.submit(order, place(interaction), parent.id if parent else None)
        try:
            locale = own_locale(interaction)
            lines = [text(locale, "accepted", count=order.count), *await self._left(interaction, locale)]
            await interaction.response.send_message(" ".join(lines), ephemeral=True)
        finally:  # accepted is accepted, even where Discord lost the acknowledgement
            self.generate.start(job)

    async def _left(self, interaction: Interaction, locale: str) -> list[str]:
        """Say how the tightest limit stands."""
        here = await usage(self.ledger, self.rules, self.clock, interaction.user.id, interaction.guild_id)
        tightest = min(here.standings, key=lambda standing: standing.left, default=None)
        if tightest is None:
            return []
        limit = tightest.limit
        per = text(locale, f"per-{limit.per}")
        return [text(locale, "left", left=tightest.left, limit=limit.images, per=per)]


def own_locale(interaction: Interaction) -> str:
    """Return the locale for what the asker alone sees."""
    return str(interaction.locale)


def place(interaction: Interaction) -> Place:
    """Return who asks and where; what all see is in the server's locale, in direct messages in the asker's."""
    shared = interaction.guild_locale or interaction.locale
    if interaction.channel_id is None:
        raise PermissionsMissing(["view_channel"])
    return Place(interaction.user.id, interaction.channel_id, interaction.guild_id, str(shared))


def check_permissions(interaction: Interaction) -> None:
    """Raise PermissionsMissing where the bot could not carry a picture from start to end."""
    if interaction.guild_id is None:
        return
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = (
        "view_channel",
        "send_messages_in_threads" if in_thread else "send_messages",
        "attach_files",
        "read_message_history",
    )
    missing = [name for name in needed if not getattr(interaction.app_permissions, name)]
    if missing:
        raise PermissionsMissing(missing)
