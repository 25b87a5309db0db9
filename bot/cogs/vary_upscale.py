"""Again, Vary and Upscale: the buttons and selects that make a further picture from a finished one."""

from __future__ import annotations

import discord

from bot.cogs.refine import Refine
from bot.cogs.responses import Interaction, answer, own_locale
from bot.cogs.services import Services, Start
from bot.domain.jobs import Job
from bot.errors import PictureGone
from bot.services import versions
from bot.ui.buttons import REFINE, UPSCALE, VARY, picture_select, vary_selects
from bot.ui.i18n import text


class VaryUpscale:
    """Turns presses and choices into orders; raises what services.versions and Services.order raise."""

    def __init__(self, services: Services, refine: Refine) -> None:
        self._services, self._refine = services, refine

    async def again(self, interaction: Interaction, job: Job) -> None:
        order = versions.again(job)
        await self._services.order(interaction, order, job, self._start_of(job))

    def _start_of(self, job: Job) -> Start:
        """Return what reads the pictures that the job started from, and raises PictureGone."""

        async def start() -> tuple[bytes, ...]:
            pictures = await self._services.jobs.start_images(job.id)
            if len(pictures) < job.order.starts:  # others took the place of one, as far as the host keeps any
                raise PictureGone
            return pictures

        return start

    async def ask_vary(self, interaction: Interaction, job: Job) -> None:
        versions.check_finished(job)
        versions.check_can_start(self._services.catalog.facts)
        await answer(interaction, text(own_locale(interaction), "vary-ask"), self._hows(interaction, job))

    def _hows(self, interaction: Interaction, job: Job, index: int = 0) -> discord.ui.View:
        repeats_edit = versions.repeats_edit(job, self._services.catalog.facts)
        return vary_selects(own_locale(interaction), job.id, job.order.count, index, repeats_edit=repeats_edit)

    async def vary(self, interaction: Interaction, job: Job, index: int, how: str) -> None:
        facts = self._services.catalog.facts
        order = versions.vary(job, how, facts, index)
        start = self._services.picture_of(job, index, interaction.user.id)
        if versions.repeats_edit(job, facts):
            start = self._start_of(job)
        await interaction.response.defer()
        await self._services.order(interaction, order, job, start)

    async def ask_upscale(self, interaction: Interaction, job: Job) -> None:
        order = versions.upscale(job, 0, self._services.catalog.facts)
        if job.order.count > 1:
            locale = own_locale(interaction)
            await answer(
                interaction, text(locale, "upscale-ask"), picture_select(UPSCALE, locale, job.id, job.order.count)
            )
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._services.order(interaction, order, job, self._services.picture_of(job, 0, interaction.user.id))

    async def pick(self, interaction: Interaction, job: Job, action: str, index: int) -> None:
        """One of several pictures was chosen: to be upscaled at once, or varied or refined as is still to be said."""
        if action == REFINE:
            await self._refine.ask(interaction, job, index)
            return
        if action == VARY:
            await interaction.response.edit_message(view=self._hows(interaction, job, index))
            return
        order = versions.upscale(job, index, self._services.catalog.facts)
        await interaction.response.defer()
        await self._services.order(interaction, order, job, self._services.picture_of(job, index, interaction.user.id))
