"""Again, Vary and Upscale: the buttons and selects that make a further picture from a finished one."""

from __future__ import annotations

from collections.abc import Collection

import discord

from bot.cogs.refine import Refine
from bot.cogs.responses import Interaction, answer, own_locale, own_message
from bot.cogs.services import Services, Start
from bot.domain.jobs import Job, Order
from bot.errors import PictureGone
from bot.services import versions
from bot.ui.button_items import REFINE, UPSCALE, VARY
from bot.ui.buttons import picture_select, scale_buttons, vary_selects
from bot.ui.i18n import text
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


class VaryUpscale:
    """Turns presses and choices into orders; raises what services.versions and Services.order raise."""

    def __init__(self, services: Services, refine: Refine) -> None:
        self._services, self._refine = services, refine

    async def again(self, interaction: Interaction, job: Job) -> None:
        """The same with a new seed; of an enlarged picture, the one that it was enlarged from."""
        while job.order.upscale and job.parent_id and (parent := await self._services.jobs.get(job.parent_id)):
            job = parent
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
        """Enlarge one picture at once, or ask which and how many times larger, where there is a choice."""
        order, locale = self._upscaled(job, 0, 2), own_locale(interaction)
        scales = versions.scales(job, self._services.catalog.facts)
        if job.order.count > 1:
            left = await self._services.left(job, own_message(interaction, job))
            await answer(interaction, text(locale, "upscale-ask"), picture_select(UPSCALE, locale, job.id, left))
        elif len(scales) > 1:
            await answer(interaction, text(locale, "upscale-how"), scale_buttons(locale, job.id, 0, scales))
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await self._order(interaction, job, order, 0)

    async def upscale(self, interaction: Interaction, job: Job, index: int, scale: int) -> None:
        """Enlarge a picture as it was chosen."""
        order = self._upscaled(job, index, scale)
        await interaction.response.defer()
        await self._order(interaction, job, order, index)

    async def pick(self, interaction: Interaction, job: Job, action: str, index: int) -> None:
        """One of several pictures was chosen: to be upscaled, varied or refined, as may still be to be said."""
        if action == REFINE:
            await self._refine.ask(interaction, job, index)
            return
        if action == VARY:
            hows = self._hows(interaction, job, await self._services.left(job), index)
            await interaction.response.edit_message(view=hows)
            return
        scales = versions.scales(job, self._services.catalog.facts)
        if len(scales) < 2:
            await self.upscale(interaction, job, index, 2)
            return
        locale = own_locale(interaction)
        hows = scale_buttons(locale, job.id, index, scales)
        await interaction.response.edit_message(content=text(locale, "upscale-how"), view=hows)

    def _upscaled(self, job: Job, index: int, scale: int) -> Order:
        """Return the order of an enlargement; what the host can do about one that is refused is logged."""
        try:
            return versions.upscale(job, index, self._services.catalog.facts, scale)
        except versions.CannotEnlarge:
            log.info(
                "upscale.refused", remedy="LIMNER_UPSCALER names a network that enlarges the pictures of any painter"
            )
            raise

    async def _order(self, interaction: Interaction, job: Job, order: Order, index: int) -> None:
        start = self._services.picture_of(job, index, interaction.user.id, lossless=order.upscale > 0)
        await self._services.order(interaction, order, job, start)
