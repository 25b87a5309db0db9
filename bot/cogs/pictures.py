"""The buttons under a picture: Again, Details, Delete, and Cancel while it is on its way."""

from __future__ import annotations

from dataclasses import replace

import discord

from bot.cogs.context import Interaction, Services, own_locale
from bot.domain.jobs import Job
from bot.errors import AlreadyEnded, JobUnknown, NotYours
from bot.ui.buttons import AGAIN, CANCEL, DELETE, DETAILS
from bot.ui.details import details
from bot.ui.i18n import text


class Pictures:
    """Answers a pressed button; every answer is for the presser alone."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._actions = {AGAIN: self._again, DETAILS: self._details, DELETE: self._delete, CANCEL: self._cancel}

    async def press(self, interaction: Interaction, action: str, job_id: str) -> None:
        """Raises JobUnknown, NotYours, AlreadyEnded, or what ordering raises."""
        job = await self._services.jobs.get(job_id)
        if job is None:
            raise JobUnknown
        await self._actions[action](interaction, job)

    async def _again(self, interaction: Interaction, job: Job) -> None:
        await self._services.order(interaction, replace(job.order, seed=None), parent=job)

    async def _details(self, interaction: Interaction, job: Job) -> None:
        await interaction.response.send_message(embed=details(job, own_locale(interaction)), ephemeral=True)

    async def _delete(self, interaction: Interaction, job: Job) -> None:
        _check_owner(interaction, job)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._services.messenger.delete(job)
        await interaction.edit_original_response(content=text(own_locale(interaction), "deleted"))

    async def _cancel(self, interaction: Interaction, job: Job) -> None:
        _check_owner(interaction, job)
        if job.state.ended:
            raise AlreadyEnded
        await interaction.response.defer(ephemeral=True, thinking=True)
        if not await self._services.generate.cancel(job.id):
            raise AlreadyEnded
        await interaction.edit_original_response(content=text(own_locale(interaction), "cancelled"))


def _check_owner(interaction: Interaction, job: Job) -> None:
    """The requester may, and whoever may delete others' messages there."""
    if interaction.user.id == job.place.user_id:
        return
    if not (isinstance(interaction.user, discord.Member) and interaction.permissions.manage_messages):
        raise NotYours
