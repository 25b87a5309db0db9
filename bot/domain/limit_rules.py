"""A server's rules, and which of them count for a member.

The member's own go before their roles', these before everyone's; in windows that they leave open, the host's default
goes on. A rule past its expiry does not count. Rules of one model decide in the same order, for that model alone and
beside the others; in windows that they leave open nothing more holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from bot.domain.quota import Limit


class Kind(Enum):
    """Whom a rule is for; `HOST` is the operator's default, and `CEILING` what no server can exceed."""

    USER = "user"
    ROLE = "role"
    EVERYONE = "everyone"
    HOST = "host"
    CEILING = "ceiling"


ORDER = (Kind.USER, Kind.ROLE, Kind.EVERYONE)
"""The first of these that has a rule decides."""


@dataclass(frozen=True, slots=True)
class Target:
    """A user or a role by Discord's id; everyone's is the server's, as in Discord, and the host's are 0."""

    kind: Kind
    id: int


HOST, CEILING = Target(Kind.HOST, 0), Target(Kind.CEILING, 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit for one target, and with `at_once` how many requests may be on their way; times as in jobs."""

    target: Target
    limit: Limit
    at_once: int | None = None
    reason: str = ""
    expires_at: float | None = None
    set_by: int = 0
    set_at: float = 0.0

    def counts(self, now: float) -> bool:
        return self.expires_at is None or self.expires_at > now


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All windows of one target, for all models or for one, which count together.

    `completed` adds the host's to those of a server's rules for all models.
    """

    target: Target
    rules: tuple[Rule, ...]

    @property
    def limits(self) -> tuple[Limit, ...]:
        return tuple(rule.limit for rule in self.rules)

    @property
    def model(self) -> str:
        """The model that these rules are for; empty where they are for all."""
        return self.rules[0].limit.model if self.rules else ""

    @property
    def at_once(self) -> int | None:
        """A target has one number of requests at once, whichever of its rules carries it."""
        return min((rule.at_once for rule in self.rules if rule.at_once is not None), default=None)

    @property
    def stop(self) -> Rule | None:
        """The rule that stops a person altogether: no pictures, set for them by themselves."""
        return next((rule for rule in self.rules if rule.target.kind is Kind.USER and rule.limit.images == 0), None)

    def completed(self, default: Iterable[Limit]) -> RuleSet:
        """Return these rules and, for the windows that they leave open, the host's default."""
        own = {rule.limit.per for rule in self.rules}
        rules = (*self.rules, *(Rule(HOST, limit) for limit in default if limit.per not in own))
        return replace(self, rules=tuple(sorted(rules, key=lambda rule: rule.limit.seconds)))


def rule_sets(rules: Iterable[Rule], now: float) -> list[RuleSet]:
    """Return the rules that count, by target and model, those that go first before the others."""
    found: dict[tuple[Target, str], list[Rule]] = {}
    for rule in rules:
        if rule.counts(now):
            found.setdefault((rule.target, rule.limit.model.casefold()), []).append(rule)
    sets = [
        RuleSet(target, tuple(sorted(held, key=lambda rule: rule.limit.seconds))) for (target, _), held in found.items()
    ]
    return sorted(sets, key=lambda held: (ORDER.index(held.target.kind), held.target.id, held.model))


def deciding(sets: Iterable[RuleSet]) -> list[RuleSet]:
    """Return those of the first kind that there is: one user's, several roles', everyone's, or none."""
    held = list(sets)
    return [one for one in held if one.target.kind is held[0].target.kind]
