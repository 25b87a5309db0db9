"""A style that the loaded models do not know is said before anything is painted or counted; the asker may go on."""

from __future__ import annotations

from bot.cogs.doubts import Doubts
from bot.cogs.requester import place
from bot.cogs.responses import Interaction, answer, own_locale
from bot.cogs.services import Services
from bot.cogs.thing_doubts import ThingDoubts
from bot.domain.jobs import Order
from bot.domain.styles import Style
from bot.ui.doubt_buttons import anyway_view
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain

NAME_CHARS, NAMES_CHARS = 100, 400


class StyleDoubts:
    """Asks, and draws what someone wants anyway."""

    def __init__(self, services: Services, doubts: Doubts, things: ThingDoubts) -> None:
        self._services, self._doubts, self._things = services, doubts, things

    async def order(self, interaction: Interaction, order: Order, style: Style | None, *, is_usual: bool) -> None:
        """Take an order from words alone; where its style is not known, ask first.

        `is_usual` says that the asker's settings name the style, and not the order. Raises what ThingDoubts.order
        raises.
        """
        if style is None or self._services.catalog.facts.knows_style(style):
            await self._things.order(interaction, order)
        else:
            await self._ask(interaction, order, style, is_usual)

    async def _ask(self, interaction: Interaction, order: Order, style: Style, is_usual: bool) -> None:
        """Say that the style is not known, which are, and offer to draw it anyway."""
        services, locale, user_id = self._services, own_locale(interaction), interaction.user.id
        await services.orders.check(order, place(interaction, private=order.private))

        async def draw(pressed: Interaction, _: int) -> None:
            await self._things.order(pressed, order)

        key = self._doubts.put(user_id, draw)
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
        await answer(interaction, said, anyway_view(locale, user_id, key))
