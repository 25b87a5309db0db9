"""A job's one message on Discord: posted, edited, and found again after a crash.

A private picture goes the ways of `private_delivery`.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import discord
from discord.http import Ratelimit

from bot.domain.jobs import Job
from bot.domain.progress import Failed, Finished, HeldForReview, Painting, Stage, Suspended, Unknown
from bot.services.ports.messaging import Posted, Undeliverable
from bot.services.ports.pictures import Pixels
from bot.ui.attachments import numbered
from bot.ui.button_items import CANCEL, custom_id
from bot.ui.buttons import finished_buttons
from bot.ui.call_budget import CallBudget, Weight, weighing
from bot.ui.cards import Card, card
from bot.ui.channel_editor import ChannelEditor
from bot.ui.channel_traffic import ChannelTraffic
from bot.ui.discord_retry import DISCORD_FAILURES, passes, repeated
from bot.ui.fine_print import unknown_notice
from bot.ui.i18n import text
from bot.ui.private_delivery import PrivateDelivery, component_ids
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

HISTORY = 100
"""Among how many messages one is looked for that was posted but not written down; Discord gives as many at once."""
REMEMBERED = 1_000
"""Interactions that asked for pictures; an older one answers no more."""
THREAD_ARCHIVED = 50083
"""Discord's code where a thread was archived, so that its messages cannot be edited; a new message opens it again."""
EDIT_ROUTE = "PATCH /channels/{channel_id}/messages/{message_id}"
"""As discord.py names it."""
KEPT_FOR_ENDS = 2
"""Of the edits that Discord takes in a channel, usually five in five seconds, so many are not for progress."""
SKEW_S = 60.0
"""By how much this host's clock may be ahead of Discord's."""


