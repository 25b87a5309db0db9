"""What makes a further version of a picture: Refine, Again, Vary, Upscale, replies, and starting from any picture."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import discord

from bot.cogs.context import Interaction, Services, Start, answer, own_locale
from bot.cogs.place import check_permissions_at, place_of
from bot.domain.jobs import Job, Kind, Order, check_words
from bot.errors import PictureGone
from bot.services import versions
from bot.services.ports.messaging import Undeliverable
from bot.ui.buttons import VARY, upscale_select, vary_selects
from bot.ui.i18n import text
from bot.ui.modals import refine_form


class Versions:
    """Turns presses, forms and replies into orders; raises what versions and Services.order raise."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ask_refine(self, interaction: Interaction, job: Job) -> None:
        versions.check_finished(job)
        await interaction.response.send_modal(refine_form(own_locale(interaction), job))

    async def refine(self, interaction: Interaction, job: Job, words: str, prompt: str) -> None:
        """Take a submitted form: words, an edited prompt, or both."""
        edited = check_words(prompt) if prompt.strip() else None  # an emptied field is no prompt
        order = versions.refine(job, words.strip(), self._services.styles, edited)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._services.order(interaction, *self._from_parent(order, job, interaction.user.id))

    async def refine_by_reply(self, message: discord.Message, job: Job, words: str) -> None:
        """Take a reply to a picture, in whatever language."""
        check_permissions_at(message)
        refined = versions.refine(job, check_words(words), self._services.styles)
        order, parent, start = self._from_parent(refined, job, message.author.id)
        # Who replies in the open wants to be answered there, even where the picture before was private.
        order = replace(order, private=False)
        where = place_of(message, parent.place.locale)
        image = await self._services.fetched(order, where, start)
        made = await self._services.orders.submit(order, where, parent.id, start=image)
        self._services.orders.start(made)

    async def again(self, interaction: Interaction, job: Job) -> None:
        start = partial(self._services.jobs.start_image, job.id)
        await self._services.order(interaction, versions.again(job), job, start)

    async def ask_vary(self, interaction: Interaction, job: Job) -> None:
        versions.check_finished(job)
        versions.check_can_start(self._services.catalog.facts)
        locale = own_locale(interaction)
        await answer(interaction, text(locale, "vary-ask"), vary_selects(locale, job.id, job.order.count))

    async def vary(self, interaction: Interaction, job: Job, index: int, how: str) -> None:
        order = versions.vary(job, how, self._services.catalog.facts)
        await interaction.response.defer()
        await self._services.order(interaction, order, job, self._picture(job, index, interaction.user.id))

    async def ask_upscale(self, interaction: Interaction, job: Job) -> None:
        order = versions.upscale(job, 0, self._services.catalog.facts)
        if job.order.count > 1:
            locale = own_locale(interaction)
            await answer(interaction, text(locale, "upscale-ask"), upscale_select(locale, job.id, job.order.count))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._services.order(interaction, order, job, self._picture(job, 0, interaction.user.id))

    async def pick(self, interaction: Interaction, job: Job, action: str, index: int) -> None:
        """One of several pictures was chosen, to be upscaled at once, or to be varied by a strength still to choose."""
        if action == VARY:
            view = vary_selects(own_locale(interaction), job.id, job.order.count, index)
            await interaction.response.edit_message(view=view)
            return
        order = versions.upscale(job, index, self._services.catalog.facts)
        await interaction.response.defer()
        await self._services.order(interaction, order, job, self._picture(job, index, interaction.user.id))

    async def start_from(self, interaction: Interaction, source: discord.Attachment, words: str) -> None:
        """Make something new of a picture that anyone posted."""
        usual = await self._services.members.get(interaction.user.id)
        order = Order(
            check_words(words), shape="", kind=Kind.START, from_picture=True, style=usual.style, private=usual.private
        )
        await interaction.response.defer(ephemeral=True, thinking=True)
        start = partial(self._services.attachments.fetch, source, interaction.user.id)
        await self._services.order(interaction, order, start=start)

    def _from_parent(self, order: Order, parent: Job, user_id: int) -> tuple[Order, Job, Start | None]:
        """Add the parent's picture where the refinement is to start from it."""
        if not versions.starts_from_parent(parent, self._services.catalog.facts):
            return order, parent, None
        order = replace(order, from_picture=True, strength=versions.REFINE_STRENGTH)
        return order, parent, self._picture(parent, 0, user_id)

    def _picture(self, job: Job, index: int, user_id: int) -> Start:
        """Return what fetches one of the job's pictures, for this user, and raises PictureGone."""

        async def start() -> bytes:
            try:
                message = await self._services.messenger.fetch(job)
            except Undeliverable as error:
                raise PictureGone from error
            return await self._services.attachments.of_message(message, index, user_id)

        return start
