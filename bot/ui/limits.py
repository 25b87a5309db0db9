"""The answers of /limits: rules with target, limit, expiry and reason, and which of them wins."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.account import Host
from bot.domain.limit_rules import Kind, Rule, RuleSet, Target
from bot.domain.quota import Limit, Standing
from bot.services.limits import Change, Usage
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from bot.ui.paging import packed
from bot.ui.timestamps import relative

MOST_CHARS = 1_800
REASON_SHOWN = 120


def target_text(locale: str, target: Target) -> str:
    """Return whom a rule is for; a mention, which pings nobody."""
    match target.kind:
        case Kind.USER:
            return f"<@{target.id}>"
        case Kind.ROLE:
            return f"<@&{target.id}>"
        case Kind.EVERYONE:
            return text(locale, "limits-everyone")
        case Kind.HOST:
            return text(locale, "limits-host")
        case Kind.CEILING:
            return text(locale, "limits-ceiling")


def limit_text(locale: str, limit: Limit) -> str:
    line = text(locale, "limits-limit", images=str(limit.images), per=text(locale, f"per-{limit.per}"))
    return text(locale, "limits-by-model", limit=line, model=plain(limit.model)) if limit.model else line


def show_text(locale: str, sets: Sequence[RuleSet], host: Host) -> str:
    """Return the answer to /limits show."""
    lines = [_rule(locale, rule) for held in sets for rule in held.rules] or [text(locale, "limits-none")]
    return _message(locale, text(locale, "limits-title"), [*lines, *_host(locale, host)])


def set_text(locale: str, change: Change, rule: Rule, host: Host) -> str:
    """Return the answer to /limits set: all that counts for the target now."""
    lines = [_rule(locale, each) for each in change.after]
    general = tuple(each for each in change.after if not each.limit.model)
    if rule.limit.model:
        model = plain(rule.limit.model)
        if RuleSet(rule.target, (rule,)).stop:
            lines.append(text(locale, "limits-stop-model", model=model))
        lines.append(f"-# {text(locale, 'limits-beside-model', model=model)}")
    elif RuleSet(rule.target, general).stop:
        lines.append(text(locale, "limits-stop"))
    elif others := [left for left in host.limits if left.per not in {each.limit.per for each in general}]:
        lines.append(f"-# {text(locale, 'limits-beside', limits=limits_text(locale, others))}")
    return _message(locale, text(locale, "limits-set", target=target_text(locale, rule.target)), lines)


def change_text(locale: str, change: Change, model: str = "") -> str:
    """Return the answer to /limits reset, of everything or of one model."""
    whom = target_text(locale, change.target)
    if not change.before and not change.granted_before:
        key = "limits-nothing-model" if model else "limits-nothing"
        return text(locale, key, target=whom, model=plain(model))
    lines = [_rule(locale, rule) for rule in change.before if rule not in change.after]
    if change.granted_before:
        lines.append(text(locale, "log-granted", images=str(change.granted_before)))
    return _message(locale, text(locale, "limits-reset", target=whom), lines)


def granted_text(locale: str, change: Change, reason: str, host: Host, *, is_stopped: bool, by_host: bool) -> str:
    """Return the answer to /limits grant; a person who may draw none at all, or whom the host blocks, cannot use it."""
    whom, left = target_text(locale, change.target), str(change.granted_after)
    lines = [text(locale, "limits-reason", reason=plain(reason, REASON_SHOWN))] if reason else []
    if by_host:
        lines.append(text(locale, "host-blocks", user=whom))
    if is_stopped:
        lines.append(text(locale, "limits-stop"))
    if host.ceiling:
        lines.append(f"-# {_ceiling(locale, host)}")
    return _message(locale, text(locale, "limits-granted", target=whom, images=left), lines)


def why_text(locale: str, user_id: int, usage: Usage, host: Host) -> str:
    """Return the answer to /limits why: each rule that applies, which one wins, what is used and when it frees."""
    lines, winners = [], [usage.winner, *usage.model_winners]
    for held in usage.applying:
        wins = any(one and (one.target, one.model) == (held.target, held.model) for one in winners)
        lines += [_rule(locale, rule, "limits-wins" if wins else "limits-loses") for rule in held.rules]
    lines += _host(locale, host, wins=usage.winner is None)
    lines.append(f"**{text(locale, 'limits-used')}**")
    lines += [used_text(locale, standing, target) for standing, target in usage.standings] or [
        text(locale, "usage-none")
    ]
    lines += granted_lines(locale, usage)
    whose = target_text(locale, usage.allowed_by)
    lines.append(text(locale, "limits-at-once", running=usage.running, allowed=usage.allowed, target=whose))
    return _message(locale, text(locale, "limits-why", target=f"<@{user_id}>"), lines)


def granted_lines(locale: str, usage: Usage) -> list[str]:
    """Return the line on what is left of a grant, if anything is."""
    if not usage.granted:
        return []
    key = "limits-granted-stopped" if usage.is_stopped else "limits-granted-left"
    return [text(locale, key, images=str(usage.granted))]


def limits_text(locale: str, limits: Sequence[Limit]) -> str:
    return ", ".join(limit_text(locale, limit) for limit in limits) or text(locale, "limits-open")


def used_text(locale: str, standing: Standing, target: Target) -> str:
    """Return how much of a limit is used and from when on it frees."""
    limit = standing.limit
    line = text(
        locale,
        "limits-used-line-model" if limit.model else "limits-used-line",
        used=str(standing.used),
        limit=str(limit.images),
        per=text(locale, f"per-{limit.per}"),
        target=target_text(locale, target),
        model=plain(limit.model),
    )
    if standing.frees_at is None:
        return line
    return text(locale, "usage-frees", line=line, when=relative(standing.frees_at))


def because_text(locale: str, rule: Rule) -> str:
    """Return a rule's expiry and reason, empty where it has neither."""
    parts = []
    if rule.expires_at is not None:
        parts.append(text(locale, "limits-until", when=relative(rule.expires_at)))
    if rule.reason:
        parts.append(text(locale, "limits-reason", reason=plain(rule.reason, REASON_SHOWN)))
    return "".join(f" · {part}" for part in parts)


def _rule(locale: str, rule: Rule, key: str = "") -> str:
    line = text(
        locale, "limits-rule", target=target_text(locale, rule.target), limit=limit_text(locale, rule.limit)
    ) + because_text(locale, rule)
    if rule.at_once is not None:
        line += f" · {text(locale, 'limits-rule-at-once', allowed=str(rule.at_once))}"
    return f"{line} · {text(locale, key)}" if key else line


def _host(locale: str, host: Host, *, wins: bool = False) -> list[str]:
    """Return the host's default and, where there is one, its ceiling."""
    line = text(locale, "limits-host-line", limits=limits_text(locale, host.limits), allowed=str(host.at_once))
    won = f" · {text(locale, 'limits-wins')}" if wins else ""
    return [f"{line}{won}", *([f"-# {_ceiling(locale, host)}"] if host.ceiling else [])]


def _ceiling(locale: str, host: Host) -> str:
    return text(locale, f"limits-ceiling-{host.ceiling_per}", limits=limits_text(locale, host.ceiling))


def _message(locale: str, title: str, lines: Sequence[str]) -> str:
    """Return the lines under the title; those that one message cannot hold are counted."""
    shown = packed(lines, MOST_CHARS)[0]
    left_out = len(lines) - (shown.count("\n") + 1 if shown else 0)
    more = f"\n-# {text(locale, 'limits-more', count=str(left_out))}" if left_out else ""
    return f"**{title}**\n{shown}{more}"
