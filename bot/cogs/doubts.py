"""What waits for a yes before it is painted, since the loaded models do not know a style or the thing asked for.

Invariant: what waits is drawn once, by whoever asked for it. It waits for some minutes and in memory alone; after a
restart its buttons say to ask again.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.cogs.responses import Interaction, answer, own_locale
from bot.errors import NotYours
from bot.services.ports.clock import Clock
from bot.ui.i18n import text

WAITS_S = 900.0
MOST, MOST_OF_ONE = 1_000, 5
"""Doubts that wait at one time, of all and of one member; the oldest go first."""
Draw = Callable[[Interaction, int], Awaitable[None]]
"""Draws as the button says whose choice was pressed."""


@dataclass(slots=True)
class _Doubt:
    user_id: int
    draw: Draw
    asked_at: float
    is_taken: bool = False


class Doubts:
    """Keeps what waits, and has it drawn."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: OrderedDict[str, _Doubt] = OrderedDict()

    def put(self, user_id: int, draw: Draw) -> str:
        """Keep what is to be drawn for this member; returns the key for the buttons."""
        key = secrets.token_hex(8)
        self._waiting[key] = _Doubt(user_id, draw, self._clock.now())
        of_one = [each for each, doubt in self._waiting.items() if doubt.user_id == user_id]
        for each in of_one[:-MOST_OF_ONE]:
            del self._waiting[each]
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        return key

    async def draw(self, interaction: Interaction, owner_id: int, key: str, choice: int) -> None:
        """Draw what waits under this key, once; where it waits no more, say to ask again.

        What could not be drawn goes on waiting. Raises NotYours, and what drawing raises.
        """
        if interaction.user.id != owner_id:
            raise NotYours
        doubt, now = self._waiting.get(key), self._clock.now()
        if doubt is None or doubt.user_id != owner_id or now - doubt.asked_at > WAITS_S:
            await answer(interaction, text(own_locale(interaction), "doubt-old"))
            return
        await interaction.response.defer()
        if doubt.is_taken:
            return
        doubt.is_taken = True
        try:
            await doubt.draw(interaction, choice)
        except BaseException:
            doubt.is_taken = False
            raise
