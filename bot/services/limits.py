"""What a member may still draw and by which rule, and how moderators change the rules.

Invariant: each change is checked here, whoever called, and committed together with its entry of the log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bot.domain.account import Account, Host
from bot.domain.actor import Actor, check_moderator
from bot.domain.allowance import replaced, written
from bot.domain.jobs import Place
from bot.domain.limit_rules import HOST, Rule, RuleSet, Target, rule_sets
from bot.domain.moderation import Action, Entry
from bot.domain.quota import Limit, Standing
from bot.services.audit_mirror import AuditMirror
from bot.services.ports.clock import Clock
from bot.services.ports.moderation import LimitRules, Noted
from bot.services.ports.storage import QuotaLedger


class AboveTheHost(Exception):
    """A server cannot allow more than the operator does: `limit`, or `at_once` requests."""

    def __init__(self, limit: Limit | None = None, at_once: int | None = None) -> None:
        super().__init__(f"{limit or at_once}")
        self.limit, self.at_once = limit, at_once


class AtOnceOfModel(Exception):
    """Requests at once are counted over all models, so a rule of one sets no number of them."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How each limit that counts stands and whose it is, of which the first decide; and what is on its way.

    `winner` is None where the operator's limits alone count; it is completed by these where it leaves windows open.
    `model_winners` are the rules that count for each model, beside these.
    """

    standings: tuple[tuple[Standing, Target], ...]
    running: int
    allowed: int
    allowed_by: Target
    winner: RuleSet | None = None
    applying: tuple[RuleSet, ...] = ()
    granted: int = 0
    model_winners: tuple[RuleSet, ...] = ()

    @property
    def is_stopped(self) -> bool:
        """Whether a moderator allows this person none at all, whatever was granted."""
        return self.winner is not None and self.winner.stop is not None


@dataclass(frozen=True, slots=True)
class Change:
    """What an order changed of a target: all its rules before and after, and what is left of its grant."""

    guild_id: int
    target: Target
    before: tuple[Rule, ...] = ()
    after: tuple[Rule, ...] = ()
    granted_before: int = 0
    granted_after: int = 0

    @property
    def changes(self) -> bool:
        """False for a reset of a target that had nothing."""
        return bool(self.before or self.after or self.granted_before or self.granted_after)

    def entry(self, actor: Actor, action: Action, at: float, reason: str = "") -> Entry:
        """Return the line of the log that tells of it."""
        before, after = written(self.before, self.granted_before), written(self.after, self.granted_after)
        return Entry(actor.user_id, action, at, self.target.id, before, after, reason, self.target.kind.value)


class Limits:
    """The limits of all servers."""

    def __init__(
        self, *, ledger: QuotaLedger, limit_rules: LimitRules, host: Host, clock: Clock, audit_mirror: AuditMirror
    ) -> None:
        self._ledger, self._limit_rules, self._clock, self._audit_mirror = ledger, limit_rules, clock, audit_mirror
        self.host = host

    async def usage(self, place: Place) -> Usage:
        """Return how the member there stands, now."""
        now = self._clock.now()
        return _usage(await self._ledger.account(place, now), self.host, now)

    async def why(self, actor: Actor, place: Place) -> Usage:
        """Return the same for a moderator who asks about someone. Raises NotModerator."""
        check_moderator(actor, place.guild_id)
        return await self.usage(place)

    async def show(self, actor: Actor, guild_id: int | None) -> list[RuleSet]:
        """Return the server's rules that count, by target. Raises NotModerator."""
        guild, now = check_moderator(actor, guild_id), self._clock.now()
        return rule_sets(await self._limit_rules.rules(guild, now), now)

    async def set(self, actor: Actor, guild_id: int | None, rule: Rule) -> Change:
        """Let the rule count from now on. Raises NotModerator, AboveTheHost, AtOnceOfModel with nothing changed."""
        guild = check_moderator(actor, guild_id)
        if rule.limit.model and rule.at_once is not None:
            raise AtOnceOfModel
        self._check_host(rule)

        def change(before: Sequence[Rule], _: int) -> Change:
            return Change(guild, rule.target, before=tuple(before), after=replaced(before, rule))

        write = partial(self._limit_rules.set, guild, rule)
        return await self._changed(actor, Action.LIMIT_SET, change, write, at=rule.set_at, reason=rule.reason)

    async def reset(self, actor: Actor, guild_id: int | None, target: Target, model: str = "") -> Change:
        """Take away what was set for the target, a grant too, or with `model` the rules of that one alone.

        Raises NotModerator.
        """
        guild, now = check_moderator(actor, guild_id), self._clock.now()

        def change(before: Sequence[Rule], granted: int) -> Change:
            kept = [rule for rule in before if model and rule.limit.model.casefold() != model.casefold()]
            return Change(guild, target, before=tuple(before), after=tuple(kept), granted_before=granted)

        write = partial(self._limit_rules.reset, guild, target, now, model=model)
        return await self._changed(actor, Action.LIMIT_RESET, change, write, at=now)

    async def grant(self, actor: Actor, guild_id: int | None, target: Target, images: int, reason: str = "") -> Change:
        """Give a user pictures on top of rules and default, until they are used. Raises NotModerator."""
        guild, now = check_moderator(actor, guild_id), self._clock.now()

        def change(_: Sequence[Rule], granted: int) -> Change:
            return Change(guild, target, granted_before=granted, granted_after=granted + images)

        write = partial(self._limit_rules.grant, guild, target.id, images)
        return await self._changed(actor, Action.LIMIT_GRANT, change, write, at=now, reason=reason)

    async def _changed(
        self,
        actor: Actor,
        action: Action,
        change: Callable[[Sequence[Rule], int], Change],
        write: Callable[[Noted], Awaitable[tuple[list[Rule], int]]],
        *,
        at: float,
        reason: str = "",
    ) -> Change:
        """Let `write` make the change with its entry, show the entry where anything changed, and return the change.

        `change` tells it, given what its transaction finds: the target's rules, and what is left of its grant.
        """

        def entry(before: Sequence[Rule], granted: int) -> Entry:
            return change(before, granted).entry(actor, action, at, reason)

        before, granted = await write(entry)
        made = change(before, granted)
        if made.changes:
            await self._audit_mirror.tell(made.guild_id, entry(before, granted))
        return made

    def _check_host(self, rule: Rule) -> None:
        """A window that the ceiling leaves open may be anything: the ceiling's own windows count beside it."""
        for cap in self.host.ceiling:
            if cap.per == rule.limit.per and rule.limit.images > cap.images:
                raise AboveTheHost(limit=cap)
        if rule.at_once is not None and rule.at_once > self.host.at_once:
            raise AboveTheHost(at_once=self.host.at_once)


def _usage(account: Account, host: Host, now: float) -> Usage:
    allowed, by = account.at_once(host, now)
    running = account.running if by.id == 0 else account.running_here
    standings = tuple(account.standings(host, now))
    applying = tuple(rule_sets(account.rules, now))
    winner = account.winner(host, now)
    decides = None if winner.target == HOST else winner
    models = tuple(account.model_winners(now))
    return Usage(standings, running, allowed, by, decides, applying, account.granted, models)
