"""Pages of a list, and the buttons ◀ and ▶ that turn them.

Each button carries the list, its owner and the page, so it works after any restart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, Self, cast

import discord

from bot.domain.picture_search import MOST_UNITS
from bot.ui.i18n import text

ID = "(?:[0-9]{1,18}|[1-8][0-9]{18})"
"""An id of Discord's: one of its usual 18 or 19 digits that a database can hold."""
CONTENT_CHARS = 2_000
"""Discord's limit for a message's text."""
PICTURES, STYLES, WORDS, LOG, REVIEW = "pictures", "styles", "words", "log", "review"
FAVOURITES = "favourites"
"""The log may be of one user: then the id follows a hyphen; so do the words that are searched for among pictures."""
SEARCH = rf"(?s:.{{1,{MOST_UNITS}}})"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as Discord shows it; the view is None where there is nothing to turn, the files where none ever are."""

    content: str
    embeds: list[discord.Embed]
    view: discord.ui.View | None
    files: list[discord.File] | None = None


class Turns(Protocol):
    """Whoever turns pages: the client, which hands it to the cog of lists."""

    async def turn(self, interaction: discord.Interaction[Any], what: str, owner_id: int, number: int) -> None: ...


class PageButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:page:(?P<what>(?:pictures|favourites)(?:-{SEARCH})?|styles|words|review|log(?:-{ID})?)"
    rf":(?P<owner>{ID}):(?P<number>[0-9]{{1,6}})",
):
    """Leads to one page of a list, numbered from 0."""

    def __init__(
        self, what: str, owner_id: int, number: int, label: str, disabled: bool = False, row: int | None = None
    ) -> None:
        custom_id = f"limner:page:{what}:{owner_id}:{number}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id, disabled=disabled, row=row))
        self.what, self.owner_id, self.number = what, owner_id, number

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        label = cast("discord.ui.Button[discord.ui.View]", item).label or ""
        return cls(match["what"], int(match["owner"]), int(match["number"]), label)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await cast(Turns, interaction.client).turn(interaction, self.what, self.owner_id, self.number)


def page_buttons(locale: str, what: str, owner_id: int, number: int, pages: int) -> discord.ui.View | None:
    """Return ◀ and ▶ for the page `number` of `pages`; None where there is but one."""
    if pages < 2:
        return None
    view = discord.ui.View(timeout=None)
    for button in turning(locale, what, owner_id, number, pages):
        view.add_item(button)
    return view


def turning(
    locale: str, what: str, owner_id: int, number: int, pages: int, row: int | None = None
) -> tuple[PageButton, PageButton]:
    """Return ◀ and ▶ for the page `number` of `pages`."""
    kind = what.partition("-")[0]
    back, on = (text(locale, f"page-{kind}-{way}") for way in ("back", "on"))
    return (
        PageButton(what, owner_id, max(0, number - 1), back, number == 0, row),
        PageButton(what, owner_id, number + 1, on, number + 1 == pages, row),
    )


def packed(lines: Iterable[str], limit: int) -> list[str]:
    """Return the lines, none longer than `limit`, joined to as few texts of at most `limit` characters as it takes."""
    texts = [""]
    for line in lines:
        longer = f"{texts[-1]}\n{line}" if texts[-1] else line
        if len(longer) <= limit:
            texts[-1] = longer
        else:
            texts.append(line)
    return texts


def joined(lines: Iterable[str], limit: int) -> str:
    """Return as many of the lines as `limit` characters hold; "…" stands for those that they do not."""
    text = ""
    for line in lines:
        longer = f"{text}\n{line}" if text else line
        if len(longer) > limit - 2:
            return f"{text}\n…" if text else cut(line, limit)
        text = longer
    return text


def cut(line: str, limit: int) -> str:
    """Return a line of escaped words, at most `limit` characters of it."""
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip(chr(92))}…"
