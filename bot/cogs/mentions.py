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
from bot.cogs.refine import without_mention
from bot.cogs.replies import typing
from bot.cogs.requester import place_of
from bot.cogs.services import Services
from bot.cogs.thing_doubts import Asked, ThingDoubts
from bot.domain.jobs import SHAPES, Kind, Order, check_words
from bot.errors import PhotoUnseen
from bot.services.versions import check_can_start
from bot.ui.attachments import pictures_on
from bot.ui.i18n import SOURCE, text
from bot.understanding.notation import read_notation
from bot.understanding.prompt_spec import Kind as Meant

Photos = tuple[list[discord.Attachment], tuple[int, ...]]
"""Pictures to start from, and their authors."""
TAKEN = (discord.MessageType.default, discord.MessageType.reply)


class Mentions:
    """Reads messages to the bot that answer none of its pictures."""

    def __init__(self, services: Services, doubts: ThingDoubts, refusals: PublicRefusals) -> None:
        self._services, self._doubts, self._refusals = services, doubts, refusals

    async def read(self, message: discord.Message, client: discord.Client) -> bool:
        """Draw what the message asks for; False where it is not to the bot.

        Raises WordsInvalid, PhotoUnseen, PermissionsMissing, TooManyUnderstandings, LanguageUnread, and what ordering
        raises.
        """
        me = client.user.id if client.user else 0
        if message.author.bot or message.webhook_id or message.type not in TAKEN:
            return False
        if message.guild is not None and f"<@{me}>" not in message.content and f"<@!{me}>" not in message.content:
            return False
        if await self._services.moderation.blocks(place_of(message, SOURCE)):
            return True
        words = check_words(without_mention(message.content, me))
        check_permissions_at(message)
        # Before Discord is asked for anything, since this is what bounds how often that is.
        if self._services.replies.begin(Order(words), message.author.id):
            await self._draw(message, words, *await self._photos(message, client))
        return True

    async def _photos(self, message: discord.Message, client: discord.Client) -> Photos:
        """Return the pictures to start from: of the message that is replied to, where it shows, then those attached."""
        attached = pictures_on(message)
        own = attached, (message.author.id,) if attached else ()
        answered = message.reference and message.reference.message_id
        if not answered or message.guild is None:
            return own
        seen = message.reference.resolved if message.reference else None
        if isinstance(seen, discord.Message) and seen.author == client.user:
            return own
        try:
            replied = await self._replied(message, client, answered)
        except PhotoUnseen:
            if attached:
                return own
            raise
        found = pictures_on(replied)[:1]
        authors = (*(replied.author.id for _ in found), *own[1])
        return [*found, *attached], tuple(dict.fromkeys(authors))

    async def _replied(self, message: discord.Message, client: discord.Client, answered: int) -> discord.Message:
        """Return the message that is replied to. Raises PhotoUnseen where Discord does not show it."""
        flags = client.application_flags
        if not (flags.gateway_message_content or flags.gateway_message_content_limited):
            raise PhotoUnseen
        try:
            return await message.channel.fetch_message(answered)
        except discord.HTTPException as error:
            raise PhotoUnseen from error

    async def _draw(
        self, message: discord.Message, words: str, photos: list[discord.Attachment], authors: tuple[int, ...]
    ) -> None:
        services, where = self._services, place_of(message, await self._refusals.locale_for(message))
        usual = await services.members.get(message.author.id)
        chosen, read = services.styles.get(usual.style), read_notation(words)
        shape = read.shape or ("" if photos else usual.shape or (chosen.shape if chosen else "") or SHAPES[0])
        order = Order(
            words=check_words(read.words),
            shape=shape,
            seed=read.seed,
            kind=Kind.START if photos else Kind.IMAGINE,
            style=chosen.key if chosen else "",
            negative=read.negative,
            from_picture=bool(photos),
            references=max(0, len(photos) - 1),
            ignored=read.ignored,
            loras=read.loras,
            photos_of=authors,
        )
        if photos:
            check_can_start(services.catalog.facts)
            services.orders.check_models(order)
        await services.orders.check(replace(order, exact=True), where)  # the reading is counted already
        async with typing(message):
            reading = await services.replies.read_first(order, message.author.id)
        if reading.kind is Meant.CHAT:
            if message.guild is None:  # elsewhere it may be said to others, and an answer would be noise
                await self._refusals.say(message, text(where.locale, "direct-chat"))
            return
        start = partial(services.attachments.fetch_all, photos, message.author.id) if photos else None
        asked = Asked(replace(order, spec=reading.spec), start=start, unknown=reading.unknown)
        await self._doubts.take_there(message, asked, where)
