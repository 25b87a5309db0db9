"""The text of `/my usage`: what is left, in which window, and by which rule."""

from __future__ import annotations

from bot.domain.limit_rules import Kind, RuleSet, Target
from bot.domain.quota import Standing
from bot.services.limits import Usage
from bot.ui.i18n import text
from bot.ui.limits import because_text, granted_lines, limit_text, target_text
from bot.ui.markdown_escape import plain
from bot.ui.paging import CONTENT_CHARS, joined
from bot.ui.timestamps import relative

MODEL_WHY = {
    Kind.USER: "usage-why-model-user",
    Kind.ROLE: "usage-why-model-role",
    Kind.EVERYONE: "usage-why-model-everyone",
}
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
    models = [line for held in here.model_winners for line in _whose(locale, held)]
    if here.winner is None:
        general = any(not standing.limit.model for standing, _ in here.standings)
        return [*([text(locale, "usage-why")] if general else []), *ceiling, *models]
    default = [text(locale, "usage-why-default")] if Kind.HOST in kinds else []
    return [*_whose(locale, here.winner), *default, *ceiling, *models]


def _whose(locale: str, held: RuleSet) -> list[str]:
    """Say whose rules these are, and for each that tells them until when and for which reason."""
    key, target = (MODEL_WHY if held.model else WHY)[held.target.kind], target_text(locale, held.target)
    lines = [text(locale, key, target=target, model=plain(held.model))]
    because = [(rule, because_text(locale, rule)) for rule in held.rules]
    return lines + [f"{limit_text(locale, rule.limit)}{why}" for rule, why in because if why]


def _line(locale: str, standing: Standing, whose: Target) -> str:
    limit = standing.limit
    if limit.model and not limit.images:
        return text(locale, "usage-line-model-none", model=plain(limit.model))
    per = text(locale, f"per-{limit.per}")
    of_all = "usage-line-ceiling" if whose.kind is Kind.CEILING else "usage-line"
    key = "usage-line-model" if limit.model else of_all
    line = text(locale, key, left=standing.left, limit=limit.images, per=per, model=plain(limit.model))
    if standing.frees_at is None:
        return line
    return text(locale, "usage-frees", line=line, when=relative(standing.frees_at))
