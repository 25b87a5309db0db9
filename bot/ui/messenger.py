"""The one message of each job on Discord: posted, edited, found again after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import discord

from bot.domain.jobs import Job
from bot.domain.progress import Failed, Finished, Stage
from bot.services.ports import Undeliverable
from bot.ui.buttons import CANCEL, custom_id
from bot.ui.cards import Card, card
from bot.ui.i18n import text
from bot.ui.progress import DISCORD_FAILURES, ChannelEditor

HISTORY = 50
"""How far back a message is looked for that was posted but not written down."""


class DiscordMessenger:
    """Implements services.ports.Messenger."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._editors: dict[int, ChannelEditor] = {}

    async def post(self, job: Job) -> int:
        shown = card(job)
        with _undeliverable():
            message = await self._channel(job).send(
                shown.content, view=shown.view or discord.utils.MISSING, suppress_embeds=True
            )
        return message.id

    def show(self, job: Job, stage: Stage) -> None:
        if job.message_id is not None:
            self._editor(job).show(job.message_id, card(job, stage))

    async def finish(self, job: Job, stage: Finished | Failed) -> None:
        if job.message_id is None:
            return
        with _undeliverable():
            await self._editor(job).finish(job.message_id, card(job, stage))
        for channel_id in [found for found, editor in self._editors.items() if editor.idle]:
            del self._editors[channel_id]

    async def find(self, job: Job) -> tuple[int, bool] | None:
        channel = self._channel(job)
        with _undeliverable(), suppress(discord.NotFound):
            if job.message_id is not None:
                message = await channel.fetch_message(job.message_id)
                return message.id, _delivered(message)
            async for message in channel.history(limit=HISTORY):
                if job.id in _buttons(message):
                    return message.id, _delivered(message)
        return None

    async def ping(self, job: Job) -> None:
        who = discord.Object(job.place.user_id)
        picture = discord.MessageReference(
            message_id=job.message_id or 0, channel_id=job.place.channel_id, fail_if_not_exists=False
        )
        with _undeliverable():
            await self._channel(job).send(
                text(job.place.locale, "ping", who=f"<@{who.id}>"),
                reference=picture,
                allowed_mentions=discord.AllowedMentions(users=[who], everyone=False, roles=False, replied_user=False),
            )

    async def delete(self, job: Job) -> None:
        """Delete the job's message; one that is gone already is fine. Raises Undeliverable where Discord forbids it."""
        if job.message_id is not None:
            with _undeliverable(), suppress(discord.NotFound):
                await self._channel(job).get_partial_message(job.message_id).delete()

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)

    def _editor(self, job: Job) -> ChannelEditor:
        channel_id = job.place.channel_id
        if channel_id not in self._editors:
            channel = self._channel(job)

            async def edit(message_id: int, shown: Card) -> None:
                message = channel.get_partial_message(message_id)
                if shown.files is None:
                    await message.edit(content=shown.content, view=shown.view)
                else:
                    await message.edit(content=shown.content, view=shown.view, attachments=shown.discord_files())

            self._editors[channel_id] = ChannelEditor(edit)
        return self._editors[channel_id]


@contextmanager
def _undeliverable() -> Iterator[None]:
    """Turn what Discord refuses, and what the network loses, into Undeliverable."""
    try:
        yield
    except DISCORD_FAILURES as error:
        raise Undeliverable(str(error)) from error


def _buttons(message: discord.Message) -> str:
    return str([row.to_dict() for row in message.components])


def _delivered(message: discord.Message) -> bool:
    """Pictures and no Cancel button: a preview has both."""
    return bool(message.attachments) and custom_id(CANCEL, "") not in _buttons(message)
