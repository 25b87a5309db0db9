"""The message context menus, which refine, start from or keep a picture, and the forms that come back."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

import discord
from discord import app_commands

from bot.cogs.bot_permissions import check_permissions
from bot.cogs.cancel_delete import delete_for
from bot.cogs.picture_buttons import PictureButtons
from bot.cogs.refine import Refine
from bot.cogs.requester import place
from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.cogs.thing_doubts import ThingDoubts
from bot.domain.jobs import Job, Kind, Order, check_words
from bot.errors import FormExpired, JobUnknown, NoPicture, NotMine
from bot.ui.attachments import pictures_on
from bot.ui.button_items import ALL_CELLS
from bot.ui.modals import (
    DELETE_FORM,
    PROMPT,
    REASON,
    REFINE_FORM,
    REGION_FORM,
    START_FORM,
    WORDS,
    answers,
    start_form,
)

REMEMBERED = 200
"""How many opened forms are kept in mind; one that nobody sent for so long is forgotten."""


class ContextMenus:
    """Opens forms on messages, and takes them when they are submitted."""

    def __init__(self, services: Services, buttons: PictureButtons, refine: Refine, doubts: ThingDoubts) -> None:
        self._services, self._buttons, self._refine, self._doubts = services, buttons, refine, doubts
        # Without the privileged intent, Discord shows another's attachment only in the interaction of the menu, so it
        # is kept here, and a restart forgets it.
        self._sources: OrderedDict[tuple[int, int], tuple[discord.Attachment, tuple[int, ...]]] = OrderedDict()

    def add_to(self, tree: app_commands.CommandTree) -> None:
        """Add the context menus; their names are contracts."""

        @tree.context_menu(name="Refine picture")
        async def refine(interaction: Interaction, message: discord.Message) -> None:
            job = await self._job(interaction, message)
            check_permissions(interaction, private=job.order.private)
            await self._refine.ask(interaction, job)

        @tree.context_menu(name="Favourite picture")
        async def keep(interaction: Interaction, message: discord.Message) -> None:
            await self._buttons.keep(interaction, await self._job(interaction, message))

        @tree.context_menu(name="Start from this picture")
        async def start(interaction: Interaction, message: discord.Message) -> None:
            source = next(iter(pictures_on(message)), None)
            if source is None:
                raise NoPicture
            usual = await self._services.members.get(interaction.user.id)
            check_permissions(interaction, private=usual.private)
            authors = await self._authors(interaction, message)
            await self._services.moderation.check_photos(place(interaction), authors)
            self._sources[interaction.id, interaction.user.id] = source, authors
            while len(self._sources) > REMEMBERED:
                self._sources.popitem(last=False)
            await interaction.response.send_modal(start_form(own_locale(interaction), interaction.id))

    async def _job(self, interaction: Interaction, message: discord.Message) -> Job:
        """Return the job of a message. Raises NotMine, JobUnknown."""
        job = await self._services.jobs.by_message(message.id)
        if job is None:
            raise NotMine if message.author.id != interaction.application_id else JobUnknown
        return job

    async def submit(self, interaction: Interaction, form: str) -> None:
        """Take a submitted form by its id; one that is not ours is left alone."""
        given = answers(interaction)
        if found := REFINE_FORM.fullmatch(form):
            job = await self._buttons.job(interaction, found[1])
            index = min(int(found[2]), job.order.count - 1) if found[2] else None
            await self._refine.submit(interaction, job, given.get(WORDS, ""), given.get(PROMPT, ""), index)
        elif found := DELETE_FORM.fullmatch(form):
            job = await self._buttons.job(interaction, found[1])
            index = int(found[2]) if found[2] else None
            await delete_for(self._services, interaction, job, given.get(REASON, ""), index)
        elif found := REGION_FORM.fullmatch(form):
            job = await self._buttons.job(interaction, found[1])
            await self._buttons.parts.paint_region(interaction, job, int(found[2]) & ALL_CELLS, given.get(WORDS, ""))
        elif found := START_FORM.fullmatch(form):
            source = self._sources.get((int(found[1]), interaction.user.id))
            if source is None:
                raise FormExpired
            await self._start_from(interaction, *source, given.get(WORDS, ""))

    async def _authors(self, interaction: Interaction, message: discord.Message) -> tuple[int, ...]:
        """Return whose photos the picture on a message is, or was made of."""
        if message.author != interaction.client.user:
            return (message.author.id,)
        job = await self._services.jobs.by_message(message.id)
        return job.order.photos_of if job else ()

    async def _start_from(
        self, interaction: Interaction, source: discord.Attachment, authors: tuple[int, ...], words: str
    ) -> None:
        """Make something new of a picture on a message."""
        usual = await self._services.members.get(interaction.user.id)
        order = Order(
            check_words(words),
            shape="",
            kind=Kind.START,
            from_picture=True,
            style=usual.style,
            private=usual.private,
            photos_of=authors,
        )
        await interaction.response.defer(ephemeral=True, thinking=True)
        start = partial(self._services.attachments.fetch_all, [source], interaction.user.id)
        await self._doubts.order(interaction, order, start=start)
