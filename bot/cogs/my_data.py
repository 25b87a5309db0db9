"""/my data: export everything kept about a person, or erase it."""

from __future__ import annotations

from typing import IO

import discord
from discord import app_commands

from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.errors import NotYours
from bot.ui.command_translator import localised
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.i18n import text
from bot.ui.my_data import erase_text, erase_view, export_text, zip_file
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

MARGIN = 64 * 1024
"""Of Discord's upload limit, for what stands around the file in a request."""


def add_data(my: app_commands.Group, services: Services) -> None:
    """Add the subgroup to /my."""
    data = app_commands.Group(name="data", description=localised("command-my-data"), parent=my)

    @data.command(name="export", description=localised("command-my-data-export"))
    async def export(interaction: Interaction) -> None:
        with services.personal.export(interaction.user.id) as found:
            await interaction.response.defer(ephemeral=True, thinking=True)
            locale, sender, number = own_locale(interaction), Sender(interaction), 0
            limit = min(discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES, interaction.filesize_limit) - MARGIN
            async for part in found.parts(limit):
                with part:
                    number += 1
                    await sender.send(part, number)
            await sender.say(export_text(locale, found, number, sender.closed))

    @data.command(name="erase", description=localised("command-my-data-erase"))
    async def erase(interaction: Interaction) -> None:
        locale = own_locale(interaction)
        view = erase_view(locale, interaction.user.id)
        await interaction.response.send_message(text(locale, "erase-ask"), view=view, ephemeral=True)


async def erase_data(services: Services, interaction: Interaction, owner_id: int) -> None:
    """Do what the question asked. Raises NotYours, Busy, StoreUnavailable."""
    if interaction.user.id != owner_id:
        raise NotYours
    locale, sender = own_locale(interaction), Sender(interaction)
    await interaction.response.edit_message(content=text(locale, "erasing"), view=None)

    async def progress(done: int, of: int) -> None:
        try:
            await interaction.edit_original_response(content=text(locale, "erasing-messages", done=done, of=of))
        except DISCORD_FAILURES as error:  # after a quarter of an hour the answer cannot be edited any more
            log.info("erase.progress_untold", detail=str(error))

    erased = await services.personal.erase(owner_id, progress)
    await sender.say(erase_text(locale, erased))


class Sender:
    """Files go by direct message; where these are closed, into the answer that the asker alone sees."""

    def __init__(self, interaction: Interaction) -> None:
        self._interaction, self._locale = interaction, own_locale(interaction)
        self.closed = False

    async def send(self, part: IO[bytes], number: int) -> None:
        content = text(self._locale, "export-part", number=number)
        if not self.closed:
            try:
                await self._interaction.user.send(content, file=zip_file(self._locale, part, number))
                return
            except discord.Forbidden:
                self.closed = True
                # A follow-up to an answer that still says "thinking" would take its place.
                file = zip_file(self._locale, part, number)
                await self._interaction.edit_original_response(content=content, attachments=[file])
                return
        await self._interaction.followup.send(content, file=zip_file(self._locale, part, number), ephemeral=True)

    async def say(self, content: str) -> None:
        """Put the end into the answer, or into a direct message where that has taken too long."""
        try:
            await self._interaction.edit_original_response(content=content)
        except DISCORD_FAILURES:
            try:
                await self._interaction.user.send(content)
            except DISCORD_FAILURES as error:
                log.info("personal.end_untold", detail=str(error))
