"""Refine: a change to a finished picture, in words, by its form or by a reply to it."""

from __future__ import annotations

from dataclasses import replace

import discord

from bot.cogs.requester import place_of
from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services, Start
from bot.domain.jobs import Job, Order, check_words
from bot.services import versions
from bot.ui.modals import refine_form


class Refine:
    """Turns forms and replies into orders; raises what services.versions and Services.order raise."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ask(self, interaction: Interaction, job: Job) -> None:
        versions.check_finished(job)
        await interaction.response.send_modal(refine_form(own_locale(interaction), job))

    async def submit(self, interaction: Interaction, job: Job, words: str, prompt: str) -> None:
        """Take a submitted form: words, an edited prompt, or both."""
        edited = check_words(prompt) if prompt.strip() else None  # an emptied field is no prompt
        order = versions.refine(job, words.strip(), self._services.styles, edited)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._services.order(interaction, *self._from_parent(order, job, interaction.user.id))

    async def by_reply(self, message: discord.Message, job: Job | None, order: Order, *, locale: str = "") -> None:
        """Take what a reply was understood as: a change of the job, or without one a new picture."""
        start: Start | None = None
        if job is not None:
            order, _, start = self._from_parent(order, job, message.author.id)
        # Who replies in the open wants to be answered there, even where the picture before was private.
        order = replace(order, private=False)
        where = place_of(message, job.place.locale if job else locale)
        image = await self._services.fetched(order, where, start)
        made = await self._services.orders.submit(order, where, job.id if job else None, start=image)
        self._services.orders.start(made.job)
        await self._services.moderation.show_photo_uses(made.job)

    def _from_parent(self, order: Order, parent: Job, user_id: int) -> tuple[Order, Job, Start | None]:
        """Add the parent's picture where the refinement is to start from it."""
        if not versions.starts_from_parent(parent, self._services.catalog.facts):
            return replace(order, photos_of=()), parent, None
        edits = self._services.catalog.facts.edits_by_instruction
        order = replace(order, from_picture=True, strength=None if edits else versions.REFINE_STRENGTH)
        return order, parent, self._services.picture_of(parent, 0, user_id)
