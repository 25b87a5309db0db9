"""Replies to the bot's pictures refine them; a reply whose ping is off arrives without its text and gets a hint."""

from __future__ import annotations

import discord

from bot.cogs.public_refusals import PublicRefusals
from bot.cogs.refine import Refine
from bot.cogs.services import Services
from bot.domain.jobs import Job


class Replies:
    """Reads replies. Discord gives their text where the ping is on, and in direct messages."""

    def __init__(self, services: Services, refine: Refine, refusals: PublicRefusals) -> None:
        self._services, self._refine, self._refusals = services, refine, refusals

    async def read(self, message: discord.Message, me: int) -> bool:
        """Refine the picture that the message replies to; `me` is the bot's id. False where it is another.

        Raises what refining raises.
        """
        job = await self._job(message)
        if job is None:
            return False
        words = _without_mention(message.content, me)
        pinged = message.guild is None or any(user.id == me for user in message.mentions)
        if words or pinged:
            await self._refine.by_reply(message, job, words)
        else:
            await self._refusals.hint_ping(message)
        return True

    async def _job(self, message: discord.Message) -> Job | None:
        """Return the job of the picture that the message replies to."""
        reference = message.reference
        if message.author.bot or message.webhook_id or reference is None or reference.message_id is None:
            return None
        if message.type is not discord.MessageType.reply:  # a forwarded message has a reference as well
            return None
        return await self._services.jobs.by_message(reference.message_id)


def _without_mention(content: str, me: int) -> str:
    return content.replace(f"<@{me}>", " ").replace(f"<@!{me}>", " ").strip()
