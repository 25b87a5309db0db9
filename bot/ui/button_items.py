"""The kinds of buttons and selects under a picture; an id names job and action, so it works after any restart."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, ClassVar, Protocol, Self, cast

import discord

from bot.services.parts import ZOOMS
from bot.services.versions import STRENGTHS
from engine.api.messages import MAX_IMAGES

REFINE, AGAIN, VARY, UPSCALE, DETAILS = "refine", "again", "vary", "upscale", "details"
DELETE, CANCEL, MORE, PICK, WHICH = "delete", "cancel", "more", "pick", "which"
FAVOURITE, REGION, ZOOM = "favourite", "region", "zoom"
CELL, REGION_WORDS, ZOOMED = "cell", "region-words", "zoomed"
CELLS = 3
"""The cells of a picture a side, of which someone chooses what is to be painted anew; each is a bit of a number."""
ALL_CELLS = 2 ** (CELLS * CELLS) - 1
STRENGTH, PICTURE, SCALE = "strength", "picture", "scale"
INDEXES = [str(index) for index in range(MAX_IMAGES)]
ALL, KEEP = "all", "keep"
"""The choices of no single picture of a set: every one of them, and none."""
FINISHED = (REFINE, AGAIN, VARY, UPSCALE, FAVOURITE, DETAILS, DELETE)
"""Under private pictures and, but for the favourite, under those that were posted before there was More."""
ONE, SET = (REFINE, AGAIN, VARY, UPSCALE, FAVOURITE, MORE), (AGAIN, VARY, DETAILS, DELETE)
"""Under one picture and, below the numbers, under several."""
MAKES_NEW = 4
"""Of ONE and FINISHED, so many lead to a new picture, and have a row of their own."""
UNDER_MORE, PARTS = (DETAILS, DELETE), (REGION, ZOOM)
"""Under More: for any picture, and before these for one of a painter that takes a mask."""
JOB_ID = "(?P<job_id>[0-9a-f]{32})"


class Presses(Protocol):
    """Whoever answers a button or a select: the client, which hands it to the cog of pictures."""

    async def press(self, interaction: discord.Interaction[Any], action: str, job_id: str, *values: str) -> None: ...


class JobButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:(?P<action>{'|'.join((*FINISHED, MORE, CANCEL, *PARTS))}):{JOB_ID}",
):
    """One button of one job; a subclass names other actions, and who answers them."""

    PREFIX: ClassVar = "limner"
    STYLES: ClassVar = {REFINE: discord.ButtonStyle.primary}

    def __init__(self, action: str, job_id: str, label: str, row: int | None = None) -> None:
        style = self.STYLES.get(action, discord.ButtonStyle.secondary)
        id_ = f"{self.PREFIX}:{action}:{job_id}"
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=id_, row=row))
        self.action, self.job_id = action, job_id

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        label = cast("discord.ui.Button[discord.ui.View]", item).label or ""
        return cls(match["action"], match["job_id"], label)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(Presses, interaction.client).press(interaction, self.action, self.job_id)


class PickButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:{PICK}:{JOB_ID}:(?P<index>[0-9])",
):
    """Makes one picture of a set a message of its own."""

    def __init__(self, job_id: str, index: int) -> None:
        style, id_ = discord.ButtonStyle.primary, f"limner:{PICK}:{job_id}:{index}"
        super().__init__(discord.ui.Button(label=str(index + 1), style=style, custom_id=id_, row=0))
        self.job_id, self.index = job_id, index

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job_id"], int(match["index"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(Presses, interaction.client).press(interaction, PICK, self.job_id, str(self.index))


class WhichButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:{WHICH}:{JOB_ID}:(?P<index>[0-9]):(?P<message_id>[0-9]{{1,20}})",
):
    """Says which picture of a set a reply meant; `message_id` is the reply."""

    def __init__(self, job_id: str, index: int, message_id: int) -> None:
        id_ = f"limner:{WHICH}:{job_id}:{index}:{message_id}"
        super().__init__(discord.ui.Button(label=str(index + 1), custom_id=id_))
        self.job_id, self.index, self.message_id = job_id, index, message_id

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job_id"], int(match["index"]), int(match["message_id"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        values = str(self.index), str(self.message_id)
        await cast(Presses, interaction.client).press(interaction, WHICH, self.job_id, *values)


class CellButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:{CELL}:{JOB_ID}:(?P<chosen>[0-9]{{1,3}}):(?P<cell>[0-8])",
):
    """Takes one cell of a picture into what is to be painted anew, or out of it; `chosen` are those before."""

    def __init__(self, job_id: str, chosen: int, cell: int) -> None:
        on = chosen >> cell & 1
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=f"✓ {cell + 1}" if on else str(cell + 1),
            style=discord.ButtonStyle.primary if on else discord.ButtonStyle.secondary,
            custom_id=f"limner:{CELL}:{job_id}:{chosen}:{cell}",
            row=cell // CELLS,
        )
        super().__init__(button)
        self.job_id, self.chosen, self.cell = job_id, chosen, cell

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job_id"], int(match["chosen"]) & ALL_CELLS, int(match["cell"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        values = str(self.chosen), str(self.cell)
        await cast(Presses, interaction.client).press(interaction, CELL, self.job_id, *values)


class RegionWordsButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:{REGION_WORDS}:{JOB_ID}:(?P<chosen>[0-9]{{1,3}})",
):
    """Asks what is to be painted in the cells that are chosen."""

    def __init__(self, job_id: str, chosen: int, label: str) -> None:
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=label,
            style=discord.ButtonStyle.success,
            custom_id=f"limner:{REGION_WORDS}:{job_id}:{chosen}",
            row=CELLS,
        )
        super().__init__(button)
        self.job_id, self.chosen = job_id, chosen

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        label = cast("discord.ui.Button[discord.ui.View]", item).label or ""
        return cls(match["job_id"], int(match["chosen"]) & ALL_CELLS, label)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(Presses, interaction.client).press(interaction, REGION_WORDS, self.job_id, str(self.chosen))


class ZoomButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:{ZOOMED}:{JOB_ID}:(?P<how>{'|'.join(ZOOMS)})",
):
    """How a picture is zoomed out of."""

    def __init__(self, job_id: str, how: str, label: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=f"limner:{ZOOMED}:{job_id}:{how}"))
        self.job_id, self.how = job_id, how

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job_id"], match["how"], cast("discord.ui.Button[discord.ui.View]", item).label or "")

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(Presses, interaction.client).press(interaction, ZOOMED, self.job_id, self.how)


class StrengthSelect(
    discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]],
    template=rf"limner:{STRENGTH}:{JOB_ID}:(?P<index>[0-9])",
):
    """How far a variation of one picture goes."""

    def __init__(self, job_id: str, index: int, options: list[discord.SelectOption], placeholder: str = "") -> None:
        select: discord.ui.Select[discord.ui.View] = discord.ui.Select(
            custom_id=f"limner:{STRENGTH}:{job_id}:{index}", options=options, placeholder=placeholder or None
        )
        super().__init__(select)
        self.job_id, self.index = job_id, index

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job_id"], int(match["index"]), cast("discord.ui.Select[discord.ui.View]", item).options)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        chosen = _chosen(self.item, STRENGTHS)
        if chosen is not None:
            await cast(Presses, interaction.client).press(interaction, STRENGTH, self.job_id, str(self.index), chosen)


class ScaleButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:{SCALE}:{JOB_ID}:(?P<index>[0-9]):(?P<scale>[24])",
):
    """How many times larger one picture shall become."""

    def __init__(self, job_id: str, index: int, scale: int, label: str = "") -> None:
        id_ = f"limner:{SCALE}:{job_id}:{index}:{scale}"
        super().__init__(discord.ui.Button(label=label, custom_id=id_))
        self.job_id, self.index, self.scale = job_id, index, scale

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["job_id"], int(match["index"]), int(match["scale"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        values = str(self.index), str(self.scale)
        await cast(Presses, interaction.client).press(interaction, SCALE, self.job_id, *values)


class PictureSelect(
    discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]],
    template=rf"limner:{PICTURE}:(?P<action>{VARY}|{UPSCALE}|{REFINE}|{DELETE}):{JOB_ID}",
):
    """Which picture of several is to be varied, upscaled, refined or deleted."""

    def __init__(
        self, action: str, job_id: str, options: list[discord.SelectOption], placeholder: str | None = None
    ) -> None:
        select: discord.ui.Select[discord.ui.View] = discord.ui.Select(
            custom_id=f"limner:{PICTURE}:{action}:{job_id}", options=options, placeholder=placeholder
        )
        super().__init__(select)
        self.action, self.job_id = action, job_id

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match["action"], match["job_id"], cast("discord.ui.Select[discord.ui.View]", item).options)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        chosen = _chosen(self.item, [*INDEXES, ALL, KEEP] if self.action == DELETE else INDEXES)
        if chosen is not None:
            await cast(Presses, interaction.client).press(interaction, PICTURE, self.job_id, self.action, chosen)


ITEMS = (
    JobButton, PickButton, WhichButton, CellButton, RegionWordsButton, ZoomButton, StrengthSelect, ScaleButton,
    PictureSelect,
)  # fmt: skip


def custom_id(action: str, job_id: str) -> str:
    return f"limner:{action}:{job_id}"


def _chosen(select: discord.ui.Select[discord.ui.View], known: Collection[str]) -> str | None:
    """Return the value that was chosen; None for a choice that no select of ours offers, which is left unanswered."""
    return next((value for value in select.values[:1] if value in known), None)
