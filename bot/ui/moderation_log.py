"""Moderators' changes as lines of text: the pages of `/moderation log`, and posts to the log channel.

Invariant: whatever another version of Limner wrote into the log, a line is made of it, in its own words if need be.
"""

from __future__ import annotations

import discord

from bot.domain.allowance import parts
from bot.domain.limit_rules import Kind, Target
from bot.domain.moderation import Action, Entry
from bot.services.moderation import LogPage
from bot.ui.discord_retry import DISCORD_FAILURES
from bot.ui.i18n import text
from bot.ui.limits import limit_text, target_text
from bot.ui.markdown_escape import plain
from bot.ui.moderation import reason_part
from bot.ui.paging import LOG, Sheet, cut, page_buttons
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

KINDS = {kind.value: kind for kind in Kind}
ABOUT_USERS = (
    Action.BLOCK,
    Action.UNBLOCK,
    Action.REVIEW_RELEASE,
    Action.REVIEW_REMOVE,
    Action.PHOTO_USE,
    Action.PHOTO_DELETE,
    Action.DELETE,
)
"""Actions whose target is a user."""
DESCRIPTION_CHARS = 4_096
"""Discord's limit for an embed."""


class DiscordMirror:
    """Implements services.ports.moderation.Mirror."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post(self, guild_id: int, channel_id: int, entry: Entry) -> None:
        guild = self._client.get_guild(guild_id)
        line = entry_line(str(guild.preferred_locale) if guild else "en-US", entry)
        try:
            await self._client.get_partial_messageable(channel_id, guild_id=guild_id).send(line, suppress_embeds=True)
        except DISCORD_FAILURES as error:
            log.warning("moderation.unmirrored", detail=str(error))


def entry_line(locale: str, entry: Entry) -> str:
    """Return one line: when, who, what, whom, from what to what, why."""
    what = text(locale, f"log-{entry.action.value}")
    line = text(locale, "log-line", when=f"<t:{round(entry.at)}:f>", who=f"<@{entry.actor_id}>", what=what)
    if entry.target_id is not None:
        line += f" {_target(locale, entry)}"
    if entry.before or entry.after:
        line += f" ({_value(locale, entry, entry.before)} → {_value(locale, entry, entry.after)})"
    return line + reason_part(locale, entry.reason)


def log_sheet(locale: str, owner_id: int, about: int | None, page: LogPage) -> Sheet:
    """Return one page. Each entry has its share of the page, so that none is hidden behind the others' reasons."""
    title = text(locale, "log-title", total=page.total, page=page.number + 1, pages=page.pages)
    share = DESCRIPTION_CHARS // max(1, len(page.entries)) - 1
    lines = [cut(entry_line(locale, entry), share) for entry in page.entries]
    what = LOG if about is None else f"{LOG}-{about}"
    embed = discord.Embed(description="\n".join(lines) or text(locale, "log-none"))
    return Sheet(title, [embed], page_buttons(locale, what, owner_id, page.number, page.pages))


def _target(locale: str, entry: Entry) -> str:
    if entry.target_kind in KINDS:
        return target_text(locale, Target(KINDS[entry.target_kind], entry.target_id or 0))
    if entry.action is Action.UNKNOWN:
        return str(entry.target_id)
    return f"<@{entry.target_id}>" if entry.action in ABOUT_USERS else f"<#{entry.target_id}>"


def _value(locale: str, entry: Entry, value: str) -> str:
    if not value:
        return text(locale, "log-nothing")
    match entry.action:
        case Action.BLOCK | Action.UNBLOCK:
            return text(locale, "moderation-for-good") if value == "always" else f"<t:{plain(value)}:f>"
        case Action.LIMIT_SET | Action.LIMIT_RESET | Action.LIMIT_GRANT:
            return _allowance(locale, value) or plain(value)
        case Action.LOG_CHANNEL | Action.REVIEW_CHANNEL:
            return f"<#{plain(value)}>"
        case Action.WORD_ADD | Action.WORD_REMOVE:
            return f"||{plain(value)}||"
        case Action.MODEL_ALLOW | Action.MODEL_DENY:
            return _model(locale, value)
        case _:
            try:
                return text(locale, f"log-value-{value}")
            except KeyError:
                return plain(value)


def _model(locale: str, value: str) -> str:
    """Return in words whether a role may use a model or LoRA."""
    rule, _, ref = value.partition(" ")
    kind, _, name = ref.partition(" ")
    try:
        what = text(locale, f"models-kind-{kind}", name=plain(name))
        return text(locale, "log-model", what=what, rule=text(locale, f"log-value-{rule}"))
    except KeyError:
        return plain(value)


def _allowance(locale: str, value: str) -> str:
    """Return in words what a target is allowed."""
    allowed = parts(value)
    words = []
    for limit, until_at in allowed.limits:
        ends = "" if until_at is None else " " + text(locale, "limits-until", when=f"<t:{until_at}:f>")
        words.append(limit_text(locale, limit) + ends)
    if allowed.at_once is not None:
        words.append(text(locale, "limits-rule-at-once", allowed=str(allowed.at_once)))
    if allowed.granted:
        words.append(text(locale, "log-granted", images=str(allowed.granted)))
    return ", ".join(words)
