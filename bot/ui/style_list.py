"""The pages of /styles."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import discord

from bot.domain.styles import Style
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.paging import STYLES, Sheet, packed, page_buttons

DESCRIPTION_CHARS = 4_096
NAME_CHARS, LINE_CHARS = 100, 300


def style_sheet(
    locale: str,
    owner_id: int,
    styles: Iterable[Style],
    number: int,
    known: Callable[[Style], bool] = lambda _: True,
) -> Sheet:
    """Return the page `number`, or the last one where there are fewer.

    Where the models know some styles alone, these are first, and each line says whether it is known.
    """
    styles = sorted(styles, key=lambda style: not known(style))
    some = not all(map(known, styles))
    texts = packed((_line(locale, style, known(style) if some else None) for style in styles), DESCRIPTION_CHARS)
    number = min(number, len(texts) - 1)
    embed = discord.Embed(title=text(locale, "styles-title"), description=texts[number] or text(locale, "styles-none"))
    how = text(locale, "styles-how")
    return Sheet(how, [embed], page_buttons(locale, STYLES, owner_id, number, len(texts)))


def _line(locale: str, style: Style, is_known: bool | None) -> str:
    name, description = plain(style.name(locale), NAME_CHARS), plain(style.description(locale), LINE_CHARS)
    if is_known is not None:
        name = text(locale, "style-known" if is_known else "style-unknown", style=name)
    return text(locale, "styles-line", name=name, description=description) if description else f"**{name}**"
