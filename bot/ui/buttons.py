"""The buttons and selects under a job's message, by its state, and in what a press opens."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import discord

from bot.services.parts import ZOOMS
from bot.services.versions import STRONG, SUBTLE
from bot.ui.button_items import (
    ALL,
    CANCEL,
    CELLS,
    DELETE,
    FINISHED,
    KEEP,
    MAKES_NEW,
    MORE,
    ONE,
    PARTS,
    SET,
    UNDER_MORE,
    VARY,
    CellButton,
    JobButton,
    PickButton,
    PictureSelect,
    RegionWordsButton,
    ScaleButton,
    StrengthSelect,
    WhichButton,
    ZoomButton,
)
from bot.ui.i18n import text


def running_buttons(locale: str, job_id: str) -> discord.ui.View:
    return _view(*_buttons(locale, job_id, CANCEL))


def finished_buttons(
    locale: str, job_id: str, count: int = 1, *, private: bool = False, left: Iterable[int] | None = None
) -> discord.ui.View:
    """Under one picture what is used most, and More; under several a number for each; a private one hides little.

    `left` are the pictures of the set that are still there, counted from 0; None means all.
    """
    if count > 1:
        numbers = [PickButton(job_id, index) for index in (range(count) if left is None else left)]
        return _view(*numbers, *_buttons(locale, job_id, *SET, row=1))
    actions = (*FINISHED, MORE) if private else ONE
    rows = actions[:MAKES_NEW], actions[MAKES_NEW:]
    return _view(*(button for row, some in enumerate(rows) for button in _buttons(locale, job_id, *some, row=row)))


def which_buttons(job_id: str, left: Iterable[int], message_id: int) -> discord.ui.View:
    """A number for each picture that is left of a set, of which a reply means one."""
    return _view(*(WhichButton(job_id, index, message_id) for index in left))


def more_buttons(locale: str, job_id: str, *, parts: bool = False) -> discord.ui.View:
    """What is used less; `parts` says whether the painter paints a part of the picture alone."""
    return _view(*_buttons(locale, job_id, *(PARTS if parts else ()), *UNDER_MORE))


def region_picker(locale: str, job_id: str, chosen: int) -> discord.ui.View:
    """The cells of a picture as they lie on it, and what asks for words once some are chosen."""
    cells = [CellButton(job_id, chosen, cell) for cell in range(CELLS * CELLS)]
    return _view(*cells, RegionWordsButton(job_id, chosen, text(locale, "region-words")))


def zoom_buttons(locale: str, job_id: str) -> discord.ui.View:
    return _view(*(ZoomButton(job_id, how, text(locale, f"zoom-{how}")) for how in ZOOMS))


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


def scale_buttons(locale: str, job_id: str, index: int, scales: Iterable[int]) -> discord.ui.View:
    """One button for each number of times that a picture can be enlarged."""
    labels = {scale: text(locale, "upscale-times", scale=scale) for scale in scales}
    return _view(*(ScaleButton(job_id, index, scale, label) for scale, label in labels.items()))


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


def _view(*items: discord.ui.Item[Any]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    return view
