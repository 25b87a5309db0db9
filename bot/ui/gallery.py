"""A page of `/my pictures`: what each picture shows, when it was asked for, a link and a thumbnail."""

from __future__ import annotations

import discord

from bot.services.gallery import Entry, Page
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.paging import PICTURES, Sheet, page_buttons
from bot.ui.timestamps import relative

SHOWN_CHARS = 200


def gallery_sheet(locale: str, owner_id: int, page: Page) -> Sheet:
    if not page.entries:
        return Sheet(text(locale, "pictures-none"), [], None)
    title = text(locale, "pictures-title", total=page.total, page=page.number + 1, pages=page.pages)
    view = page_buttons(locale, PICTURES, owner_id, page.number, page.pages)
    return Sheet(title, [_embed(locale, entry) for entry in page.entries], view)


def _embed(locale: str, entry: Entry) -> discord.Embed:
    facts = [relative(entry.job.created_at)]
    if entry.job.order.private:
        facts.append(text(locale, "pictures-private"))
    if entry.job.link:
        facts.append(f"[{text(locale, 'pictures-link')}]({entry.job.link})")
    shows = plain(entry.job.shows, SHOWN_CHARS) or text(locale, "pictures-purged")
    embed = discord.Embed(description=f"**{shows}**\n{' · '.join(facts)}")
    if entry.thumbnail:
        embed.set_thumbnail(url=entry.thumbnail)
    return embed
