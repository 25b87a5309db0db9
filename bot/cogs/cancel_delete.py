"""Cancel, while a picture is queued or painted, and Delete, once it is there: for its requester and for moderators."""

from __future__ import annotations

from functools import partial

import discord

from bot.cogs.requester import actor
from bot.cogs.responses import Interaction, answer, own_locale
from bot.cogs.services import Services
from bot.domain.jobs import Job
from bot.errors import AlreadyEnded, NotYours
from bot.ui.attachments import numbered
from bot.ui.buttons import delete_select
from bot.ui.i18n import text
from bot.ui.modals import delete_form


async def delete(services: Services, interaction: Interaction, job: Job) -> None:
    """Take the job's message away, with its pictures; of a set that others see, ask which. Raises NotYours.

    So may the author of a photo in it; a moderator is asked for a reason first.
    """
    _check_may_delete(interaction, job)
    if job.order.count > 1 and not job.order.private:
        there = interaction.message if interaction.message and interaction.message.id == job.message_id else None
        left = numbered(there) if there else range(job.order.count)
        locale = own_locale(interaction)
        await answer(interaction, text(locale, "delete-ask"), delete_select(locale, job.id, left))
        return
    await delete_picture(services, interaction, job)


async def delete_picture(services: Services, interaction: Interaction, job: Job, index: int | None = None) -> None:
    """Take the picture at `index` out of a set, or the whole message away, as `delete` does. Raises NotYours."""
    _check_may_delete(interaction, job)
    by_author = _is_author(interaction, job)
    if not by_author and interaction.user.id != job.place.user_id:
        await interaction.response.send_modal(delete_form(own_locale(interaction), job, index))
        return
    if job.order.private and interaction.message and interaction.message.id == job.message_id:
        # Only the interaction that a press brings can still reach an answer that is older than 15 minutes.
        await interaction.response.defer()
        await interaction.delete_original_response()
        await services.forget(interaction.message.id)
        return
    chosen = interaction.message is not None and interaction.message.id != job.message_id  # a select, or More
    await interaction.response.defer(ephemeral=True, thinking=not chosen)
    await _take_away(services, job, index)
    await answer(interaction, text(own_locale(interaction), "deleted"))
    if by_author:
        await services.moderation.photo_deleted(job, actor(interaction))


async def delete_for(
    services: Services, interaction: Interaction, job: Job, reason: str, index: int | None = None
) -> None:
    """Take someone's message away, or one picture of it, and note that in the server's log. Raises NotYours."""
    _check_owner(interaction, job)
    await interaction.response.defer(ephemeral=True, thinking=True)
    take_away = partial(_take_away, services, job, index)
    if job.place.guild_id is None:  # then the requester is alone with the bot
        await take_away()
    else:
        who, whose = actor(interaction), job.place.user_id
        await services.moderation.deleted(who, job.place.guild_id, whose, reason, take_away)
    await answer(interaction, text(own_locale(interaction), "deleted"))


async def _take_away(services: Services, job: Job, index: int | None) -> None:
    if index is not None and await services.messenger.take_out(job, index):
        return
    await services.messenger.delete(job)
    if job.message_id is not None:
        await services.forget(job.message_id)


async def cancel(services: Services, interaction: Interaction, job: Job) -> None:
    """Stop a job that is queued or being painted, and refund it. Raises NotYours, AlreadyEnded."""
    _check_owner(interaction, job)
    if job.state.ended:
        raise AlreadyEnded
    await interaction.response.defer()  # the picture's message says what there is to say
    if not await services.orders.cancel(job.id):
        raise AlreadyEnded


def _is_author(interaction: Interaction, job: Job) -> bool:
    """Whether a photo in someone else's picture is the presser's."""
    return interaction.user.id in job.order.photos_of and interaction.user.id != job.place.user_id


def _check_may_delete(interaction: Interaction, job: Job) -> None:
    if not _is_author(interaction, job):
        _check_owner(interaction, job)


def _check_owner(interaction: Interaction, job: Job) -> None:
    """The requester may, and whoever may delete others' messages there."""
    if interaction.user.id == job.place.user_id:
        return
    if not (isinstance(interaction.user, discord.Member) and interaction.permissions.manage_messages):
        raise NotYours
