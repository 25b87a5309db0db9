"""Cancel, while a picture is queued or painted, and Delete, once it is there: for its requester and for moderators."""

from __future__ import annotations

from functools import partial

import discord

from bot.cogs.requester import actor
from bot.cogs.responses import Interaction, answer, own_locale
from bot.cogs.services import Services
from bot.domain.jobs import Job
from bot.errors import AlreadyEnded, NotYours
from bot.ui.i18n import text
from bot.ui.modals import delete_form


async def delete(services: Services, interaction: Interaction, job: Job) -> None:
    """Take the job's message away, with its pictures. Raises NotYours.

    So may the author of a photo in it; a moderator is asked for a reason first.
    """
    by_author = interaction.user.id in job.order.photos_of and interaction.user.id != job.place.user_id
    if not by_author:
        _check_owner(interaction, job)
        if interaction.user.id != job.place.user_id:
            await interaction.response.send_modal(delete_form(own_locale(interaction), job))
            return
    if job.order.private and interaction.message and interaction.message.id == job.message_id:
        # Only the interaction that a press brings can still reach an answer that is older than 15 minutes.
        await interaction.response.defer()
        await interaction.delete_original_response()
        await services.forget(interaction.message.id)
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _take_away(services, job)
    await answer(interaction, text(own_locale(interaction), "deleted"))
    if by_author:
        await services.moderation.photo_deleted(job, actor(interaction))


async def delete_for(services: Services, interaction: Interaction, job: Job, reason: str) -> None:
    """Take someone's message away for a moderator, and note that in the server's log. Raises NotYours."""
    _check_owner(interaction, job)
    await interaction.response.defer(ephemeral=True, thinking=True)
    take_away = partial(_take_away, services, job)
    if job.place.guild_id is None:  # then the requester is alone with the bot
        await take_away()
    else:
        who, whose = actor(interaction), job.place.user_id
        await services.moderation.deleted(who, job.place.guild_id, whose, reason, take_away)
    await answer(interaction, text(own_locale(interaction), "deleted"))


async def _take_away(services: Services, job: Job) -> None:
    await services.messenger.delete(job)
    if job.message_id is not None:
        await services.forget(job.message_id)


async def cancel(services: Services, interaction: Interaction, job: Job) -> None:
    """Stop a job that is queued or being painted, and refund it. Raises NotYours, AlreadyEnded."""
    _check_owner(interaction, job)
    if job.state.ended:
        raise AlreadyEnded
    await interaction.response.defer(ephemeral=True, thinking=True)
    if not await services.orders.cancel(job.id):
        raise AlreadyEnded
    await answer(interaction, text(own_locale(interaction), "cancelled"))


def _check_owner(interaction: Interaction, job: Job) -> None:
    """The requester may, and whoever may delete others' messages there."""
    if interaction.user.id == job.place.user_id:
        return
    if not (isinstance(interaction.user, discord.Member) and interaction.permissions.manage_messages):
        raise NotYours
