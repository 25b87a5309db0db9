"""Decides whether a request fits: a member's uses in a server, against the server's rules and the operator's limits.

A grant counts on top of the server's rules and of the operator's default; the operator's ceiling holds whatever a
server sets or grants, and so does a rule of no pictures that was set for the person. The limits of a model hold beside
all that, for every picture by it, granted ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.domain.limit_rules import CEILING, HOST, Rule, RuleSet, Target, deciding, rule_sets
from bot.domain.quota import AtOnce, Limit, Refusal, Standing, Use, decide, standing, used

CEILING_TIMES = 5
"""An operator who sets no ceiling lets moderators raise a person to so many times the default."""
UNBOUNDED = 1 << 62
"""Pictures left where there is no limit."""
CeilingPer = Literal["user", "server"]


@dataclass(frozen=True, slots=True)
class Host:
    """What the operator lets each person have: `limits` where no rule says otherwise, and never more than `ceiling`.

    `limits` count in each server, and in direct messages, by themselves. `ceiling` counts every picture, granted ones
    too: over all servers and direct messages together, or, per "server", as `limits` do. `at_once` counts requests
    anywhere.
    """

    limits: tuple[Limit, ...]
    at_once: int
    ceiling: tuple[Limit, ...] = ()
    ceiling_per: CeilingPer = "user"


def usual_ceiling(limits: Sequence[Limit]) -> tuple[Limit, ...]:
    """Return the ceiling over a default where the operator sets none."""
    return tuple(replace(limit, images=CEILING_TIMES * limit.images) for limit in limits)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may go on: `refusal` is None where it may, and then `granted` pictures come from the grant."""

    refusal: Refusal | AtOnce | None = None
    granted: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """`uses` are those in this server, `everywhere` those in all servers and direct messages together.

    `by_model` are those in this server that rules of a model may count. `granted` is what is left of the grant;
    `running` counts requests anywhere, `running_here` in this server.
    """

    rules: tuple[Rule, ...] = ()
    uses: tuple[Use, ...] = ()
    granted: int = 0
    running: int = 0
    running_here: int = 0
    everywhere: tuple[Use, ...] = ()
    by_model: tuple[Use, ...] = ()

    def taken(self, use: Use) -> Account:
        """Return the account with one more request."""
        return replace(
            self,
            uses=(*self.uses, use),
            everywhere=(*self.everywhere, use),
            by_model=(*self.by_model, use),
            granted=self.granted - use.granted,
            running=self.running + 1,
            running_here=self.running_here + 1,
        )

    def decide(self, host: Host, asked: int, now: float, ready_at: float, model: str = "") -> Verdict:
        """Decide on `asked` more pictures; `ready_at` is when the first request on its way may end.

        `model` paints them; where that is not known, the rules of every model count.
        """
        if crowd := self._crowd(host, now, ready_at):
            return Verdict(crowd)
        refusal, granted = self._by_rules(host, asked, now)
        capped = decide(host.ceiling, self._under_ceiling(host), asked, now)
        of_models = [self._by_model(sets, asked, now) for sets in self._models(now, model)]
        refusals = [each for each in (refusal, capped and replace(capped, ceiling=True), *of_models) if each]
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

    def winner(self, host: Host, now: float) -> RuleSet:
        """Return the rules that count, completed by the host's: of several roles, those that leave the most now."""
        return self._general(host, now)[0][1]

    def model_winners(self, now: float, model: str = "") -> list[RuleSet]:
        """Return the same of each model that has rules, or of this one."""
        return [_by_room(sets, self._made_by(sets[0]), now)[0][1] for sets in self._models(now, model)]

    def standings(self, host: Host, now: float, model: str = "") -> list[tuple[Standing, Target]]:
        """Return how each limit that counts stands and whose it is; the ceiling only where it may be felt first.

        Last come those of each model, or of this one.
        """
        ruled = self._ruled()
        theirs = [(standing(rule.limit, ruled, now), rule.target) for rule in self.winner(host, now).rules]
        caps = [standing(limit, self._under_ceiling(host), now) for limit in host.ceiling]
        theirs += [(cap, CEILING) for cap in caps if not any(_covers(each, cap) for each, _ in theirs)]
        models = [(held, self._made_by(held)) for held in self.model_winners(now, model)]
        return theirs + [(standing(rule.limit, made, now), rule.target) for held, made in models for rule in held.rules]

    def tightest(self, host: Host, now: float, model: str = "") -> Standing | None:
        """Return how the limit stands that leaves the least to this model; None where nothing is limited."""
        return min((each for each, _ in self.standings(host, now, model)), key=lambda each: each.left, default=None)

    def _by_rules(self, host: Host, asked: int, now: float) -> tuple[Refusal | None, int]:
        """Return why the rules and the default refuse, or how many of the pictures the grant pays for."""
        sets = self._general(host, now)
        room, winner = sets[0]
        if stop := winner.stop:  # of one person's rules there is but one set
            return Refusal(stop.limit, used(stop.limit.per, self._ruled(), now), asked, None), 0
        needed = max(0, asked - room)
        if needed <= self.granted:
            return None, needed
        # A grant that is too small for all still brings the time nearer at which the rest fits.
        each = [decide(held.limits, self._ruled(), asked - self.granted, now) for _, held in sets]
        refusal = min((one for one in each if one), key=_until)
        return replace(refusal, asked=asked, granted=self.granted), 0

    def _by_model(self, sets: Sequence[RuleSet], asked: int, now: float) -> Refusal | None:
        """Return why the rules of one model refuse; of several roles, the one that refuses the shortest."""
        each = [decide(held.limits, self._made_by(held), asked, now) for held in sets]
        refusals = [refusal for refusal in each if refusal]
        return min(refusals, key=_until) if len(refusals) == len(each) else None

    def _general(self, host: Host, now: float) -> list[tuple[int, RuleSet]]:
        """Return the rule sets for all models that decide, by what they leave."""
        rules = [rule for rule in self.rules if not rule.limit.model]
        deciders = deciding(rule_sets(rules, now)) or [RuleSet(HOST, ())]
        return _by_room([held.completed(host.limits) for held in deciders], self._ruled(), now)

    def _models(self, now: float, model: str) -> list[list[RuleSet]]:
        """Return the rule sets that decide for each model that has rules, or for this one."""
        sets: dict[str, list[RuleSet]] = {}
        for held in rule_sets(self.rules, now):
            if held.model and model.casefold() in ("", held.model.casefold()):
                sets.setdefault(held.model.casefold(), []).append(held)
        return [deciding(each) for _, each in sorted(sets.items())]

    def _made_by(self, held: RuleSet) -> list[Use]:
        """Return the uses that count against rules of a model."""
        return [use for use in self.by_model if use.may_be_by(held.model)]

    def _ruled(self) -> Sequence[Use]:
        """Return the uses that count against rules and the default: all that no grant paid for."""
        paid = (Use(use.at, use.images - use.granted) for use in self.uses)
        return [use for use in paid if use.images]

    def _under_ceiling(self, host: Host) -> tuple[Use, ...]:
        return self.everywhere if host.ceiling_per == "user" else self.uses

    def _crowd(self, host: Host, now: float, ready_at: float) -> AtOnce | None:
        allowed, _ = self.at_once(host, now)
        for running, most in ((self.running, host.at_once), (self.running_here, allowed)):
            if running >= most:
                return AtOnce(running, most, ready_at)
        return None


def _by_room(sets: Iterable[RuleSet], uses: Sequence[Use], now: float) -> list[tuple[int, RuleSet]]:
    """Return the rule sets, each with what it leaves beside these uses; the one that leaves the most first."""
    sets = list(sets)
    there = {per: used(per, uses, now) for per in {rule.limit.per for held in sets for rule in held.rules}}
    rooms = [
        (min([max(0, one.images - there[one.per]) for one in held.limits], default=UNBOUNDED), held) for held in sets
    ]
    return sorted(rooms, key=lambda room: (room[0], *_generosity(room[1])), reverse=True)


def _until(refusal: Refusal) -> float:
    return float("inf") if refusal.free_at is None else refusal.free_at


def _generosity(held: RuleSet) -> tuple[float, int]:
    """Of rule sets that leave the same, the one with the larger rate in its tightest window goes first."""
    return min([limit.images / limit.seconds for limit in held.limits], default=float("inf")), -held.target.id


def _covers(theirs: Standing, cap: Standing) -> bool:
    """Whether the ceiling can go unsaid: a limit over the same window is felt first."""
    return theirs.limit.per == cap.limit.per and theirs.left <= cap.left
