"""Messages to the bot where people talk: a mention with words, and a direct message, draw; an attached photo starts it.

Without the message-content intent Discord tells nothing of the message that a mention replies to, so that a photo there
is started from by the context menu alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import discord

from bot.cogs.bot_permissions import check_permissions_at
from bot.cogs.public_refusals import PublicRefusals
from bot.cogs.refine import Refine, without_mention
from bot.cogs.replies import typing
from bot.cogs.requester import place_of
from bot.cogs.services import Services
from bot.domain.jobs import SHAPES, Kind, Order, check_words
from bot.errors import OnePicture, PhotoUnseen
from bot.services.versions import check_can_start
from bot.understanding.notation import read_notation
from bot.understanding.prompt_spec import Kind as Meant

TAKEN = (discord.MessageType.default, discord.MessageType.reply)


class Mentions:
    """Reads messages to the bot that answer none of its pictures."""

    def __init__(self, services: Services, refine: Refine, refusals: PublicRefusals, locale: str) -> None:
        self._services, self._refine, self._refusals, self._locale = services, refine, refusals, locale

    async def read(self, message: discord.Message, client: discord.Client) -> bool:
        """Draw what the message asks for; False where it is not to the bot.

        Raises WordsInvalid, PhotoUnseen, OnePicture, PermissionsMissing, TooManyUnderstandings, LanguageUnread, and
        what ordering raises.
        """
        me = client.user.id if client.user else 0
        if message.author.bot or message.webhook_id or message.type not in TAKEN:
            return False
        if message.guild is not None and f"<@{me}>" not in message.content and f"<@!{me}>" not in message.content:
            return False
        if await self._services.moderation.blocks(place_of(message, self._locale)):
            return True
        words = check_words(without_mention(message.content, me))
        check_permissions_at(message)
        photo, author = await self._photo(message, client)
        await self._draw(message, words, photo, author)
        return True

    async def _photo(self, message: discord.Message, client: discord.Client) -> tuple[discord.Attachment | None, int]:
        """Return the picture to start from, and whose it is: attached, else of the message that is replied to."""
        attached = _pictures(message)
        if len(attached) > 1:
            raise OnePicture
        answered = message.reference and message.reference.message_id
        if attached or not answered or message.guild is None:
            return (attached[0] if attached else None), message.author.id
        seen = message.reference.resolved if message.reference else None
        if isinstance(seen, discord.Message) and seen.author == client.user:
            return None, message.author.id
        flags = client.application_flags
        if not (flags.gateway_message_content or flags.gateway_message_content_limited):
            raise PhotoUnseen
        try:
            replied = await message.channel.fetch_message(answered)
        except discord.HTTPException as error:
            raise PhotoUnseen from error
        found = _pictures(replied)
        return (found[0] if found else None), replied.author.id

    async def _draw(self, message: discord.Message, words: str, photo: discord.Attachment | None, author: int) -> None:
        services, where = self._services, place_of(message, self._locale)
        usual = await services.members.get(message.author.id)
        chosen, read = services.styles.get(usual.style), read_notation(words)
        shape = read.shape or ("" if photo else usual.shape or (chosen.shape if chosen else "") or SHAPES[0])
        order = Order(
            words=check_words(read.words),
            shape=shape,
            seed=read.seed,
            kind=Kind.START if photo else Kind.IMAGINE,
            style=chosen.key if chosen else "",
            negative=read.negative,
            from_picture=photo is not None,
            ignored=read.ignored,
            photos_of=(author,) if photo else (),
        )
        if photo:
            check_can_start(services.catalog.facts)
        if not services.replies.begin(order, message.author.id):
            return
        await services.orders.check(replace(order, exact=True), where)  # the reading is counted already
        async with typing(message):
            reading = await services.replies.read_first(order, message.author.id)
        if reading.kind is Meant.CHAT:
            return
        start = partial(services.attachments.fetch, photo, message.author.id) if photo else None
        await self._refine.order(replace(order, spec=reading.spec), where, None, start)


def _pictures(message: discord.Message) -> list[discord.Attachment]:
    return [one for one in message.attachments if (one.content_type or "").startswith("image/")]
