"""The button under the sentence that a style is not known to the loaded models."""

from __future__ import annotations

import re
from typing import Any, Protocol, Self, cast

import discord

from bot.ui.i18n import text


class DrawsAnyway(Protocol):
    """Whoever answers the button: the client."""

    async def draw_anyway(self, interaction: discord.Interaction[Any], owner_id: int, key: str) -> None: ...


class AnywayButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"limner:anyway:(?P<owner>[0-9]{1,20}):(?P<key>[0-9a-f]{16})",
):
    """Draws with a style that the models do not know."""

    def __init__(self, owner_id: int, key: str, label: str = "") -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"limner:anyway:{owner_id}:{key}"))
        self.owner_id, self.key = owner_id, key

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(int(match["owner"]), match["key"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(DrawsAnyway, interaction.client).draw_anyway(interaction, self.owner_id, self.key)


def anyway_view(locale: str, owner_id: int, key: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(AnywayButton(owner_id, key, text(locale, "style-anyway")))
    return view
