"""Replies to the bot's pictures: the language model reads them first, and only a wish for a picture takes an order.

A reply whose ping is off arrives without its text and gets a hint.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import discord

from bot.cogs.bot_permissions import check_permissions_at
from bot.cogs.pick import pick_for
from bot.cogs.public_refusals import HINT_SHOWN_S, PublicRefusals
from bot.cogs.refine import Refine, undo_line, without_mention
from bot.cogs.requester import place_of
from bot.cogs.responses import Interaction, own_locale
from bot.cogs.services import Services
from bot.domain.jobs import Job, Kind, Order
from bot.errors import NoSuchPicture, NotYours, PictureGone, sentence
from bot.services import versions
from bot.services.reply_reader import Reading
from bot.ui.buttons import which_buttons
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.understanding.prompt_spec import Kind as Meant


class Replies:
    """Reads replies. Discord gives their text where the ping is on, and in direct messages."""

    def __init__(self, services: Services, refine: Refine, refusals: PublicRefusals) -> None:
        self._services, self._refine, self._refusals = services, refine, refusals

    async def read(self, message: discord.Message, me: int) -> bool:
        """Do what the reply asks for; `me` is the bot's id. False where it answers no picture of the bot.

        Raises what refining raises, and TooManyUnderstandings.
        """
        job = await self._job(message)
        if job is None:
            return False
        guild_id = message.guild.id if message.guild else None
        if await self._services.moderation.blocks(place_of(message, job.place.locale)):
            return True
        mentions = f"<@{me}>" in message.content or f"<@!{me}>" in message.content
        if not await self._services.replies.counts(guild_id, mentions):
            return False
        words = without_mention(message.content, me)
        pinged = message.guild is None or any(user.id == me for user in message.mentions)
        if words or pinged:
            await self._answer(message, job, words)
        else:
            await self._refusals.hint_ping(message)
        return True

    async def _answer(self, message: discord.Message, job: Job, words: str) -> None:
        check_permissions_at(message)
        order = self._refine.of_reply(message, job, words)
        if order.references:
            versions.check_can_start(self._services.catalog.facts)
            as_a_change = replace(order, from_picture=True, exact=True)  # whose words are not read yet
            await self._services.orders.check(as_a_change, place_of(message, job.place.locale))
        if not self._services.replies.begin(order, message.author.id):  # before Discord is asked to show anything
            return
        async with typing(message):
            reading = await self._services.replies.read(job, order, message.author.id)
        if reading.kind is Meant.NEW and order.references:  # what is attached is for the picture that is replied to
            reading = replace(reading, kind=Meant.CHANGE)
        change = reading.kind is Meant.CHANGE or (reading.kind is Meant.CHAT and (reading.spec or reading.picture))
        if job.order.count > 1 and change:
            await self._of_set(message, job, words, reading)
            return
        match reading.kind:
            case Meant.UNDO:
                await self._point(message, job, reading.version)
            case Meant.CHAT if reading.spec is None:
                pass
            case Meant.CHAT:
                await self._ask(message, job, replace(order, spec=reading.spec))
            case Meant.NEW:
                new = replace(order, kind=Kind.IMAGINE, seed=None, base=None, spec=reading.spec, photos_of=())
                await self._refine.by_reply(message, None, new, locale=job.place.locale, unknown=reading.unknown)
            case Meant.CHANGE:
                changed = versions.as_read(order, reading.spec, self._services.styles)
                await self._refine.by_reply(message, job, changed, unknown=reading.unknown)

    async def _of_set(self, message: discord.Message, job: Job, words: str, reading: Reading) -> None:
        """Change the picture of a set that the reply names; where it names none, ask. Raises NoSuchPicture."""
        count, number = job.order.count, reading.picture
        if number is not None and not 1 <= number <= count:
            raise NoSuchPicture(count)
        left = await self._services.left(job)
        if number is None and len(left) == 1:
            number = 1 + min(left)
        if number is None:
            each = replace(self._refine.of_reply(message, job, words, 0), exact=True)  # the reading is counted already
            await self._services.orders.check(each, place_of(message, job.place.locale))
            line = text(_locale(message, job), "which-of-set")
            await self._refusals.say(message, line, which_buttons(job.id, left, message.id))
            return
        if number - 1 not in left:
            raise PictureGone
        if reading.spec is None and reading.kind is Meant.CHAT:  # it names a picture, and nothing to change
            before = await pick_for(self._services, job, number - 1, place_of(message, job.place.locale))
            if before is not None:
                line = text(_locale(message, job), "picked-before", number=number, link=before.link)
                await self._refusals.say(message, line)
            return
        order = self._refine.of_reply(message, job, words, number - 1)
        changed = versions.as_read(order, reading.spec, self._services.styles)
        await self._refine.by_reply(message, job, changed, index=number - 1, unknown=reading.unknown)

    async def _point(self, message: discord.Message, job: Job, version: Job | None) -> None:
        """Show where the version is that an undo means, with its buttons."""
        where, orders = place_of(message, job.place.locale), self._services.orders
        says = version is None or await orders.may_be_repeated(version.order, where)
        await self._refusals.say(message, undo_line(_locale(message, job), version, says=says))

    async def _ask(self, message: discord.Message, job: Job, order: Order) -> None:
        """Ask about a change that was read out of what seems to be chat; nothing where it could not be drawn anyway."""
        if not await self._services.orders.takes(order, place_of(message, job.place.locale)):
            return
        view = _Ask(self._refine, message, job, order)
        shown = plain(order.spec.understood, 200) if order.spec else ""
        await self._refusals.say(message, text(_locale(message, job), "chat-or-change", understood=shown), view)

    async def _job(self, message: discord.Message) -> Job | None:
        """Return the job of the picture that the message replies to."""
        reference = message.reference
        if message.author.bot or message.webhook_id or reference is None or reference.message_id is None:
            return None
        if message.type is not discord.MessageType.reply:  # a forwarded message has a reference as well
            return None
        return await self._services.jobs.by_message(reference.message_id)


class _Ask(discord.ui.View):
    """One button, for whoever replied, as long as the line is there."""

    def __init__(self, refine: Refine, message: discord.Message, job: Job, order: Order) -> None:
        super().__init__(timeout=HINT_SHOWN_S)
        self._refine, self._message, self._job, self._order = refine, message, job, order
        button: discord.ui.Button[_Ask] = discord.ui.Button(
            label=text(_locale(message, job), "chat-change-it"), style=discord.ButtonStyle.primary
        )
        button.callback = self._pressed  # type: ignore[method-assign]
        self.add_item(button)

    async def _pressed(self, interaction: Interaction) -> None:
        locale = own_locale(interaction)
        if interaction.user.id != self._message.author.id:
            await interaction.response.send_message(sentence(NotYours(), locale), ephemeral=True)
            return
        await interaction.response.defer()
        if self.is_finished():  # of a double click, the second one
            return
        self.stop()
        try:
            await self._refine.by_reply(self._message, self._job, self._order)
        except Exception as error:
            await interaction.followup.send(sentence(error, locale), ephemeral=True)
            return
        await interaction.delete_original_response()


@asynccontextmanager
async def typing(message: discord.Message) -> AsyncIterator[None]:
    """Show that the bot is typing; where Discord does not take that, the reply is read all the same."""
    typing = message.channel.typing()
    try:
        await typing.__aenter__()
    except DISCORD_FAILURES:
        yield
        return
    try:
        yield
    finally:
        await typing.__aexit__(None, None, None)


def _locale(message: discord.Message, job: Job) -> str:
    return str(message.guild.preferred_locale) if message.guild else job.place.locale
