"""Judges a history: what must hold at each moment of it, whatever failed meanwhile.

Invariant: `judge` depends on its events alone, and changes nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.allowance import parts
from bot.domain.moderation import Action
from bot.domain.quota import WINDOWS, Limit
from tests.chaos.invariants import Violation
from tests.histories.events import Answered, Decided, Event, Gone, Held, Reserved, Settled, Shown

GRACE_S = 1.0
"""What was on its way to Discord as a decision was written may still come for so long."""
CLOCKS_S = 0.1
"""How far the times of two processes may be apart."""
REFUNDED = re.compile(r"(?<!\bis )refunded")
"""This word is in each English sentence that tells of an end without a picture; what "is refunded" only may be."""
FORBIDDING = ("block", "hold")
"""Picture policies under which nobody sees a preview, whichever check the engine has."""


@dataclass(frozen=True)
class Terms:
    """What the host allows: LIMNER_LIMIT, LIMNER_AT_ONCE, and how long after its request a picture may come at most.

    `late_s` is None where the bot's clock was moved.
    """

    limits: tuple[Limit, ...]
    at_once: int
    late_s: float | None = 3_660.0


def judge(events: Iterable[Event], terms: Terms) -> list[Violation]:
    """Return all that is wrong with the history; events may come in any order, those of the ledger in theirs."""
    history = sorted(events, key=lambda event: event.at)
    known = _Known.of(history)
    return [violation for rule in RULES for violation in rule(history, known, terms)]


@dataclass
class _Known:
    """What the whole history tells of each job and each message."""

    reserved: dict[str, Reserved] = field(default_factory=dict)
    settled: defaultdict[str, list[Settled]] = field(default_factory=lambda: defaultdict(list))
    looks: defaultdict[str, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    gone: set[str] = field(default_factory=set)
    delivered: dict[str, Shown] = field(default_factory=dict)

    @classmethod
    def of(cls, history: Sequence[Event]) -> _Known:
        known = cls()
        for event in history:
            match event:
                case Reserved():
                    known.reserved.setdefault(event.job, event)
                case Settled():
                    known.settled[event.job].append(event)
                case Shown():
                    known.looks[event.message].append(event)
                    for job in event.done:
                        known.delivered.setdefault(job, event)
                case Gone():
                    known.gone.add(event.message)
        return known

    def jobs_of(self, message: str) -> frozenset[str]:
        """Return the jobs whose own message it is: it offered to cancel them, or showed their pictures."""
        return frozenset().union(*(look.running | look.done for look in self.looks[message]))

    def first(self, job: str) -> Shown | None:
        """Return the event that showed the job's pictures first."""
        return self.delivered.get(job)

    def refunded(self, job: str) -> bool:
        return any(each.state == "released" for each in self.settled[job])


