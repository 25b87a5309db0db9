"""Edit region and Zoom out: a part of a finished picture, or what is around it, is painted; the rest stays.

Each step carries what was chosen before it in its own id, so that a restart between any two changes nothing.
"""

from __future__ import annotations

import asyncio
import io
from collections import OrderedDict
from dataclasses import dataclass, field

import discord

from bot.cogs.responses import Interaction, answer, own_locale
from bot.cogs.services import Services, Start
from bot.cogs.thing_doubts import ThingDoubts
from bot.domain.jobs import Job, check_words
from bot.errors import AllCells, JobUnknown, NoCells
from bot.services import parts
from bot.services.ports.pictures import PictureInvalid
from bot.services.versions import check_finished
from bot.ui.attachments import AttachmentRefused
from bot.ui.button_items import ALL_CELLS
from bot.ui.buttons import region_picker, zoom_buttons
from bot.ui.i18n import text
from bot.ui.modals import region_form
from engine.api.messages import parse_size

REMEMBERED = 1_000
"""Pickers whose last change is remembered; what is chosen in an older one is what its buttons carry."""


@dataclass(slots=True)
class Picker:
    """Which cells one message shows as chosen; None where that is what the pressed button carries.

    A press that comes while the one before it is still on its way to Discord carries what was chosen before both.
    """

    chosen: int | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def now(self, carried: int) -> int:
        return carried if self.chosen is None else self.chosen


class Parts:
    """Turns presses and forms into orders; raises what services.versions and Services.order raise."""

    def __init__(self, services: Services, doubts: ThingDoubts) -> None:
        self._services, self._doubts = services, doubts
        self._pickers: OrderedDict[int, Picker] = OrderedDict()

    @property
    def possible(self) -> bool:
        """Whether the loaded painter paints a part of a picture alone."""
        return self._services.catalog.facts.masks

    async def ask_region(self, interaction: Interaction, job: Job) -> None:
        """Show the picture with its cells, for the presser alone."""
        self._check(job)
        await interaction.response.defer(ephemeral=True, thinking=True)
        pixels, fetch = self._services.messenger.pixels, self._services.picture_of(job, 0, interaction.user.id)

        async def with_cells() -> tuple[bytes, ...]:
            return (await pixels.grid((await fetch())[0]),)

        (shown,), locale = await _readable(with_cells)(), own_locale(interaction)
        file = discord.File(io.BytesIO(shown), "cells.webp", description=text(locale, "region-alt"))
        await interaction.edit_original_response(
            content=text(locale, "region-ask"), attachments=[file], view=region_picker(locale, job.id, 0)
        )

    async def toggle(self, interaction: Interaction, job: Job, chosen: int, cell: int) -> None:
        """Take a cell in or out, after the presses that came before this one."""
        picker = self._picker(interaction)
        async with picker.turn:
            now, picker.chosen = picker.now(chosen) ^ 1 << cell, None
            await interaction.response.edit_message(view=region_picker(own_locale(interaction), job.id, now))
            picker.chosen = now

    async def ask_words(self, interaction: Interaction, job: Job, chosen: int) -> None:
        """Open the form that asks what to paint there. Raises NoCells, AllCells."""
        self._check(job)
        picker = self._picker(interaction)
        async with picker.turn:
            chosen = picker.now(chosen)
        _check_cells(chosen)
        await interaction.response.send_modal(region_form(own_locale(interaction), job.id, chosen))

    async def paint_region(self, interaction: Interaction, job: Job, chosen: int, words: str) -> None:
        """Take the submitted form. Raises NoCells, AllCells."""
        self._check(job)
        _check_cells(chosen)
        order = parts.region(job, check_words(words), chosen, self._services.catalog.facts)
        pixels = self._services.messenger.pixels
        fetch = self._services.picture_of(job, 0, interaction.user.id, lossless=True)

        async def start() -> tuple[bytes, ...]:
            (picture,) = await fetch()
            return picture, await pixels.cells(picture, chosen)

        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._doubts.order(interaction, order, job, _readable(start))

    async def ask_zoom(self, interaction: Interaction, job: Job) -> None:
        self._check(job)
        locale = own_locale(interaction)
        await answer(interaction, text(locale, "zoom-ask"), zoom_buttons(locale, job.id))

    async def zoom(self, interaction: Interaction, job: Job, how: str) -> None:
        """Paint the picture's surroundings. Raises NoRoomToZoom, NoShapeToZoom."""
        self._check(job)
        order = parts.zoom(job, how, self._services.catalog.facts)
        pixels = self._services.messenger.pixels
        fetch = self._services.picture_of(job, 0, interaction.user.id, lossless=True)

        async def start() -> tuple[bytes, ...]:
            (picture,) = await fetch()
            return await pixels.surround(picture, parse_size(order.size), parts.ZOOMS[how])

        await interaction.response.defer()
        await self._services.order(interaction, order, job, _readable(start))

    def _picker(self, interaction: Interaction) -> Picker:
        shown = interaction.message.id if interaction.message else 0
        picker = self._pickers.setdefault(shown, Picker())
        self._pickers.move_to_end(shown)
        if len(self._pickers) > REMEMBERED:
            self._pickers.popitem(last=False)
        return picker

    def _check(self, job: Job) -> None:
        """Raises JobUnknown for a set, of which one is picked first; NotFinished, WordsGone or CannotMask."""
        if job.order.count > 1:
            raise JobUnknown
        check_finished(job)
        parts.check_can_mask(self._services.catalog.facts)


def _check_cells(chosen: int) -> None:
    """Raises NoCells, AllCells."""
    if chosen in (0, ALL_CELLS):
        raise AllCells if chosen else NoCells


def _readable(start: Start) -> Start:
    """Return what fetches, and refuses a picture that cannot be read as an attachment is refused."""

    async def fetch() -> tuple[bytes, ...]:
        try:
            return await start()
        except PictureInvalid as error:
            raise AttachmentRefused(error.reason) from error

    return fetch
