"""A thing that the loaded models do not know is said before anything is painted or counted; the asker may go on.

Only a language model with a published vocabulary knows what it does not know. Its words are then read before the order
is taken. While it is away, or slow, the order is taken unread, and refunded when the thing turns out to be unknown.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import discord

from bot.cogs.bot_permissions import check_permissions
from bot.cogs.doubts import WAITS_S, Doubts
from bot.cogs.public_refusals import PublicRefusals
from bot.cogs.requester import place
from bot.cogs.responses import Interaction, answer, own_locale, promptly
from bot.cogs.services import Services, Start
from bot.domain.jobs import Job, Order, Place
from bot.domain.prompt import UnknownThing
from bot.services.reply_reader import Reading
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.doubt_buttons import anyway_view
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain

NAME_CHARS = 100
READ_S = 5.0
"""How long someone looks at "thinking": from then on, the place in the line says more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone asked for, as it was read. `where` is set where a message asked, and not an interaction."""

    order: Order
    parent: Job | None = None
    start: Start | None = None
    unknown: UnknownThing | None = None
    where: Place | None = None


class ThingDoubts:
    """Asks, and draws what someone wants in its place or anyway."""

    def __init__(self, services: Services, doubts: Doubts, refusals: PublicRefusals) -> None:
        self._services, self._doubts, self._refusals = services, doubts, refusals

    async def order(
        self, interaction: Interaction, order: Order, parent: Job | None = None, start: Start | None = None
    ) -> None:
        """Take an order from a command or form; where the thing that it asks for is not known, ask first.

        Raises what Services.order raises, LanguageUnread and TooManyUnderstandings.
        """
        check_permissions(interaction, private=order.private)
        where = place(interaction, private=order.private)
        reading = await promptly(interaction, self.read(order, where, parent))
        await self.take(interaction, as_read(Asked(order, parent, start), reading))

    async def take(self, interaction: Interaction, asked: Asked) -> None:
        """Take what was read; where its thing is not known, ask in answer to the interaction."""
        services = self._services
        if asked.unknown:
            await self._ask(interaction, asked)
        elif asked.where is None:
            await services.order(interaction, asked.order, asked.parent, asked.start)
        else:
            await services.order_there(asked.order, asked.where, asked.parent, asked.start)
            with suppress(*DISCORD_FAILURES):
                await interaction.delete_original_response()

    async def take_there(self, message: discord.Message, asked: Asked, where: Place) -> None:
        """Take what a message asked for; where its thing is not known, ask in a reply to it, as `refusals` may."""
        services = self._services
        if asked.unknown is None:
            await services.order_there(asked.order, where, asked.parent, asked.start)
            return
        await services.orders.check(asked.order, where)
        said, view = self._shown(replace(asked, where=where), message.author.id, where.locale)
        await self._refusals.ask(message, said, view, WAITS_S)

    async def read(self, order: Order, where: Place, parent: Job | None = None) -> Reading | None:
        """Read the words of an order and count that; None where they are read later, or by the painter itself.

        Raises what Orders.check raises, LanguageUnread and TooManyUnderstandings.
        """
        services, facts = self._services, self._services.catalog.facts
        if not order.is_read or not facts.words or facts.edits(order):
            return None
        # Nothing is read for someone who may not draw; `exact`, since the reading itself is counted by `read_order`.
        await services.orders.check(replace(order, exact=True), where)
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_S):
                return await services.replies.read_order(order, where.user_id, parent)
        return None

    async def _ask(self, interaction: Interaction, asked: Asked) -> None:
        locale = asked.where.locale if asked.where else own_locale(interaction)
        await answer(interaction, *self._shown(asked, interaction.user.id, locale))

    def _shown(self, asked: Asked, user_id: int, locale: str) -> tuple[str, discord.ui.View]:
        """Return the question and its buttons, and keep what waits for them."""
        unknown = asked.unknown or UnknownThing("")
        near = unknown.near if unknown.stands_in(asked.order.words) else ()
        key = self._doubts.put(user_id, partial(self._draw, asked))
        return _question(locale, unknown, has_near=bool(near)), anyway_view(locale, user_id, key, near)

    async def _draw(self, asked: Asked, interaction: Interaction, choice: int) -> None:
        """Draw it anyway, or the near thing of that number in its place."""
        anyway = replace(asked, unknown=None)
        if choice and asked.unknown:
            order = replace(asked.order, words=asked.unknown.replaced(asked.order.words, choice - 1), spec=None)
            where = asked.where or place(interaction, private=order.private)
            anyway = as_read(replace(anyway, order=order), await self.read(order, where, asked.parent))
        await self.take(interaction, anyway)


def _question(locale: str, unknown: UnknownThing, *, has_near: bool) -> str:
    """Return the sentence that names what is not known; what is near takes the place of the first."""
    thing = plain(unknown.name, NAME_CHARS)
    if not unknown.others:
        return text(locale, "thing-doubt" if has_near else "thing-doubt-none", thing=thing)
    quoted = [text(locale, "thing-doubt-name", thing=plain(name, NAME_CHARS)) for name in unknown.names]
    things = text(locale, "status-comma").join(quoted)
    if not has_near:
        return text(locale, "things-doubt-none", things=things)
    return text(locale, "things-doubt", things=things, thing=thing)


def as_read(asked: Asked, reading: Reading | None) -> Asked:
    """Return what was asked for as its words were read, if they were."""
    if reading is None or reading.spec is None:
        return asked
    return replace(asked, order=replace(asked.order, spec=reading.spec), unknown=reading.unknown)
