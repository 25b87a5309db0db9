"""Every button, select and form of a picture finds its job, and then whoever answers it."""

from __future__ import annotations

import discord

from bot.cogs.context import Interaction, Services, answer, own_locale
from bot.cogs.place import check_permissions
from bot.cogs.versions import Versions
from bot.domain.jobs import Job
from bot.errors import AlreadyEnded, JobUnknown, NotYours
from bot.services.versions import check_words_kept
from bot.ui.buttons import AGAIN, CANCEL, DELETE, DETAILS, PICTURE, REFINE, STRENGTH, UPSCALE, VARY
from bot.ui.details import details
from bot.ui.i18n import text

MAKES = (REFINE, AGAIN, VARY, UPSCALE, STRENGTH, PICTURE)
"""What leads to a new picture; whether it can be posted is asked before anyone chooses or writes anything."""


class Pictures:
    """Answers what is pressed or chosen; every answer is for the presser alone."""

    def __init__(self, services: Services, versions: Versions) -> None:
        self._services, self._versions = services, versions
        self._actions = {
            REFINE: versions.ask_refine,
            AGAIN: versions.again,
            VARY: versions.ask_vary,
            UPSCALE: versions.ask_upscale,
            DETAILS: self._details,
            DELETE: self._delete,
            CANCEL: self._cancel,
        }

    async def press(self, interaction: Interaction, action: str, job_id: str, *values: str) -> None:
        """Raises JobUnknown, NotYours, AlreadyEnded, or what ordering raises."""
        job = await self.job(interaction, job_id)
        if action in MAKES:
            check_permissions(interaction, private=job.order.private)
        if action == STRENGTH:
            index, how = values
            await self._versions.vary(interaction, job, int(index), how)
        elif action == PICTURE:
            what, index = values
            await self._versions.pick(interaction, job, what, int(index))
        else:
            await self._actions[action](interaction, job)

    async def job(self, interaction: Interaction, job_id: str) -> Job:
        """Return the job of an id that came from outside. Raises JobUnknown, also where the asker cannot see it."""
        job = await self._services.jobs.get(job_id)
        if job is None or not _visible(interaction, job):
            raise JobUnknown
        return job

    async def _details(self, interaction: Interaction, job: Job) -> None:
        check_words_kept(job)
        ancestors = await self._services.jobs.ancestors(job.id)
        embed = details(job, ancestors, self._services.styles, own_locale(interaction), interaction.user.id)
        await interaction.response.send_message(embed=embed, ephemeral=True)

    async def _delete(self, interaction: Interaction, job: Job) -> None:
        _check_owner(interaction, job)
        if job.order.private and interaction.message and interaction.message.flags.ephemeral:
            # Only the interaction that a press brings can still reach an answer that is older than 15 minutes.
            await interaction.response.defer()
            await interaction.delete_original_response()
            await self._services.forget(interaction.message.id)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._services.messenger.delete(job)
        if job.message_id is not None:
            await self._services.forget(job.message_id)
        await answer(interaction, text(own_locale(interaction), "deleted"))

    async def _cancel(self, interaction: Interaction, job: Job) -> None:
        _check_owner(interaction, job)
        if job.state.ended:
            raise AlreadyEnded
        await interaction.response.defer(ephemeral=True, thinking=True)
        if not await self._services.orders.cancel(job.id):
            raise AlreadyEnded
        await answer(interaction, text(own_locale(interaction), "cancelled"))


def _visible(interaction: Interaction, job: Job) -> bool:
    """A private picture is its requester's alone; any other is for those who are in its channel."""
    if interaction.user.id == job.place.user_id:
        return True
    return not job.order.private and interaction.channel_id == job.place.channel_id


def _check_owner(interaction: Interaction, job: Job) -> None:
    """The requester may, and whoever may delete others' messages there."""
    if interaction.user.id == job.place.user_id:
        return
    if not (isinstance(interaction.user, discord.Member) and interaction.permissions.manage_messages):
        raise NotYours
