"""Cancel, while a picture is queued or painted, and Delete, once it is there: for its requester and for moderators."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import discord

from bot.cogs.requester import actor
from bot.cogs.responses import Interaction, answer, own_locale, own_message
from bot.cogs.services import Services
from bot.domain.jobs import Job
from bot.errors import AlreadyEnded, NotCancelled, NotYours
from bot.services.ports.messaging import Undeliverable
from bot.services.ports.storage import StoreUnavailable
from bot.ui.attachments import numbered
from bot.ui.button_items import ALL, KEEP
from bot.ui.buttons import delete_select, finished_buttons
from bot.ui.i18n import text
from bot.ui.modals import delete_form
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


async def delete(services: Services, interaction: Interaction, job: Job) -> None:
    """Take the job's message away, with its pictures; of a set, ask which. Raises NotYours.

    So may the author of a photo in it; a moderator is asked for a reason first.
    """
    _check_may_delete(interaction, job)
    if job.order.count == 1:
        await delete_picture(services, interaction, job)
        return
    there, locale = own_message(interaction, job), own_locale(interaction)
    left = numbered(there) if there else range(job.order.count)
    if there and job.order.private:  # which only an interaction with that very message can change at any time
        await interaction.response.edit_message(view=delete_select(locale, job.id, left, keep=True))
        return
    await answer(interaction, text(locale, "delete-ask"), delete_select(locale, job.id, left))


async def delete_chosen(services: Services, interaction: Interaction, job: Job, which: str) -> None:
    """Do what was chosen of what `delete` asked: `which` is an index, ALL or KEEP. Raises NotYours."""
    if which != KEEP:
        await delete_picture(services, interaction, job, None if which == ALL else int(which))
    elif there := own_message(interaction, job):
        await _show_left(interaction, job, numbered(there))


async def delete_picture(services: Services, interaction: Interaction, job: Job, index: int | None = None) -> None:
    """Take the picture at `index` out of a set, or the whole message away, as `delete` does. Raises NotYours."""
    _check_may_delete(interaction, job)
    by_author = _is_author(interaction, job)
    if not by_author and interaction.user.id != job.place.user_id:
        await interaction.response.send_modal(delete_form(own_locale(interaction), job, index))
        return
    there = own_message(interaction, job)
    if job.order.private and there:
        # Only the interaction that a press brings can still reach an answer that is older than 15 minutes.
        left = {at: file for at, file in numbered(there).items() if index is not None and at != index}
        if left:
            await _show_left(interaction, job, left)
            return
        await interaction.response.defer()
        await interaction.delete_original_response()
        await services.forget(there.id)
        return
    chosen = interaction.message is not None and there is None  # a select, or More
    await interaction.response.defer(ephemeral=True, thinking=not chosen)
    await take_away(services, job, index)
    await answer(interaction, text(own_locale(interaction), "deleted"))
    if by_author:
        await services.moderation.photo_deleted(job, actor(interaction))


async def delete_for(
    services: Services, interaction: Interaction, job: Job, reason: str, index: int | None = None
) -> None:
    """Take someone's message away, or one picture of it, and note that in the server's log. Raises NotYours."""
    _check_owner(interaction, job)
    await interaction.response.defer(ephemeral=True, thinking=True)
    deletes = partial(take_away, services, job, index)
    if job.place.guild_id is None:  # then the requester is alone with the bot
        await deletes()
    else:
        who, whose = actor(interaction), job.place.user_id
        await services.moderation.deleted(who, job.place.guild_id, whose, reason, deletes)
    await answer(interaction, text(own_locale(interaction), "deleted"))


async def _show_left(interaction: Interaction, job: Job, left: Mapping[int, discord.Attachment]) -> None:
    """Let a private set's message show these of its pictures, with the usual buttons."""
    view = finished_buttons(job.place.locale, job.id, job.order.count, private=True, left=left)
    await interaction.response.edit_message(attachments=list(left.values()), view=view)


async def take_away(services: Services, job: Job, index: int | None = None) -> None:
    """Take the picture at `index` out of a set's message, or the whole message away. Raises Undeliverable."""
    if index is not None and await services.messenger.take_out(job, index):
        return
    try:
        await services.messenger.delete(job)
    except Undeliverable:
        if not job.token:  # else it answered an interaction, and is its reader's alone to dismiss by now
            raise
    if job.message_id is not None:
        try:
            await services.forget(job.message_id)
        except StoreUnavailable as error:  # it is gone, and whoever looks for it finds that out
            log.warning("picture.deletion_unnoted", job_id=job.id, detail=str(error))


async def cancel(services: Services, interaction: Interaction, job: Job) -> None:
    """Stop a job that is queued or being painted, and refund it. Raises NotYours, AlreadyEnded, NotCancelled."""
    _check_owner(interaction, job)
    if job.state.ended:
        raise AlreadyEnded
    await interaction.response.defer()  # the picture's message says what there is to say
    try:
        own = interaction.user.id == job.place.user_id
        is_cancelled = await services.orders.cancel(job.id, by_requester=own)
    except StoreUnavailable as error:
        raise NotCancelled from error
    if not is_cancelled:
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