class DiscordMessenger:
    """Implements services.ports.messaging.Messenger."""

    def __init__(self, client: discord.Client, pixels: Pixels, calls: CallBudget | None = None) -> None:
        self._client, self.pixels, self._calls = client, pixels, calls or CallBudget()
        self._private = PrivateDelivery(client)
        self.traffic = ChannelTraffic()
        self._editors: dict[int | str, ChannelEditor] = {}
        self._interactions: OrderedDict[str, discord.Interaction[Any]] = OrderedDict()
        """What asked for each job, by the job's id."""
        self._asides: set[asyncio.Task[None]] = set()

    def asked_by(self, job: Job, interaction: discord.Interaction[Any]) -> None:
        """Remember through which interaction the job's requester can be told something alone."""
        self._interactions[job.id] = interaction
        if len(self._interactions) > REMEMBERED:
            self._interactions.popitem(last=False)

    def confide(self, job: Job, unknown: Unknown) -> None:
        if not job.alone:
            aside = asyncio.create_task(self._confide(job, unknown))
            self._asides.add(aside)
            aside.add_done_callback(self._asides.discard)

    async def _confide(self, job: Job, unknown: Unknown) -> None:
        """Tell it by the interaction that asked; where a message asked, or a restart forgot it, by direct message."""
        interaction = self._interactions.pop(job.id, None)
        locale = str(interaction.locale) if interaction else job.place.locale
        line = unknown_notice(locale, unknown)
        try:
            if interaction and not interaction.is_expired():
                await interaction.followup.send(line, ephemeral=True)
            else:
                await (await self._private.direct(job)).send(f"{line}\n{job.link}".strip(), suppress_embeds=True)
        except DISCORD_FAILURES as error:
            log.info("job.unknown_untold", job_id=job.id, detail=str(error))

    async def post(self, job: Job, finished: Finished | None = None) -> Posted:
        with _undeliverable():
            stage = None if finished is None else await self._fitted(job, finished)
            return await self._send(job, card(job, stage))

    def show(self, job: Job, stage: Stage) -> None:
        if job.message_id is not None:
            preview = isinstance(stage, Painting) and stage.preview is not None
            self._editor(job).show(job.message_id, partial(card, job, stage), preview=preview)

    async def finish(self, job: Job, stage: Finished | Failed | HeldForReview | Suspended) -> Posted | None:
        if job.message_id is None:
            return None
        shown = card(job, await self._fitted(job, stage))
        moved = None
        with _undeliverable():
            try:
                await self._editor(job).finish(job.message_id, shown)
            except DISCORD_FAILURES as error:
                archived = isinstance(error, discord.HTTPException) and error.code == THREAD_ARCHIVED
                if not (job.token or archived) or isinstance(stage, Suspended):
                    raise
                moved = await self._send(job, shown, anew=True)  # which opens an archived thread again
        self._interactions.pop(job.id, None)
        for key in [found for found, editor in self._editors.items() if editor.idle]:
            del self._editors[key]
        return moved

    async def tell(self, job: Job, failed: Failed) -> None:
        shown = card(job, failed)
        try:
            await (await self._private.direct(job)).send(shown.content, suppress_embeds=True)
        except DISCORD_FAILURES as error:
            log.info("job.end_untold", job_id=job.id, detail=str(error))

    async def find(self, job: Job) -> tuple[Posted, bool] | None:
        with _undeliverable(), suppress(discord.NotFound):
            return await repeated(lambda: self._found(job))
        return None

    async def _found(self, job: Job) -> tuple[Posted, bool] | None:
        if job.token and (answer := await self._private.find_answer(job)):
            return Posted(job.place.channel_id, answer.id, answer=True), _delivered(answer)
        channel = await self._private.direct(job) if job.token else self._channel(job)
        if job.message_id is not None and not job.token:
            message = await channel.fetch_message(job.message_id)
            return Posted(channel.id, message.id), _delivered(message)
        async for message in self._near(channel, job):
            if message.author == self._client.user and job.id in component_ids(message):
                return Posted(channel.id, message.id), _delivered(message)
        return None

    async def _near(self, channel: discord.PartialMessageable, job: Job) -> AsyncIterator[discord.Message]:
        """Yield the messages that followed the request, then the newest, in case a clock was wrong."""
        asked = datetime.fromtimestamp(job.created_at - SKEW_S, UTC)
        async for message in channel.history(limit=HISTORY, after=asked):
            yield message
        async for message in channel.history(limit=HISTORY):
            yield message

    async def fetch(self, job: Job) -> discord.Message:
        """Return the job's message as it is now, with fresh addresses of its pictures. Raises Undeliverable."""
        with _undeliverable():
            if job.token:
                return await self._private.answer(job).fetch_message(job.message_id or 0)
            return await self._channel(job).fetch_message(job.message_id or 0)

    async def ping(self, job: Job) -> None:
        if job.order.private:
            return  # a direct message tells by itself, and in the channel this is nobody's business
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
        if job.message_id is None:
            return
        with _undeliverable(), suppress(discord.NotFound):
            if job.token:
                await self._private.answer(job).delete_message(job.message_id)
            else:
                await self._channel(job).get_partial_message(job.message_id).delete()

    async def take_out(self, job: Job, index: int) -> bool:
        """Take one picture of a set, counted from 0, out of its message; False where that shows no other, or is gone.

        Raises Undeliverable.
        """
        try:
            message = await self.fetch(job)
        except Undeliverable as error:
            if isinstance(error.__cause__, discord.NotFound):
                return False
            raise
        kept = {at: file for at, file in numbered(message).items() if at != index}
        if kept:
            view = finished_buttons(job.place.locale, job.id, job.order.count, left=kept)
            with _undeliverable():
                await repeated(lambda: message.edit(attachments=list(kept.values()), view=view))
        return bool(kept)

    async def _send(self, job: Job, shown: Card, *, anew: bool = False) -> Posted:
        """Post a new message: in the channel or, where it is private, in the requester's direct messages.

        One that comes `anew`, in another's place, is no repetition of that one to Discord.
        """
        channel = await self._private.direct(job) if job.order.private else self._channel(job)
        with self.traffic.posting(channel.id), weighing(Weight.END if shown.files else Weight.OTHER):
            message = await repeated(
                lambda: channel.send(
                    shown.content,
                    view=shown.view or discord.utils.MISSING,
                    files=shown.discord_files(),
                    suppress_embeds=True,
                    nonce=_nonce(job) ^ anew,
                )
            )
        return Posted(message.channel.id, message.id)

    async def _fitted(self, job: Job, stage: Stage) -> Stage:
        """Return the stage with each picture within Discord's upload limit there. Raises PictureInvalid."""
        if not isinstance(stage, Finished):
            return stage
        limit = upload_limit(self._client, job.place.guild_id)
        return replace(stage, pictures=tuple([await self.pixels.fit(picture, limit) for picture in stage.pictures]))

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(job.place.channel_id, guild_id=job.place.guild_id)

    def _editor(self, job: Job) -> ChannelEditor:
        key: int | str = job.id if job.token else job.place.channel_id
        if key not in self._editors:
            self._editors[key] = (
                ChannelEditor(self._answer_edit(job))
                if job.token
                else ChannelEditor(self._channel_edit(job), has_room=partial(self._has_room, job.place.channel_id))
            )
        return self._editors[key]

    def _has_room(self, channel_id: int) -> bool:
        """Whether progress may take a call: of the bot's, and of those that Discord still takes in the channel."""
        left = edits_left(self._client, channel_id)
        return self._calls.has_room and (left is None or left > KEPT_FOR_ENDS)

    def _channel_edit(self, job: Job) -> Callable[[int, Card], Awaitable[None]]:
        channel = self._channel(job)

        async def edit(message_id: int, shown: Card) -> None:
            await channel.get_partial_message(message_id).edit(**_changes(shown))

        return edit

    def _answer_edit(self, job: Job) -> Callable[[int, Card], Awaitable[None]]:
        answer = self._private.answer(job)

        async def edit(message_id: int, shown: Card) -> None:
            await answer.edit_message(message_id, **_changes(shown))

        return edit


def upload_limit(client: discord.Client, guild_id: int | None) -> int:
    """Return how many bytes a file may have there."""
    guild = client.get_guild(guild_id) if guild_id else None
    return guild.filesize_limit if guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES


def edits_left(client: discord.Client, channel_id: int) -> int | None:
    """Return how many edits Discord still takes in the channel at this time; None where it did not say so yet."""
    buckets: dict[str, Ratelimit] = getattr(client.http, "_buckets", {})  # discord.py 2.7.1 has no other place for this
    known: dict[str, str] = getattr(client.http, "_bucket_hashes", {})
    bucket = buckets.get(f"{known.get(EDIT_ROUTE)}:{channel_id}")
    return None if bucket is None or bucket.is_expired() else bucket.remaining


def _nonce(job: Job) -> int:
    """Return the number by which Discord knows a repeated message, for some minutes, and does not post it twice."""
    return int(job.id[:15], 16)


def _changes(shown: Card) -> dict[str, Any]:
    changes: dict[str, Any] = {"content": shown.content, "view": shown.view}
    return changes if shown.files is None else {**changes, "attachments": shown.discord_files()}


@contextmanager
def _undeliverable() -> Iterator[None]:
    """Turn what Discord refuses, and what the network loses, into Undeliverable."""
    try:
        yield
    except DISCORD_FAILURES as error:
        raise Undeliverable(str(error), passes=passes(error)) from error


def _delivered(message: discord.Message) -> bool:
    """Pictures and no Cancel button: a preview has both."""
    return bool(message.attachments) and custom_id(CANCEL, "") not in component_ids(message)
