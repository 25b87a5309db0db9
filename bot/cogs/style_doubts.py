"""A style that the loaded models do not know is said before anything is painted or counted; the asker may go on.

Invariant: one order a member waits, for some minutes and in memory alone; after a restart its button says to ask again.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from bot.cogs.requester import place
from bot.cogs.responses import Interaction, answer, own_locale
from bot.cogs.services import Services
from bot.domain.jobs import Order
from bot.domain.styles import Style
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.style_doubt import anyway_view

WAITS_S = 900.0
MOST = 1_000
"""Orders that wait at one time, of as many members; the oldest go first."""
NAME_CHARS, NAMES_CHARS = 100, 400


@dataclass(slots=True)
class Doubted:
    """An order that waits for a yes."""

    key: str
    order: Order
    asked_at: float
    is_taken: bool = False


class StyleDoubts:
    """Asks, and draws what someone wants anyway."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: OrderedDict[int, Doubted] = OrderedDict()

    async def order(self, interaction: Interaction, order: Order, style: Style | None, *, is_usual: bool) -> None:
        """Take an order from words alone; where its style is not known, ask first.

        `is_usual` says that the asker's settings name the style, and not the order. Raises what Services.order raises.
        """
        if style is None or self._services.catalog.facts.knows_style(style):
            await self._services.order(interaction, order)
        else:
            await self._ask(interaction, order, style, is_usual)

    async def _ask(self, interaction: Interaction, order: Order, style: Style, is_usual: bool) -> None:
        """Say that the style is not known, which are, and offer to draw it anyway."""
        services, locale, user_id = self._services, own_locale(interaction), interaction.user.id
        await services.orders.check(order, place(interaction, private=order.private))
        doubted = Doubted(secrets.token_hex(8), order, services.clock.now())
        self._waiting[user_id] = doubted
        self._waiting.move_to_end(user_id)
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        known = [each.name(locale) for each in services.styles if services.catalog.facts.knows_style(each)]
        names = plain(text(locale, "status-comma").join(known), NAMES_CHARS)
        said = text(
            locale,
            "style-doubt" if names else "style-doubt-none",
            style=plain(style.name(locale), NAME_CHARS),
            styles=names,
        )
        if is_usual:
            said = f"{said} {text(locale, 'style-doubt-usual')}"
        await answer(interaction, said, anyway_view(locale, user_id, doubted.key))

    async def draw(self, interaction: Interaction, user_id: int, key: str) -> None:
        """Draw what waits under this key; once, and where it waits no more, say to ask again."""
        doubted, now = self._waiting.get(interaction.user.id), self._services.clock.now()
        if doubted is None or doubted.key != key or now - doubted.asked_at > WAITS_S:
            await answer(interaction, text(own_locale(interaction), "style-doubt-old"))
            return
        await interaction.response.defer()
        if not doubted.is_taken:
            doubted.is_taken = True
            await self._services.order(interaction, doubted.order)
