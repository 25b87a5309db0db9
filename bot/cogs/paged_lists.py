"""Lists with page buttons: gallery, styles, blocked words, log, held pictures; only their owner turns the pages."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import discord

from bot.cogs.requester import actor
from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.cogs.visibility import sees
from bot.domain.picture_search import Wanted
from bot.errors import NotYourList
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.gallery import gallery_sheet
from bot.ui.moderation import words_sheet
from bot.ui.moderation_log import log_sheet
from bot.ui.paging import FAVOURITES, LOG, PICTURES, REVIEW, STYLES, WORDS, Sheet
from bot.ui.review import review_sheet
from bot.ui.style_list import style_sheet


class PagedLists:
    """Shows a list's first page, and any other when its button is pressed; the owner alone sees it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._sheets = {STYLES: self._styles, WORDS: self._words, LOG: self._log, REVIEW: self._review}
        self._sheets |= {PICTURES: self._pictures, FAVOURITES: self._favourites}
        self._turning: dict[int, asyncio.Task[object]] = {}
        """The page that each person waits for, of which Discord must be asked for each picture."""

    async def show(self, interaction: Interaction, what: str) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._newest(interaction, what, 0)

    async def refresh(self, interaction: Interaction, what: str, number: int) -> None:
        """Show a page anew in the message that was pressed, in an answer that was promised already."""
        await self._newest(interaction, what, number)

    async def turn(self, interaction: Interaction, what: str, owner_id: int, number: int) -> None:
        """Raises NotYourList."""
        if interaction.user.id != owner_id:
            raise NotYourList
        await interaction.response.defer()
        await self._newest(interaction, what, number)

    async def _newest(self, interaction: Interaction, what: str, number: int) -> None:
        """Show a page in place of the one that the same person still waits for: its pictures need not be asked for.

        The answer that was to show that one goes, where it was another list's.
        """
        task, user_id = asyncio.current_task(), interaction.user.id
        if before := self._turning.get(user_id):
            before.cancel()
        if task:
            self._turning[user_id] = task
        try:
            await self.write(interaction, what, number)
        except asyncio.CancelledError:
            if task is None or self._turning.get(user_id) is task:  # the bot stops
                raise
            task.uncancel()
            await _give_way(interaction)
        finally:
            if self._turning.get(user_id) is task:
                del self._turning[user_id]

    async def write(self, interaction: Interaction, what: str, number: int) -> None:
        """Show a page in an answer that was promised already."""
        sheet = await self._sheets[what.partition("-")[0]](interaction, number, what.partition("-")[2])
        files = discord.utils.MISSING if sheet.files is None else sheet.files
        await interaction.edit_original_response(
            content=sheet.content, embeds=sheet.embeds, view=sheet.view, attachments=files
        )

    async def _pictures(self, interaction: Interaction, number: int, words: str) -> Sheet:
        return await self._wanted(interaction, Wanted(words=words), number)

    async def _favourites(self, interaction: Interaction, number: int, words: str) -> Sheet:
        return await self._wanted(interaction, Wanted(favourites=True, words=words), number)

    async def _wanted(self, interaction: Interaction, wanted: Wanted, number: int) -> Sheet:
        user_id = interaction.user.id
        page = await self._services.gallery.page(user_id, wanted, number, partial(sees, interaction))
        return gallery_sheet(own_locale(interaction), user_id, page, wanted)

    async def _styles(self, interaction: Interaction, number: int, _: str) -> Sheet:
        made, known = self._services, self._services.catalog.facts.knows_style
        return style_sheet(own_locale(interaction), interaction.user.id, made.styles, number, known)

    async def _words(self, interaction: Interaction, number: int, _: str) -> Sheet:
        words = await self._services.moderation.words(actor(interaction))
        return words_sheet(own_locale(interaction), interaction.user.id, words, number)

    async def _review(self, interaction: Interaction, number: int, _: str) -> Sheet:
        made = self._services
        page = await made.review.page(actor(interaction), number)
        limit = interaction.guild.filesize_limit if interaction.guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
        pictures = [await made.messenger.pixels.fit(picture, limit) for picture in page.pictures]
        return review_sheet(own_locale(interaction), interaction.user.id, page, pictures)

    async def _log(self, interaction: Interaction, number: int, about: str) -> Sheet:
        user_id = int(about) if about else None
        page = await self._services.moderation.log(actor(interaction), user_id, number)
        return log_sheet(own_locale(interaction), interaction.user.id, user_id, page)


async def _give_way(interaction: Interaction) -> None:
    """Take a list away that still says "thinking"; a page that was to be turned stays as it is."""
    if interaction.type is discord.InteractionType.application_command:
        with suppress(*DISCORD_FAILURES):
            await interaction.delete_original_response()
