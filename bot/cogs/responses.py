"""Acknowledges and answers an interaction, visible to its user alone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

import discord

from bot.cogs.requester import actor
from bot.domain.actor import Actor, check_moderator
from bot.domain.jobs import Job
from bot.ui.discord_retry import DISCORD_FAILURES, soon

Interaction = discord.Interaction[Any]
T = TypeVar("T")

ACKNOWLEDGE_S = 1.5
"""Discord gives up on an interaction that is not acknowledged within three seconds."""
ALREADY_ANSWERED = 40060
"""Discord's code where an interaction has its answer already."""


async def promptly(interaction: Interaction, work: Coroutine[Any, Any, T]) -> T:
    """Return what the work gives; where that takes longer than ACKNOWLEDGE_S, let Discord wait for the answer."""
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait([task], timeout=ACKNOWLEDGE_S)
        if not done and not interaction.response.is_done():
            with suppress(*DISCORD_FAILURES):
                await interaction.response.defer(ephemeral=True, thinking=True)
        return await task
    except asyncio.CancelledError:
        task.cancel()
        raise


async def answer(interaction: Interaction, content: str, view: discord.ui.View | None = None) -> int:
    """Answer for the asker alone: at first, in place of "thinking", or in place of the selects that were answered.

    Returns the answer's message id.
    """

    async def send() -> int:
        if interaction.response.is_done():
            return (await interaction.edit_original_response(content=content, view=view)).id
        try:
            sent = await interaction.response.send_message(content, view=view or discord.utils.MISSING, ephemeral=True)
        except discord.HTTPException as error:
            if error.code != ALREADY_ANSWERED:
                raise
            return (await interaction.original_response()).id  # it was shown; what got lost is Discord's word for it
        return sent.message_id or 0

    return await soon(send)


async def without_a_word(interaction: Interaction) -> None:
    """Acknowledge where nothing is to be said: "thinking", and selects that were answered, go away."""
    is_press = interaction.type is discord.InteractionType.component
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=not is_press)
        if is_press:  # which Discord needs no message for
            return
    elif interaction.response.type is discord.InteractionResponseType.deferred_message_update and not (
        interaction.message and interaction.message.flags.ephemeral
    ):
        return  # the message belongs to all
    await interaction.delete_original_response()


async def moderator(interaction: Interaction) -> Actor:
    """Return who gives the order, and let Discord wait for the answer. Raises NotModerator."""
    who = actor(interaction)
    check_moderator(who, interaction.guild_id)
    await interaction.response.defer(ephemeral=True, thinking=True)
    return who


def own_message(interaction: Interaction, job: Job) -> discord.Message | None:
    """Return the job's message where it is the one that was pressed."""
    return interaction.message if interaction.message and interaction.message.id == job.message_id else None


def own_locale(interaction: Interaction) -> str:
    """Return the locale for what the asker alone sees."""
    return str(interaction.locale)
