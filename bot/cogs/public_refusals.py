"""Refusals and hints in the open, where a reply cannot be answered privately: bounded, and behind jobs' posts.

Invariant: a person gets one in 30 s, in whichever channel, and a channel three; what is over that is dropped, but for
questions, which then go by direct message. `replies` reads nothing of blocked people. So nobody can make the bot post
without limit, and no refusal delays a picture.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import discord

from bot.cogs.services import Services
from bot.errors import PermissionsMissing, note, sentence
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.i18n import text
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

INTERVAL_S = 30.0
PER_CHANNEL = 3
"""In INTERVAL_S, whoever they answer."""
REFUSAL_SHOWN_S, HINT_SHOWN_S = 30.0, 60.0
"""All in the channel see these, so they go away by themselves."""


class Allowance:
    """Counts what was posted in the last INTERVAL_S; it remembers nothing older."""

    def __init__(self) -> None:
        self._posted: OrderedDict[int, tuple[float, int]] = OrderedDict()
        """When and in which channel, by person, oldest first."""

    def take(self, user_id: int, channel_id: int, now: float) -> bool:
        """Return whether one more may be posted, and count it if so. `now` is in seconds of any steady clock."""
        while self._posted:
            oldest, (at, _) = next(iter(self._posted.items()))
            if abs(now - at) < INTERVAL_S:
                break
            del self._posted[oldest]
        in_channel = sum(channel == channel_id for _, channel in self._posted.values())
        if user_id in self._posted or in_channel >= PER_CHANNEL:
            return False
        self._posted[user_id] = now, channel_id
        return True


class PublicRefusals:
    """Answers replies that make no picture, in their channel."""

    def __init__(self, services: Services, locale: str) -> None:
        self._services, self._locale = services, locale
        self._allowance = Allowance()

    async def refuse(self, message: discord.Message, error: Exception) -> None:
        """Say why a reply was refused; where the bot may not post, by direct message."""
        note(error)
        if self._may_answer(message):
            answer = sentence(error, await self.locale_for(message))
            await self._post(message, answer, REFUSAL_SHOWN_S, directly=isinstance(error, PermissionsMissing))

    async def say(self, message: discord.Message, line: str, view: discord.ui.View | None = None) -> None:
        """Answer a reply that makes no picture with a line, and a button where there is one."""
        if self._may_answer(message):
            await self._post(message, line, HINT_SHOWN_S, view=view)

    async def ask(self, message: discord.Message, line: str, view: discord.ui.View, shown_s: float) -> None:
        """Ask in reply to a message; where that may not be, by direct message: a request would be lost else.

        So that there are not too many, each of its words must have been read before, which is bounded for a person.
        """
        if not (self._may_answer(message) and await self._post(message, line, shown_s, view=view)):
            await self._post_directly(message, line, view)

    async def hint_ping(self, message: discord.Message) -> None:
        """Say that a reply without ping cannot be read."""
        if self._may_answer(message):
            await self._post(message, text(await self.locale_for(message), "reply-hint"), HINT_SHOWN_S)

    def _may_answer(self, message: discord.Message) -> bool:
        return self._allowance.take(message.author.id, message.channel.id, self._services.clock.now())

    async def _post(
        self,
        message: discord.Message,
        content: str,
        shown_s: float,
        *,
        directly: bool = False,
        view: discord.ui.View | None = None,
    ) -> bool:
        """Return whether it was posted in reply to the message."""
        async with self._services.messenger.traffic.after_jobs(message.channel.id) as free:
            if not free:
                return False
            try:
                extra: dict[str, Any] = {"view": view} if view else {}
                await message.reply(content, mention_author=False, delete_after=shown_s, suppress_embeds=True, **extra)
            except DISCORD_FAILURES as failure:
                log.info("reply.unanswered", detail=str(failure))
                if directly:
                    await self._post_directly(message, content)
                return False
            return True

    async def _post_directly(self, message: discord.Message, content: str, view: discord.ui.View | None = None) -> None:
        try:
            extra: dict[str, Any] = {"view": view} if view else {}
            await message.author.send(f"{content}\n-# {message.jump_url}", suppress_embeds=True, **extra)
        except DISCORD_FAILURES as failure:
            log.info("reply.unanswered_directly", detail=str(failure))

    async def locale_for(self, message: discord.Message) -> str:
        """Return the server's locale; in direct messages, which tell none, that of the picture which is replied to.

        Where there is none either, that of the writer's newest request, else the host's.
        """
        if message.guild:
            return str(message.guild.preferred_locale)
        jobs = self._services.jobs
        picture = message.reference and message.reference.message_id
        job = await jobs.by_message(picture) if picture else None
        newest = [job] if job else await jobs.of_user(message.author.id, 0, 1)
        return newest[0].place.locale if newest else self._locale
