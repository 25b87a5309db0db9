"""The buttons of a job's message; each carries the job's id, so it works after any restart."""

from __future__ import annotations

import re
from typing import Any, Protocol, Self, cast

import discord

from bot.ui.i18n import text

AGAIN, DETAILS, DELETE, CANCEL = "again", "details", "delete", "cancel"
STYLES = {
    AGAIN: discord.ButtonStyle.primary,
    DETAILS: discord.ButtonStyle.secondary,
    DELETE: discord.ButtonStyle.secondary,
    CANCEL: discord.ButtonStyle.secondary,
}


class Presses(Protocol):
    """Whoever answers a pressed button: the client, which hands it to the cog of pictures."""

    async def press(self, interaction: discord.Interaction[Any], action: str, job_id: str) -> None: ...


class JobButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"limner:(?P<action>again|details|delete|cancel):(?P<job_id>[0-9a-f]{32})",
):
    """One button of one job."""

    def __init__(self, action: str, job_id: str, label: str) -> None:
        super().__init__(discord.ui.Button(label=label, style=STYLES[action], custom_id=custom_id(action, job_id)))
        self.action, self.job_id = action, job_id

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        label = cast("discord.ui.Button[discord.ui.View]", item).label or ""
        return cls(match["action"], match["job_id"], label)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(Presses, interaction.client).press(interaction, self.action, self.job_id)


def custom_id(action: str, job_id: str) -> str:
    return f"limner:{action}:{job_id}"


def running_buttons(locale: str, job_id: str) -> discord.ui.View:
    return _view(locale, job_id, CANCEL)


def finished_buttons(locale: str, job_id: str) -> discord.ui.View:
    return _view(locale, job_id, AGAIN, DETAILS, DELETE)


def _view(locale: str, job_id: str, *actions: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for action in actions:
        view.add_item(JobButton(action, job_id, text(locale, f"button-{action}")))
    return view