def _limits(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """At each acceptance the requester's uses fit the limit that counts then, and so do the requests on their way."""
    uses: list[Reserved] = []
    released: set[str] = set()
    idle: set[str] = set()
    rules: dict[tuple[int, str, int], str] = {}
    for event in history:
        match event:
            case Decided(action=Action.LIMIT_SET.value | Action.LIMIT_RESET.value, target=target):
                rules[event.guild, event.kind, target or 0] = event.after
            case Settled():
                idle.add(event.job)
                if event.state == "released":
                    released.add(event.job)
            case Held():
                idle.add(event.job)
            case Reserved():
                mine = [use for use in uses if use.user == event.user and use.job not in released]
                yield from _over(event, mine, rules, terms)
                running = sum(use.job not in idle for use in mine)
                if running >= terms.at_once:
                    yield Violation("exceeded", f"{event.job[:8]} is request {running + 1} of {terms.at_once} at once")
                uses.append(event)


def _over(
    new: Reserved, uses: Sequence[Reserved], rules: Mapping[tuple[int, str, int], str], terms: Terms
) -> Iterator[Violation]:
    here = [use for use in uses if use.guild == new.guild]
    if any(kind == "role" and after for (guild, kind, _), after in rules.items() if guild == new.guild):
        return  # whose roles count is not in the history
    everyone = next(
        (after for (guild, kind, _), after in rules.items() if guild == new.guild and kind == "everyone"), ""
    )
    lines = [rules.get((new.guild, "user", new.user), ""), everyone]
    limits = {limit.per: limit for limit in terms.limits} | _ruled(lines, "", new.made)
    for limit in limits.values():
        used = sum(use.images - use.granted for use in here if use.made + WINDOWS[limit.per] > new.made)
        if used + new.images - new.granted > limit.images and new.granted < new.images:
            what = f"{used} of {limit.images} a {limit.per} were used, and {new.images} more accepted ({new.job[:8]})"
            yield Violation("exceeded", what)
    for limit in _ruled(lines, new.model, new.made).values() if new.model else ():
        same = [use for use in here if use.model.casefold() == new.model.casefold()]
        used = sum(use.images for use in same if use.made + WINDOWS[limit.per] > new.made)
        if used + new.images > limit.images:
            what = f"{used} of {limit.images} a {limit.per} with {new.model} were used, and {new.images} more accepted"
            yield Violation("exceeded", f"{what} ({new.job[:8]})")


def _ruled(lines: Sequence[str], model: str, at: float) -> dict[str, Limit]:
    """Return the limits, by window, of the first line that has any for this model, or with the empty name for all."""
    for line in lines:
        counting = [limit for limit, until in parts(line).limits if until is None or until > at]
        if found := {limit.per: limit for limit in counting if limit.model.casefold() == model.casefold()}:
            return found
    return {}


def _delivery(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """A job's pictures come in one message, which works on nothing afterwards."""
    places: dict[str, str] = {}
    for event in history:
        if not isinstance(event, Shown):
            continue
        for job in event.running & places.keys():
            if places[job] == event.message:
                yield Violation("doubled", f"{job[:8]} was delivered, and then worked on again")
        for job in event.done:
            if places.setdefault(job, event.message) != event.message:
                yield Violation("doubled", f"{job[:8]} was delivered in two messages")
                places[job] = event.message


def _in_time(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """No picture comes hours after it was asked for, but for those that waited for a moderator."""
    if terms.late_s is None:
        return
    held = {event.job for event in history if isinstance(event, Held)}
    for event in history:
        for job in event.done - held if isinstance(event, Shown) else ():
            asked = known.reserved.get(job)
            if asked and event is known.first(job) and event.at - asked.made > terms.late_s:
                yield Violation("mistold", f"{job[:8]} came {event.at - asked.made:.0f} s after it was asked for")


def _visible(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """Nobody sees pictures that were refunded, or that wait for a moderator.

    A bot that died before it noted that pictures came refunds them where someone has deleted their message meanwhile.
    """
    waiting: set[str] = set()
    gone = {event.message for event in history if isinstance(event, Gone)}
    for event in history:
        match event:
            case Held():
                waiting.add(event.job)
            case Decided(action=Action.REVIEW_RELEASE.value):
                waiting = {job for job in waiting if (of := known.reserved.get(job)) and of.user != event.target}
            case Shown():
                for job in event.done:
                    if known.refunded(job) and event.message not in gone:
                        yield Violation("shown", f"{job[:8]} was refunded, and its pictures were shown")
                    if job in waiting:
                        yield Violation("shown", f"{job[:8]} waits for a moderator, and its pictures were shown")


def _blocked(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """Nothing new is shown of someone who is blocked."""
    blocked: dict[tuple[int, int], float] = {}
    for event in history:
        match event:
            case Decided(action=Action.BLOCK.value, target=int(user)):
                blocked.setdefault((event.guild, user), event.at)
            case Decided(action=Action.UNBLOCK.value, target=int(user)):
                blocked.pop((event.guild, user), None)
            case Shown():
                for job in event.done & known.reserved.keys():
                    since = blocked.get((known.reserved[job].guild, known.reserved[job].user))
                    if since is not None and event is known.first(job) and event.at - since > GRACE_S:
                        yield Violation("shown", f"{job[:8]} was shown {event.at - since:.1f} s after its block")


def _forbidden(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """After a policy that forbids it no preview comes, and after photos are off no request that starts from one."""
    forbidden: dict[int, float] = {}
    no_photos: set[int] = set()
    before: dict[str, int] = {}
    for event in history:
        match event:
            case Decided(action=Action.NSFW_POLICY.value):
                if event.after not in FORBIDDING:
                    forbidden.pop(event.guild, None)
                else:
                    forbidden.setdefault(event.guild, event.at)
            case Decided(action=Action.PHOTOS.value):
                (no_photos.add if event.after == "off" else no_photos.discard)(event.guild)
            case Reserved(photos=True) if event.guild in no_photos:
                yield Violation("shown", f"{event.job[:8]} starts from a photo, where photos are off")
            case Shown():
                new, before[event.message] = event.pictures > before.get(event.message, 0), event.pictures
                for job in event.running if new else ():
                    asked = known.reserved.get(job)
                    since = forbidden.get(asked.guild) if asked else None
                    if since is not None and event.at - since > GRACE_S:
                        yield Violation("shown", f"a preview of {job[:8]} came {event.at - since:.1f} s after the ban")


def _refunds(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """What a request held is spent or released, once."""
    for job in known.reserved:
        states = [each.state for each in known.settled[job]]
        if len(states) > 1:
            yield Violation("doubled", f"{job[:8]} was settled {len(states)} times: {', '.join(states)}")


def _told(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """Who reads of a refund has it already, and who has one can read of it."""
    for message, looks in known.looks.items():
        for job in known.jobs_of(message) & known.reserved.keys():
            said = next((look for look in looks if REFUNDED.search(look.text)), None)
            written = [each.at for each in known.settled[job] if each.state == "released"]
            if said and not any(at <= said.at + CLOCKS_S for at in written):
                yield Violation("mistold", f"the message of {job[:8]} tells of a refund that there is not: {said.text}")
            if written and not said and message not in known.gone:
                yield Violation("mistold", f"{job[:8]} was refunded, and its message says: {looks[-1].text!r}")


def _answered(history: Sequence[Event], known: _Known, terms: Terms) -> Iterator[Violation]:
    """What was refused is not accepted, and what was called accepted was so by then."""
    made = {each.words: each for each in reversed(known.reserved.values()) if each.words}
    for event in history:
        if isinstance(event, Answered) and (accepted := made.get(event.words)):
            early = accepted.at - event.at
            if event.told == "refused":
                yield Violation("mistold", f"“{event.words}” was refused, and accepted")
            if event.told == "accepted" and early > CLOCKS_S:
                yield Violation("mistold", f"“{event.words}” was called accepted {early:.1f} s too early")


Rule = Callable[[Sequence[Event], _Known, Terms], Iterator[Violation]]
RULES: tuple[Rule, ...] = (
    _limits, _delivery, _in_time, _visible, _blocked, _forbidden, _refunds, _told, _answered,
)  # fmt: skip
