"""Decides whether a request fits: a member's uses in one server, against the operator's limits and the server's rules.

The operator's limits hold whatever a server sets; a grant counts on top of the server's rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.limit_rules import HOST, Rule, RuleSet, Target, deciding, rule_sets
from bot.domain.quota import AtOnce, Limit, Refusal, Standing, Use, decide, standing, used


@dataclass(frozen=True, slots=True)
class Host:
    """What the operator allows each person in each server, and how many requests of theirs at once anywhere."""

    limits: tuple[Limit, ...]
    at_once: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may go on: `refusal` is None where it may, and then `granted` pictures come from the grant."""

    refusal: Refusal | AtOnce | None = None
    granted: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """`granted` is what is left of the grant; `running` counts requests anywhere, `running_here` in this server."""

    rules: tuple[Rule, ...] = ()
    uses: tuple[Use, ...] = ()
    granted: int = 0
    running: int = 0
    running_here: int = 0

    def decide(self, host: Host, asked: int, now: float, ready_at: float) -> Verdict:
        """Decide on `asked` more pictures; `ready_at` is when the first request on its way may end."""
        if crowd := self._crowd(host, now, ready_at):
            return Verdict(crowd)
        capped = decide(host.limits, self.uses, asked, now)
        refusal, granted = self._by_rules(asked, now)
        refusals = [each for each in (capped, refusal) if each]
        return Verdict(max(refusals, key=_until), 0) if refusals else Verdict(None, granted)

    def at_once(self, host: Host, now: float) -> tuple[int, Target]:
        """Return how many requests at once are allowed here and by whose word."""
        numbered = [rule for rule in self.rules if rule.at_once is not None]
        if not numbered:
            return host.at_once, HOST
        sets = deciding(rule_sets(numbered, now))
        best = max(sets, key=lambda held: held.at_once or 0, default=None)
        if best is None or best.at_once is None or best.at_once > host.at_once:
            return host.at_once, HOST
        return best.at_once, best.target

    def winner(self, now: float) -> RuleSet | None:
        """Return the rules that count: of several roles, those that leave the most now. None: the operator's alone."""
        return next((held for _, held in self._by_room(now)), None)

    def standings(self, host: Host, now: float) -> list[tuple[Standing, Target]]:
        """Return how each limit that counts stands and whose it is; the operator's only where it may be felt first."""
        winner = self.winner(now)
        if winner is None:
            return [(standing(limit, self.uses, now), HOST) for limit in host.limits]
        theirs = [(standing(limit, self._ruled(), now), winner.target) for limit in winner.limits]
        caps = (standing(limit, self.uses, now) for limit in host.limits)
        return theirs + [(cap, HOST) for cap in caps if not any(_covers(each, cap) for each, _ in theirs)]

    def _by_rules(self, asked: int, now: float) -> tuple[Refusal | None, int]:
        """Return why the server's rules refuse, or how many of the pictures the grant pays for."""
        sets = self._by_room(now)
        if not sets:
            return None, 0
        needed = max(0, asked - sets[0][0])
        if needed <= self.granted:
            return None, needed
        # A grant that is too small for all still brings the time nearer at which the rest fits.
        each = [decide(held.limits, self._ruled(), asked - self.granted, now) for _, held in sets]
        refusal = min((one for one in each if one), key=_until)
        return replace(refusal, asked=asked), 0

    def _by_room(self, now: float) -> list[tuple[int, RuleSet]]:
        """Return the rule sets that decide, each with what it leaves now; the one that leaves the most first."""
        sets = deciding(rule_sets(self.rules, now))
        if not sets:
            return []
        ruled = self._ruled()
        there = {per: used(per, ruled, now) for per in {rule.limit.per for held in sets for rule in held.rules}}
        rooms = [(min([max(0, one.images - there[one.per]) for one in held.limits]), held) for held in sets]
        return sorted(rooms, key=lambda room: (room[0], *_generosity(room[1])), reverse=True)

    def _ruled(self) -> Sequence[Use]:
        """Return the uses that count against the server's rules: all that no grant paid for."""
        paid = (Use(use.at, use.images - use.granted) for use in self.uses)
        return [use for use in paid if use.images]

    def _crowd(self, host: Host, now: float, ready_at: float) -> AtOnce | None:
        allowed, _ = self.at_once(host, now)
        for running, most in ((self.running, host.at_once), (self.running_here, allowed)):
            if running >= most:
                return AtOnce(running, most, ready_at)
        return None


def _until(refusal: Refusal) -> float:
    return float("inf") if refusal.free_at is None else refusal.free_at


def _generosity(held: RuleSet) -> tuple[float, int]:
    """Of rule sets that leave the same, the one with the larger rate in its tightest window goes first."""
    return min([limit.images / limit.seconds for limit in held.limits]), -held.target.id


def _covers(theirs: Standing, cap: Standing) -> bool:
    """Whether the operator's limit can go unsaid: the server's over the same window is felt first."""
    return theirs.limit.per == cap.limit.per and theirs.left <= cap.left
