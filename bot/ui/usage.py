"""The text of `/my usage`: what is left, in which window, and by which rule."""

from __future__ import annotations

from bot.domain.limit_rules import Kind, Target
from bot.domain.quota import Standing
from bot.services.limits import Usage
from bot.ui.i18n import text
from bot.ui.limits import because_text, granted_lines, limit_text, target_text
from bot.ui.paging import CONTENT_CHARS, joined
from bot.ui.timestamps import relative

WHY = {Kind.USER: "usage-why-user", Kind.ROLE: "usage-why-role", Kind.EVERYONE: "usage-why-everyone"}


def usage_text(locale: str, here: Usage, *, in_guild: bool) -> str:
    """Return the answer to /my usage."""
    lines = [f"**{text(locale, 'usage-in-server' if in_guild else 'usage-in-dm')}**"]
    lines += [_line(locale, standing, whose) for standing, whose in here.standings] or [text(locale, "usage-none")]
    lines += granted_lines(locale, here)
    lines.append(text(locale, "usage-at-once", running=here.running, allowed=here.allowed))
    lines += [f"-# {line}" for line in _why(locale, here)]
    return joined(lines, CONTENT_CHARS)


def _why(locale: str, here: Usage) -> list[str]:
    """Say whose rules count, until when and for which reason."""
    if not here.standings:
        return []
    kinds = {whose.kind for _, whose in here.standings}
    ceiling = [text(locale, "usage-why-ceiling")] if Kind.CEILING in kinds else []
    if here.winner is None:
        return [text(locale, "usage-why"), *ceiling]
    target = here.winner.target
    lines = [text(locale, WHY[target.kind], target=target_text(locale, target))]
    lines += [
        f"{limit_text(locale, rule.limit)}{because}"
        for rule in here.winner.rules
        if (because := because_text(locale, rule))
    ]
    default = [text(locale, "usage-why-default")] if Kind.HOST in kinds else []
    return lines + default + ceiling


def _line(locale: str, standing: Standing, whose: Target) -> str:
    limit = standing.limit
    per = text(locale, f"per-{limit.per}")
    key = "usage-line-ceiling" if whose.kind is Kind.CEILING else "usage-line"
    line = text(locale, key, left=standing.left, limit=limit.images, per=per)
    if standing.frees_at is None:
        return line
    return text(locale, "usage-frees", line=line, when=relative(standing.frees_at))
