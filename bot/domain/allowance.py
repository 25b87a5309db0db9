"""Rules and grant of a target as one line of the audit log: `5/hour until 1800007200; 20/day; 3 at once; 4 granted`.

`2/day with FLUX` is for one model. `parts` reads back what `written` wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from bot.domain.limit_rules import Rule
from bot.domain.quota import WINDOWS, Limit

WINDOW = re.compile(r"(\d+)/(\w+)(?: with (\S+))?(?: until (\d+))?")
AT_ONCE = re.compile(r"(\d+) at once")
GRANTED = re.compile(r"(\d+) granted")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Limits, each with the second since 1970 at which it ends, requests at once, and what is left of a grant."""

    limits: tuple[tuple[Limit, int | None], ...] = ()
    at_once: int | None = None
    granted: int = 0


def written(rules: Iterable[Rule], granted: int = 0) -> str:
    """Return the line; empty where nothing is set."""
    held = sorted(rules, key=lambda rule: (rule.limit.model.casefold(), rule.limit.seconds))
    parts = []
    for rule in held:
        model = f" with {quote(rule.limit.model)}" if rule.limit.model else ""
        until = "" if rule.expires_at is None else f" until {round(rule.expires_at)}"
        parts.append(f"{rule.limit.images}/{rule.limit.per}{model}{until}")
    parts += [f"{rule.at_once} at once" for rule in held if rule.at_once is not None][:1]
    return "; ".join(parts + ([f"{granted} granted"] if granted else []))


def parts(line: str) -> Allowance:
    """Return what `written` wrote; what it did not is left out."""
    limits, at_once, granted = [], None, 0
    for part in line.split("; "):
        if (found := WINDOW.fullmatch(part)) and found[2] in WINDOWS:
            limit = Limit(int(found[1]), found[2], unquote(found[3] or ""))
            limits.append((limit, int(found[4]) if found[4] else None))
        elif found := AT_ONCE.fullmatch(part):
            at_once = int(found[1])
        elif found := GRANTED.fullmatch(part):
            granted = int(found[1])
    return Allowance(tuple(limits), at_once, granted)


def replaced(before: Iterable[Rule], rule: Rule) -> tuple[Rule, ...]:
    """Return a target's rules once `rule` is set: it takes its window's place, and a target has one number at once."""
    held = [old for old in before if old.counts(rule.set_at)]
    others = [old for old in held if old.limit.window != rule.limit.window]
    if rule.at_once is not None:
        return (*(replace(old, at_once=None) for old in others), rule)
    kept = next((old.at_once for old in held if old.limit.window == rule.limit.window), None)
    return (*others, replace(rule, at_once=kept))
