"""A double click on a button is one press: a slip of the mouse costs no second picture."""

from __future__ import annotations

from collections import OrderedDict

import discord

from bot.cogs.responses import Interaction

SAME_S = 1.0
"""Between two presses of a button by one person, as Discord's ids tell: a busy bot makes no difference."""


class DoublePress:
    """Knows the presses of the last moments, and no older ones."""

    def __init__(self) -> None:
        self._pressed_at: OrderedDict[tuple[int, str], float] = OrderedDict()

    def is_repeated(self, interaction: Interaction, button: str) -> bool:
        """Whether the same person pressed the same button, with the same choice, within SAME_S before."""
        key, at = (interaction.user.id, button), discord.utils.snowflake_time(interaction.id).timestamp()
        before = self._pressed_at.get(key)
        if before is not None and abs(at - before) < SAME_S:
            return True
        self._pressed_at[key] = at
        self._pressed_at.move_to_end(key)
        while at - next(iter(self._pressed_at.values())) >= SAME_S:
            self._pressed_at.popitem(last=False)
        return False
