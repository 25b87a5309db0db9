"""The buttons and selects under a picture: each finds its job and then what answers it; Details is answered here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from bot.cogs.bot_permissions import check_permissions
from bot.cogs.cancel_delete import cancel, delete, delete_chosen
from bot.cogs.double_press import DoublePress
from bot.cogs.parts import Parts
from bot.cogs.pick import pick
from bot.cogs.refine import Refine
from bot.cogs.requester import place
from bot.cogs.responses import Interaction, answer, own_locale, promptly
from bot.cogs.services import Services
from bot.cogs.vary_upscale import VaryUpscale
from bot.cogs.visibility import sees
from bot.domain.jobs import Job, JobState
from bot.errors import JobUnknown, SeveralPictures
from bot.services.versions import NotFinished, check_words_kept
from bot.ui.button_items import (
    AGAIN,
    CANCEL,
    CELL,
    DELETE,
    DETAILS,
    FAVOURITE,
    MORE,
    PICK,
    PICTURE,
    REFINE,
    REGION,
    REGION_WORDS,
    SCALE,
    STRENGTH,
    UPSCALE,
    VARY,
    WHICH,
    ZOOM,
    ZOOMED,
)
from bot.ui.buttons import more_buttons
from bot.ui.details import details
from bot.ui.i18n import text

MAKES = (REFINE, AGAIN, VARY, UPSCALE, STRENGTH, SCALE, PICTURE, PICK, WHICH, REGION, REGION_WORDS, ZOOM, ZOOMED)
"""What leads to a new picture; whether it can be posted is asked before anyone chooses or writes anything."""


class PictureButtons:
    """Answers what is pressed or chosen; every answer is for the presser alone."""

    def __init__(self, services: Services, refine: Refine, versions: VaryUpscale, parts: Parts) -> None:
        self._services, self._refine, self._versions, self.parts = services, refine, versions, parts
        self._double_press = DoublePress()
        self._actions: dict[str, Callable[..., Awaitable[None]]] = {
            REFINE: refine.ask,
            AGAIN: versions.again,
            VARY: versions.ask_vary,
            UPSCALE: versions.ask_upscale,
            DETAILS: self._details,
            MORE: self._more,
            REGION: self.parts.ask_region,
            ZOOM: self.parts.ask_zoom,
            FAVOURITE: self.keep,
            DELETE: partial(delete, services),
            CANCEL: partial(cancel, services),
            STRENGTH: lambda to, job, index, how: versions.vary(to, job, int(index), how),
            SCALE: lambda to, job, *values: versions.upscale(to, job, *map(int, values)),
            PICTURE: self._picture,
            PICK: lambda to, job, index: pick(services, to, job, int(index)),
            WHICH: lambda to, job, *values: refine.chosen(to, job, *map(int, values)),
            CELL: lambda to, job, *values: parts.toggle(to, job, *map(int, values)),
            REGION_WORDS: lambda to, job, chosen: parts.ask_words(to, job, int(chosen)),
            ZOOMED: parts.zoom,
        }

    async def press(self, interaction: Interaction, action: str, job_id: str, *values: str) -> None:
        """Answer a press; of a double click, the second one is acknowledged and no more.

        Raises JobUnknown, NotYours, AlreadyEnded, or what ordering raises.
        """
        if self._double_press.is_repeated(interaction, ":".join((action, job_id, *values))):
            await interaction.response.defer()
            return
        job = await self.job(interaction, job_id)
        if action in MAKES and DELETE not in values:
            check_permissions(interaction, private=job.order.private)
            if action != PICK:  # which shows what all see already
                await self._services.moderation.check_photos(place(interaction), job.order.photos_of)
        if action in (STRENGTH, SCALE, PICTURE) and DELETE not in values:
            await self._services.check_left(job, int(values[1 if action == PICTURE else 0]))
        await self._actions[action](interaction, job, *values)

    async def job(self, interaction: Interaction, job_id: str) -> Job:
        """Return the job of an id that came from outside. Raises JobUnknown, also where the asker cannot see it."""
        job = await self._services.jobs.get(job_id)
        if job is None or not sees(interaction, job):
            raise JobUnknown
        return job

    async def keep(self, interaction: Interaction, job: Job) -> None:
        """Keep the picture as the presser's favourite, or no longer.

        Raises NotFinished, SeveralPictures, FavouritesFull, StoreUnavailable.
        """
        if not job.finished or job.state is JobState.HELD:
            raise NotFinished
        if job.order.count > 1:
            raise SeveralPictures
        made = self._services
        kept = await promptly(interaction, made.favourites.toggle(interaction.user.id, job.id, made.clock.now()))
        await answer(interaction, text(own_locale(interaction), "favourite-kept" if kept else "favourite-dropped"))

    async def _picture(self, interaction: Interaction, job: Job, what: str, which: str) -> None:
        if what == DELETE:
            await delete_chosen(self._services, interaction, job, which)
        else:
            await self._versions.pick(interaction, job, what, int(which))

    async def _more(self, interaction: Interaction, job: Job) -> None:
        locale = own_locale(interaction)
        await answer(interaction, text(locale, "more"), more_buttons(locale, job.id, parts=self.parts.possible))

    async def _details(self, interaction: Interaction, job: Job) -> None:
        check_words_kept(job)
        ancestors = await self._services.jobs.ancestors(job.id)
        facts, locale = self._services.catalog.facts, own_locale(interaction)
        edits = facts.edits(job.order)
        loras = facts.painted_loras(job.order)
        styles, asker = self._services.styles, interaction.user.id
        favourite = await self._services.jobs.get(job.order.favourite) if job.order.favourite else None
        if favourite and (favourite.purged_at is not None or not sees(interaction, favourite)):
            favourite = None
        embed = details(job, ancestors, styles, locale, asker, edits=edits, loras=loras, favourite=favourite)
        await interaction.response.send_message(embed=embed, ephemeral=True)
