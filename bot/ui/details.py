"""The Details embed: how a picture was made, and from which ancestors."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.domain.jobs import Job, Kind
from bot.domain.styles import Styles
from bot.ui.button_items import CELLS
from bot.ui.fine_print import changed, difference
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.understanding.assemble import assemble

FIELD_CHARS = 500
PROMPT_CHARS, CROWDED_CHARS = 1_900, 600
"""Before escaping, which at most doubles them; an embed takes 4,096 in its description, and EMBED_CHARS in all."""
EMBED_CHARS = 6_000
ANCESTOR_CHARS = 40
LIST_CHARS = 1_024


def details(
    job: Job,
    ancestors: Sequence[Job],
    styles: Styles,
    locale: str,
    asker: int,
    *,
    edits: bool = False,
    loras: Sequence[str] = (),
    favourite: Job | None = None,
) -> discord.Embed:
    """Return the embed; what is not known yet, or does not apply, is left out.

    Of a painter that `edits` the order's picture by instruction, what it was told is that, and no description. `loras`
    are those that it was painted with, as NAME:WEIGHT; `favourite` is the one that was given to it.
    """
    order, painted = job.order, job.painted
    prompt, negative = assemble(styles, order, job.spec, edits=edits) if job.spec else (order.words, order.negative)
    heading = f"**{text(locale, 'details-instruction' if edits and job.spec else 'details-prompt')}**\n"
    embed = discord.Embed(title=text(locale, "details-title"), description=heading + plain(prompt, PROMPT_CHARS))
    long = {
        "words": order.words,
        "understood": job.spec.understood if job.spec and not order.exact else "",
        "negative": negative,
        "unread": prompt[-painted.unread :] if painted and painted.unread else "",
    }
    style = styles.get(order.style)
    short = {
        "seed": str(job.seed),
        "style": style.name(locale) if style else "",
        "loras": text(locale, "status-comma").join(loras),
        "strength": f"{order.strength:g}" if order.strength is not None else "",
        "guidance": f"{order.guidance:g}" if order.guidance is not None else "",
        "cells": text(locale, "status-comma").join(
            str(cell + 1) for cell in range(CELLS * CELLS) if order.cells >> cell & 1
        ),
    }
    if painted:
        short |= {
            "size": painted.size.replace("x", " × "),
            "steps": str(painted.steps or ""),
            "upscaler" if order.upscale else "model": painted.model,
            "seconds": text(locale, "details-seconds-value", seconds=round(painted.seconds, 1)),
        }
    for name, value in (*long.items(), *short.items()):
        if shown := plain(value, FIELD_CHARS):
            embed.add_field(name=text(locale, f"details-{name}"), value=shown, inline=name in short)
    if differs := changed(job, locale) or difference(job, locale):
        embed.add_field(name=text(locale, "details-differs"), value=differs, inline=False)
    if order.photos_of:
        authors = ", ".join(f"<@{author}>" for author in order.photos_of)
        embed.add_field(name=text(locale, "details-photos"), value=authors, inline=False)
    if favourite:
        line = _ancestor(favourite, locale, asker)
        embed.add_field(name=text(locale, "details-favourite"), value=line, inline=False)
    if ancestors:
        embed.add_field(name=text(locale, "details-ancestors"), value=_line(ancestors, locale, asker), inline=False)
    if len(embed) > EMBED_CHARS:
        embed.description = heading + plain(prompt, CROWDED_CHARS)
    return embed


def _line(ancestors: Sequence[Job], locale: str, asker: int) -> str:
    """List what the picture came from, the nearest first, as far as a field holds it."""
    lines: list[str] = []
    for number, job in enumerate(ancestors, start=1):
        line = f"{number}. {_ancestor(job, locale, asker)}"
        if sum(len(each) + 1 for each in (*lines, line)) > LIST_CHARS - 2:
            return "\n".join((*lines, "…"))
        lines.append(line)
    return "\n".join(lines)


def _ancestor(job: Job, locale: str, asker: int) -> str:
    if job.order.private and job.place.user_id != asker:
        return text(locale, "details-private")
    shows = plain(job.order.words if job.order.kind is Kind.REFINE else job.shows, ANCESTOR_CHARS)
    if other := difference(job, locale):  # versions of one picture may show the same
        shows = f"{shows} · {other}"
    if job.deleted_at is not None:
        return text(locale, "details-deleted", shows=shows)
    return f"[{shows}]({job.link})" if job.link else shows
