"""The text of `/my usage`: what is left, in which window, and by which rule."""

from __future__ import annotations

from bot.domain.limit_rules import Kind
from bot.domain.quota import Standing
from bot.services.limits import Usage
from bot.ui.i18n import text
from bot.ui.limits import because_text, limit_text, target_text
from bot.ui.paging import CONTENT_CHARS, joined
from bot.ui.timestamps import relative

WHY = {Kind.USER: "usage-why-user", Kind.ROLE: "usage-why-role", Kind.EVERYONE: "usage-why-everyone"}


def usage_text(locale: str, here: Usage, *, in_guild: bool) -> str:
    """Return the answer to /my usage."""
    lines = [f"**{text(locale, 'usage-in-server' if in_guild else 'usage-in-dm')}**"]
    lines += [_line(locale, standing) for standing, _ in here.standings] or [text(locale, "usage-none")]
    if here.granted:
        lines.append(text(locale, "limits-granted-left", images=str(here.granted)))
    lines.append(text(locale, "usage-at-once", running=here.running, allowed=here.allowed))
    lines += [f"-# {line}" for line in _why(locale, here)]
    return joined(lines, CONTENT_CHARS)


def _why(locale: str, here: Usage) -> list[str]:
    """Say whose rules count, until when and for which reason."""
    if not here.standings:
        return []
    if here.winner is None:
        return [text(locale, "usage-why")]
    target = here.winner.target
    lines = [text(locale, WHY[target.kind], target=target_text(locale, target))]
    lines += [
        f"{limit_text(locale, rule.limit)}{because}"
        for rule in here.winner.rules
        if (because := because_text(locale, rule))
    ]
    if any(whose.kind is Kind.HOST for _, whose in here.standings):
        lines.append(text(locale, "usage-why-capped"))
    return lines


def _line(locale: str, standing: Standing) -> str:
    limit = standing.limit
    per = text(locale, f"per-{limit.per}")
    line = text(locale, "usage-line", left=standing.left, limit=limit.images, per=per)
    if standing.frees_at is None:
        return line
    return text(locale, "usage-frees", line=line, when=relative(standing.frees_at))
