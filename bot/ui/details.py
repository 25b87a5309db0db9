"""How a picture was made, for whoever asks."""

from __future__ import annotations

import discord

from bot.domain.jobs import Job
from bot.ui.i18n import text
from bot.ui.plain import plain

FIELD_CHARS = 1_000
EMBED_CHARS = 3_900


def details(job: Job, locale: str) -> discord.Embed:
    """Return the embed; what is not known yet, or does not apply, is left out."""
    spec, painted = job.spec, job.painted
    prompt = spec.prompt if spec else job.order.words
    embed = discord.Embed(title=text(locale, "details-title"), description=_section(locale, "prompt", prompt))
    long = {"words": job.order.words}
    short = {"seed": str(job.seed)}
    if spec:
        long |= {"understood": "" if job.order.exact else spec.understood, "negative": spec.negative}
    if painted:
        short |= {
            "size": painted.size.replace("x", " × "),
            "steps": str(painted.steps or ""),
            "model": painted.model,
            "seconds": text(locale, "details-seconds-value", seconds=round(painted.seconds, 1)),
        }
    for name, value in (*long.items(), *short.items()):
        if value:
            shown = plain(value, FIELD_CHARS // 2)
            embed.add_field(name=text(locale, f"details-{name}"), value=shown, inline=name in short)
    return embed


def _section(locale: str, name: str, value: str) -> str:
    return f"**{text(locale, f'details-{name}')}**\n{plain(value, EMBED_CHARS // 2)}"
