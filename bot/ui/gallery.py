"""A page of `/my pictures`: what each picture shows, when it was asked for, a link and a thumbnail, and its buttons.

Each button carries the list, the words searched for and the page, so it works after any restart.
"""

from __future__ import annotations

import re
from typing import Any, Protocol, Self, cast

import discord

from bot.domain.picture_search import MOST_UNITS, Wanted
from bot.services.gallery import Entry, Page
from bot.services.ports.own_pictures import SEARCHED
from bot.ui.button_items import DELETE, JOB_ID, REFINE, JobButton
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.paging import FAVOURITES, PICTURES, PageButton, Sheet, turning
from bot.ui.timestamps import relative

SHOWN_CHARS = 200
STAR, SURE = "star", "sure"
"""SURE is what Delete becomes once it was pressed: the question whether it is meant."""
LISTS = {PICTURES[0]: PICTURES, FAVOURITES[0]: FAVOURITES}
"""A list by its first letter: an id has room for no more."""
TITLES = {
    (False, False, False): "pictures-title",
    (False, False, True): "pictures-found",
    (False, True, False): "pictures-none",
    (False, True, True): "pictures-none-found",
    (True, False, False): "favourites-title",
    (True, False, True): "favourites-found",
    (True, True, False): "favourites-none",
    (True, True, True): "favourites-none-found",
}
"""By whether favourites are wanted, the page is empty, and words are searched for."""


_OWN_ID = re.compile(rf"(?P<before>limner:my:)(?:{DELETE}|{SURE})(?P<after>:{JOB_ID}:.*)", re.DOTALL)


class Changes(Protocol):
    """Whoever answers a button of the list: the client, which hands it to the cog of the gallery."""

    async def change_list(
        self, interaction: discord.Interaction[Any], action: str, job_id: str, what: str, number: int
    ) -> None: ...


class GalleryButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=rf"limner:my:(?P<action>{DELETE}|{SURE}|{STAR}):{JOB_ID}:(?P<number>[0-9]{{1,6}})"
    rf":(?P<list>[{''.join(LISTS)}])(?P<words>(?s:.{{0,{MOST_UNITS}}}))",
):
    """Does something to one picture of a list, which is then shown anew."""

    def __init__(self, action: str, job_id: str, what: str, number: int, label: str, row: int | None = None) -> None:
        name, _, words = what.partition("-")
        custom_id = f"limner:my:{action}:{job_id}:{number}:{name[0]}{words}"
        style = discord.ButtonStyle.danger if action == SURE else discord.ButtonStyle.secondary
        super().__init__(discord.ui.Button(label=label, style=style, custom_id=custom_id, row=row))
        self.action, self.job_id, self.what, self.number = action, job_id, what, number

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        label = cast("discord.ui.Button[discord.ui.View]", item).label or ""
        wanted = Wanted(LISTS[match["list"]] == FAVOURITES, match["words"])
        return cls(match["action"], match["job_id"], list_of(wanted), int(match["number"]), label)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        client = cast(Changes, interaction.client)
        await client.change_list(interaction, self.action, self.job_id, self.what, self.number)


def list_of(wanted: Wanted) -> str:
    """Return what is wanted as page buttons carry it."""
    name = FAVOURITES if wanted.favourites else PICTURES
    return f"{name}-{wanted.words}" if wanted.words else name


def gallery_sheet(locale: str, owner_id: int, page: Page, wanted: Wanted = Wanted()) -> Sheet:  # noqa: B008 - frozen
    lines = [_title(locale, page, wanted)]
    if not page.whole:
        lines.append(text(locale, "pictures-searched", most=SEARCHED))
    if page.hidden:
        lines.append(text(locale, "favourites-hidden", count=page.hidden))
    embeds = [_embed(locale, owner_id, number, entry) for number, entry in enumerate(page.entries, start=1)]
    return Sheet("\n".join(lines), embeds, _view(locale, owner_id, page, wanted))


def _title(locale: str, page: Page, wanted: Wanted) -> str:
    is_empty, is_search = not page.entries, bool(wanted.words)
    facts = {"total": page.total, "page": page.number + 1, "pages": page.pages}
    return text(locale, TITLES[wanted.favourites, is_empty, is_search], words=plain(wanted.words), **facts)


def _view(locale: str, owner_id: int, page: Page, wanted: Wanted) -> discord.ui.View:
    """A row for each picture, and one that turns pages and leads to the other list."""
    view, what = discord.ui.View(timeout=None), list_of(wanted)
    for row, entry in enumerate(page.entries):
        for button in _buttons(locale, owner_id, row, entry, what, page.number):
            view.add_item(button)
    last = len(page.entries)
    if page.pages > 1:
        for turn in turning(locale, what, owner_id, page.number, page.pages, last):
            view.add_item(turn)
    if wanted.words and not page.entries:  # both lists whole, since words that find nothing are of no more use
        offered = [Wanted(), Wanted(favourites=True)]
    else:
        offered = [Wanted(not wanted.favourites, wanted.words)]
    for other in offered:
        label = text(locale, "favourites-only" if other.favourites else "favourites-all")
        view.add_item(PageButton(list_of(other), owner_id, 0, label, row=last))
    return view


def asking(locale: str, shown: discord.Message, job_id: str) -> discord.ui.View:
    """Return the buttons of a list as it is shown, where this picture's Delete asks whether it is meant.

    One that asked before asks no more.
    """
    view = discord.ui.View.from_message(shown, timeout=None)
    for item in view.children:
        if not isinstance(item, discord.ui.Button) or not (found := _OWN_ID.match(item.custom_id or "")):
            continue
        is_asked = found["job_id"] == job_id
        item.custom_id = f"{found['before']}{SURE if is_asked else DELETE}{found['after']}"
        item.label = text(locale, "pictures-sure" if is_asked else "pictures-delete", number=(item.row or 0) + 1)
        item.style = discord.ButtonStyle.danger if is_asked else discord.ButtonStyle.secondary
    view.stop()  # its buttons are answered as those of the list are, and not by this object
    return view


def _buttons(
    locale: str, owner_id: int, row: int, entry: Entry, what: str, page: int
) -> list[JobButton | GalleryButton]:
    id_, number = entry.job.id, row + 1
    star = f"{'★' if entry.is_favourite else '☆'} {number}"
    buttons: list[JobButton | GalleryButton] = [
        JobButton(REFINE, id_, text(locale, "pictures-refine", number=number), row),
        GalleryButton(STAR, id_, what, page, star, row),
    ]
    if entry.job.place.user_id == owner_id:
        buttons.append(GalleryButton(DELETE, id_, what, page, text(locale, "pictures-delete", number=number), row))
    return buttons


def _embed(locale: str, owner_id: int, number: int, entry: Entry) -> discord.Embed:
    job = entry.job
    facts = [relative(job.created_at)]
    if job.place.user_id != owner_id:
        facts.append(text(locale, "pictures-of", who=f"<@{job.place.user_id}>"))
    if job.order.private:
        facts.append(text(locale, "pictures-private"))
    if job.link:
        facts.append(f"[{text(locale, 'pictures-link')}]({job.link})")
    shows = plain(job.shows, SHOWN_CHARS) or text(locale, "pictures-purged")
    star = "★ " if entry.is_favourite else ""
    embed = discord.Embed(description=f"`{number}` {star}**{shows}**\n{' · '.join(facts)}")
    if entry.thumbnail:
        embed.set_thumbnail(url=entry.thumbnail)
    return embed
