"""The buttons and selects of a job's message; each carries the job's id, so it works after any restart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Protocol, Self, cast

import discord

from bot.services.versions import STRENGTHS, STRONG, SUBTLE
from bot.ui.i18n import text
from engine.api.messages import MAX_IMAGES

REFINE, AGAIN, VARY, UPSCALE, DETAILS = "refine", "again", "vary", "upscale", "details"
DELETE, CANCEL, MORE, PICK, WHICH = "delete", "cancel", "more", "pick", "which"
FAVOURITE = "favourite"
STRENGTH, PICTURE = "strength", "picture"
INDEXES = [str(index) for index in range(MAX_IMAGES)]
ALL, KEEP = "all", "keep"
"""The choices of no single picture of a set: every one of them, and none."""
FINISHED = (REFINE, AGAIN, VARY, UPSCALE, FAVOURITE, DETAILS, DELETE)
"""Under private pictures and, but for the favourite, under those that were posted before there was More."""
ONE, SET = (REFINE, AGAIN, VARY, UPSCALE, FAVOURITE, MORE), (AGAIN, VARY, DETAILS, DELETE)
"""Under one picture and, below the numbers, under several."""
MAKES_NEW = 4
"""Of ONE and FINISHED, so many lead to a new picture, and have a row of their own."""
UNDER_MORE = (DETAILS, DELETE)
JOB_ID = "(?P<job_id>[0-9a-f]{32})"


class Presses(Protocol):
    """Whoever answers a button or a select: the client, which hands it to the cog of pictures."""

    async def press(self, interaction: discord.Interaction[Any], action: str, job_id: str, *values: str) -> None: ...


class JobButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:(?P<action>{'|'.join((*FINISHED, MORE, CANCEL))}):{JOB_ID}",
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


ITEMS = (JobButton, PickButton, WhichButton, StrengthSelect, PictureSelect)


def custom_id(action: str, job_id: str) -> str:
    return f"limner:{action}:{job_id}"


def running_buttons(locale: str, job_id: str) -> discord.ui.View:
    return _view(*_buttons(locale, job_id, CANCEL))


def finished_buttons(
    locale: str, job_id: str, count: int = 1, *, private: bool = False, left: Iterable[int] | None = None
) -> discord.ui.View:
    """Under one picture what is used most, and More; under several a number for each; a private one hides nothing.

    `left` are the pictures of the set that are still there, counted from 0; None means all.
    """
    if count > 1:
        numbers = [PickButton(job_id, index) for index in (range(count) if left is None else left)]
        return _view(*numbers, *_buttons(locale, job_id, *SET, row=1))
    actions = FINISHED if private else ONE
    rows = actions[:MAKES_NEW], actions[MAKES_NEW:]
    return _view(*(button for row, some in enumerate(rows) for button in _buttons(locale, job_id, *some, row=row)))


def which_buttons(job_id: str, left: Iterable[int], message_id: int) -> discord.ui.View:
    """A number for each picture that is left of a set, of which a reply means one."""
    return _view(*(WhichButton(job_id, index, message_id) for index in left))


def more_buttons(locale: str, job_id: str) -> discord.ui.View:
    return _view(*_buttons(locale, job_id, *UNDER_MORE))


def vary_selects(
    locale: str, job_id: str, left: Collection[int], index: int, *, of_set: bool = False, repeats_edit: bool = False
) -> discord.ui.View:
    """How strongly to vary and, of a set, which of the pictures that are left; an edit can only be made once more."""
    strengths = [
        discord.SelectOption(label=text(locale, f"vary-{key}"), value=how, description=text(locale, f"vary-{key}-what"))
        for key, how in ((("edit", STRONG),) if repeats_edit else ((SUBTLE, SUBTLE), (STRONG, STRONG)))
    ]
    items: list[discord.ui.Item[Any]] = []
    if of_set:
        items.append(PictureSelect(VARY, job_id, _pictures(locale, left, index)))
    items.append(StrengthSelect(job_id, index, strengths, text(locale, "vary-how")))
    return _view(*items)


def picture_select(action: str, locale: str, job_id: str, left: Iterable[int]) -> discord.ui.View:
    return _view(PictureSelect(action, job_id, _pictures(locale, left), text(locale, "which-picture")))


def delete_select(locale: str, job_id: str, left: Iterable[int], *, keep: bool = False) -> discord.ui.View:
    """Which picture of a set shall go, of those that are left, or all of them; with `keep`, or none."""
    options = _pictures(locale, left)
    options += [
        discord.SelectOption(label=text(locale, f"delete-{value}"), value=value)
        for value in ((ALL, KEEP) if keep else (ALL,))
    ]
    return _view(PictureSelect(DELETE, job_id, options, text(locale, "delete-ask" if keep else "which-picture")))


def _pictures(locale: str, left: Iterable[int], chosen: int | None = None) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=text(locale, "picture-number", number=index + 1), value=str(index), default=index == chosen
        )
        for index in left
    ]


def _buttons(locale: str, job_id: str, *actions: str, row: int | None = None) -> list[JobButton]:
    return [JobButton(action, job_id, text(locale, f"button-{action}"), row) for action in actions]


def _chosen(select: discord.ui.Select[discord.ui.View], known: Collection[str]) -> str | None:
    """Return the value that was chosen; None for a choice that no select of ours offers, which is left unanswered."""
    return next((value for value in select.values[:1] if value in known), None)


def _view(*items: discord.ui.Item[Any]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view
