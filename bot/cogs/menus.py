"""The two context menus of messages, and the forms that they and the Refine button open."""

from __future__ import annotations

from collections import OrderedDict

import discord
from discord import app_commands

from bot.cogs.context import Interaction, Services, own_locale
from bot.cogs.pictures import Pictures
from bot.cogs.place import check_permissions
from bot.cogs.versions import Versions
from bot.errors import FormExpired, JobUnknown, NoPicture, NotMine
from bot.ui.modals import PROMPT, REFINE_FORM, START_FORM, WORDS, answers, start_form

REMEMBERED = 200
"""How many opened forms are kept in mind; one that nobody sent for so long is forgotten."""


class Menus:
    """Opens forms on messages, and takes them when they are submitted."""

    def __init__(self, services: Services, pictures: Pictures, versions: Versions) -> None:
        self._services, self._pictures, self._versions = services, pictures, versions
        # Without the privileged intent, Discord shows another's attachment only in the interaction of the menu, so it
        # is kept here, and a restart forgets it.
        self._sources: OrderedDict[tuple[int, int], discord.Attachment] = OrderedDict()

    def add_to(self, tree: app_commands.CommandTree) -> None:
        """Add the context menus; their names are contracts."""

        @tree.context_menu(name="Refine picture")
        async def refine(interaction: Interaction, message: discord.Message) -> None:
            job = await self._services.jobs.by_message(message.id)
            if job is None:
                raise NotMine if message.author.id != interaction.application_id else JobUnknown
            check_permissions(interaction, private=job.order.private)
            await self._versions.ask_refine(interaction, job)

        @tree.context_menu(name="Start from this picture")
        async def start(interaction: Interaction, message: discord.Message) -> None:
            source = next((found for found in message.attachments if _is_picture(found)), None)
            if source is None:
                raise NoPicture
            usual = await self._services.members.get(interaction.user.id)
            check_permissions(interaction, private=usual.private)
            self._sources[interaction.id, interaction.user.id] = source
            while len(self._sources) > REMEMBERED:
                self._sources.popitem(last=False)
            await interaction.response.send_modal(start_form(own_locale(interaction), interaction.id))

    async def submit(self, interaction: Interaction, form: str) -> None:
        """Take a submitted form by its id; one that is not ours is left alone."""
        given = answers(interaction)
        if found := REFINE_FORM.fullmatch(form):
            job = await self._pictures.job(interaction, found[1])
            await self._versions.refine(interaction, job, given.get(WORDS, ""), given.get(PROMPT, ""))
        elif found := START_FORM.fullmatch(form):
            source = self._sources.get((int(found[1]), interaction.user.id))
            if source is None:
                raise FormExpired
            await self._versions.start_from(interaction, source, given.get(WORDS, ""))


def _is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/")
