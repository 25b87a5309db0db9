"""The buttons under the sentence that a style, or the thing asked for, is not known to the loaded models."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol, Self, cast

import discord

from bot.ui.i18n import text

ANYWAY = 0
"""The choice to draw what was asked for; the others are counted from 1."""
MOST_INSTEAD, LABEL_CHARS = 3, 80


class DrawsAnyway(Protocol):
    """Whoever answers the buttons: the client."""

    async def draw_anyway(
        self, interaction: discord.Interaction[Any], owner_id: int, key: str, choice: int
    ) -> None: ...


class AnywayButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"limner:anyway:(?P<owner>[0-9]{1,20}):(?P<key>[0-9a-f]{16})(?::(?P<choice>[1-3]))?",
):
    """Draws what the models do not know, or with a `choice` something in its place."""

    def __init__(self, owner_id: int, key: str, label: str = "", choice: int = ANYWAY) -> None:
        custom_id = f"limner:anyway:{owner_id}:{key}" + (f":{choice}" if choice else "")
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id))
        self.owner_id, self.key, self.choice = owner_id, key, choice

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(int(match["owner"]), match["key"], choice=int(match["choice"] or ANYWAY))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(DrawsAnyway, interaction.client).draw_anyway(interaction, self.owner_id, self.key, self.choice)


def anyway_view(locale: str, owner_id: int, key: str, instead: Sequence[str] = ()) -> discord.ui.View:
    """Offer what can be drawn `instead`, at most MOST_INSTEAD things, and to draw it anyway."""
    view = discord.ui.View(timeout=None)
    for choice, name in enumerate(instead[:MOST_INSTEAD], 1):
        view.add_item(AnywayButton(owner_id, key, name[:LABEL_CHARS], choice))
    view.add_item(AnywayButton(owner_id, key, text(locale, "doubt-anyway")))
    return view
