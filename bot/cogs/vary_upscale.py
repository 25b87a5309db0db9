"""Again, Vary and Upscale: the buttons and selects that make a further picture from a finished one."""

from __future__ import annotations

from collections.abc import Collection

import discord

from bot.cogs.refine import Refine
from bot.cogs.responses import Interaction, answer, own_locale, own_message
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
        left = await self._services.left(job, own_message(interaction, job))
        hows = self._hows(interaction, job, left, min(left, default=0))
        await answer(interaction, text(own_locale(interaction), "vary-ask"), hows)

    def _hows(self, interaction: Interaction, job: Job, left: Collection[int], index: int) -> discord.ui.View:
        repeats_edit, of_set = versions.repeats_edit(job, self._services.catalog.facts), job.order.count > 1
        return vary_selects(own_locale(interaction), job.id, left, index, of_set=of_set, repeats_edit=repeats_edit)

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
            locale, left = own_locale(interaction), await self._services.left(job, own_message(interaction, job))
            await answer(interaction, text(locale, "upscale-ask"), picture_select(UPSCALE, locale, job.id, left))
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._services.order(interaction, order, job, self._services.picture_of(job, 0, interaction.user.id))

    async def pick(self, interaction: Interaction, job: Job, action: str, index: int) -> None:
        """One of several pictures was chosen: to be upscaled at once, or varied or refined as is still to be said."""
        if action == REFINE:
            await self._refine.ask(interaction, job, index)
            return
        if action == VARY:
            hows = self._hows(interaction, job, await self._services.left(job), index)
            await interaction.response.edit_message(view=hows)
            return
        order = versions.upscale(job, index, self._services.catalog.facts)
        await interaction.response.defer()
        await self._services.order(interaction, order, job, self._services.picture_of(job, index, interaction.user.id))
