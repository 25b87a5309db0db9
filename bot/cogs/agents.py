"""Agents that act for a member: their calls go the way of the member's own requests, and end in the channel.

Invariant: an agent may do no more than the person it acts for may do by hand, now, in its channel; a call that is
cancelled cancels its request, refunded.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import discord

from bot.cogs.bot_permissions import check_permissions_in
from bot.cogs.refine import Refine
from bot.cogs.requester import parent_of, roles_of
from bot.cogs.services import Services, Start
from bot.domain.jobs import SHAPES, Job, JobState, Order, Place, check_words
from bot.errors import (
    AgentBusy,
    AgentChannelUnknown,
    AgentNotMember,
    AgentTooFast,
    JobUnknown,
    NoSuchPicture,
    note,
    sentence,
)
from bot.host.agent_wire import Answer, Call, Change, Draw, LookUp, Picture, Request, Usage
from bot.services import versions
from bot.services.minute_budget import MinuteBudget
from bot.services.orders import Closing
from bot.services.ports.messaging import Undeliverable
from bot.ui.attachments import AttachmentRefused, numbered
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.i18n import text
from bot.ui.usage import usage_text
from bot.understanding.assemble import assemble
from bot.understanding.notation import read_notation
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

WAIT_S = 50.0
"""A call waits no longer for its picture: official clients give a tool a minute. The picture comes all the same."""
OPEN_CALLS, CALLS_A_MINUTE = 8, 20
"""Of agents that act for one person: a program asks faster than people press buttons, and without end."""

Channel = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class Agents:
    """Answers agents' calls. One call a person asks Discord at a time; while its pictures are painted, another may."""

    def __init__(self, services: Services, refine: Refine, client: discord.Client, locale: str) -> None:
        self._services, self._refine, self._client, self._locale = services, refine, client, locale
        self._open: Counter[int] = Counter()
        self._turns: dict[int, asyncio.Lock] = {}
        self._calls = MinuteBudget(services.clock, CALLS_A_MINUTE)

    async def answer(self, call: Request) -> Answer:
        """Do what the call asks for; a refusal is the sentence that the person would read."""
        locale = self._locale
        try:
            async with self._counted(call.user_id) as turn:
                if not self._client.is_ready():
                    raise Closing
                channel = self._channel(call)
                locale = str(channel.guild.preferred_locale)
                async with turn:
                    where = await self._place(call, channel)
                return await self._answered(call, where, channel, turn)
        except Exception as error:
            note(error)
            return Answer(sentence(error, locale), refused=True)

    async def _answered(self, call: Request, where: Place, channel: Channel, turn: asyncio.Lock) -> Answer:
        match call:
            case Draw() | Change():
                check_permissions_in(channel)
                async with turn:
                    job = await self._accepted(call, where)
                await self._painted(job)
                async with turn:
                    return await self._shown(await self._own(job.id, where))
            case LookUp():
                async with turn:
                    return await self._shown(await self._own(call.picture, where))
            case Usage():
                return Answer(usage_text(where.locale, await self._services.limits.usage(where), in_guild=True))

    @asynccontextmanager
    async def _counted(self, user_id: int) -> AsyncIterator[asyncio.Lock]:
        """Raises AgentBusy, AgentTooFast."""
        if self._open[user_id] >= OPEN_CALLS:
            raise AgentBusy
        if self._calls.spend(user_id) is not None:
            raise AgentTooFast
        self._open[user_id] += 1
        try:
            yield self._turns.setdefault(user_id, asyncio.Lock())
        finally:
            self._open[user_id] -= 1
            if not self._open[user_id]:
                del self._open[user_id], self._turns[user_id]

    def _channel(self, call: Call) -> Channel:
        """Raises AgentChannelUnknown; a private thread has members of its own, whom the bot does not know."""
        channel = self._client.get_channel(call.channel_id)
        if not isinstance(channel, Channel) or (isinstance(channel, discord.Thread) and channel.is_private()):
            raise AgentChannelUnknown
        return channel

    async def _place(self, call: Call, channel: Channel) -> Place:
        """Return where the person is, with the roles of now. Raises AgentNotMember, Undeliverable."""
        try:
            member = await channel.guild.fetch_member(call.user_id)
        except discord.NotFound as error:
            raise AgentNotMember from error
        except DISCORD_FAILURES as error:
            raise Undeliverable(str(error)) from error
        may = channel.permissions_for(member)
        write = may.send_messages_in_threads if isinstance(channel, discord.Thread) else may.send_messages
        if member.bot or not (may.view_channel and write):
            raise AgentNotMember
        locale = str(channel.guild.preferred_locale)
        return Place(member.id, channel.id, channel.guild.id, locale, roles_of(member), parent_of(channel))

    async def _accepted(self, call: Draw | Change, where: Place) -> Job:
        """Accept the order and start it, as Refine.order does. Raises what ordering raises."""
        order, parent, start = await (self._new(call, where) if isinstance(call, Draw) else self._changed(call, where))
        starts = await self._services.fetched(order, where, start)
        made = await self._services.orders.submit(order, where, parent.id if parent else None, starts=starts)
        log.info("job.by_agent", job_id=made.job.id)
        self._services.orders.start(made.job)
        return made.job

    async def _new(self, call: Draw, where: Place) -> tuple[Order, None, None]:
        usual = await self._services.members.get(where.user_id)
        style, read = self._services.styles.get(usual.style), read_notation(check_words(call.words))
        shape = call.shape or read.shape or usual.shape or (style.shape if style else "") or SHAPES[0]
        order = Order(
            words=check_words(read.words),
            shape=shape,
            count=call.count,
            seed=read.seed if call.seed is None else call.seed,
            exact=call.exact,
            style=style.key if style else "",
            negative=read.negative,
            ignored=read.ignored,
            loras=read.loras,
            anyway=True,
        )
        return order, None, None

    async def _changed(self, call: Change, where: Place) -> tuple[Order, Job, Start | None]:
        """Raises JobUnknown, PictureGone, NoSuchPicture, and what refining raises."""
        parent = await self._own(call.picture, where)
        if not 1 <= call.number <= parent.order.count:
            raise NoSuchPicture(parent.order.count)
        await self._services.check_left(parent, call.number - 1)
        order = versions.refine(parent, check_words(call.words), index=call.number - 1)
        order = replace(order, private=False, anyway=True)
        return self._refine.from_parent(order, parent, where.user_id, call.number - 1)

    async def _painted(self, job: Job) -> None:
        """Wait for the pictures, for WAIT_S at most; being cancelled meanwhile cancels the job."""
        try:
            await self._services.moderation.show_photo_uses(job)
            async with asyncio.timeout(WAIT_S):
                await self._services.orders.ended(job.id)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            log.info("job.agent_left", job_id=job.id)
            await self._services.orders.cancel(job.id, by_requester=True)
            raise

    async def _own(self, job_id: str, where: Place) -> Job:
        """Return a job of the person's in this server that others may see. Raises JobUnknown."""
        job = await self._services.jobs.get(job_id)
        if (
            job is None
            or job.order.private
            or (job.place.user_id, job.place.guild_id) != (where.user_id, where.guild_id)
        ):
            raise JobUnknown
        return job

    async def _shown(self, job: Job) -> Answer:
        """Return the facts, with the pictures of a finished job; of one that failed, what its message says."""
        facts, locale = self._facts(job), job.place.locale
        if not job.state.ended and job.state is not JobState.HELD:
            return Answer(text(locale, "agent-on-its-way"), picture=facts)
        done = job.state is JobState.DONE
        try:
            message = await self._services.messenger.fetch(job)
            if not done:
                return Answer(message.content, refused=True, picture=facts)
            user_id, numbers = job.place.user_id, sorted(numbered(message))
            files = [await self._services.attachments.of_message(message, number, user_id) for number in numbers]
            return Answer(picture=facts, files=tuple(files))
        except (Undeliverable, AttachmentRefused):
            return Answer(text(locale, "agent-unseen" if done else "agent-ended"), refused=not done, picture=facts)

    def _facts(self, job: Job) -> Picture:
        spec, order = job.spec, job.order
        edits, styles = self._services.catalog.facts.edits(order), self._services.styles
        prompt, negative = assemble(styles, order, spec, edits=edits) if spec else (order.words, order.negative)
        return Picture(
            id=job.id,
            state=job.state.value,
            words=order.words,
            understood=spec.understood if spec and not order.exact else "",
            prompt=prompt,
            negative=negative,
            seed=job.seed,
            size=job.painted.size if job.painted else "",
            link=job.link,
        )
