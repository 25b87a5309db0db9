"""How it looks what someone may still have, in which window, and why."""

from __future__ import annotations

from bot.domain.quota import Standing
from bot.services.limits import Usage
from bot.ui.cards import relative
from bot.ui.i18n import text


def usage_text(locale: str, here: Usage, *, in_guild: bool) -> str:
    """Return the answer to /my usage."""
    lines = [f"**{text(locale, 'usage-in-server' if in_guild else 'usage-in-dm')}**"]
    lines += [_line(locale, standing) for standing in here.standings] or [text(locale, "usage-none")]
    lines.append(text(locale, "usage-at-once", running=here.running, allowed=here.allowed))
    if here.standings:
        lines.append(f"-# {text(locale, 'usage-why')}")
    return "\n".join(lines)


def _line(locale: str, standing: Standing) -> str:
    limit = standing.limit
    per = text(locale, f"per-{limit.per}")
    line = text(locale, "usage-line", left=standing.left, limit=limit.images, per=per)
    if standing.frees_at is None:
        return line
    return text(locale, "usage-frees", line=line, when=relative(standing.frees_at))
