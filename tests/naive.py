"""What limits, grants and blocks must come to, in lists and sums: written from what people are told, not the code.

A user's own rules go before their roles', of which the most generous counts, these before everyone's; a window without
a rule has the operator's default. A grant adds to rules and default, but not for a user whom a rule allows none. The
operator's ceiling holds whatever a server says: over all servers together, or in each by itself. Rules of one model
decide in the same order for that model and hold beside all others, granted pictures included; while it is not known
which model paints, every model's hold.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

SECONDS = {"hour": 3_600.0, "day": 86_400.0, "week": 604_800.0}


@dataclass
class Order:
    """An accepted order; `state` is held, spent or released. `paid` of its pictures came from grant number `grant`.

    `model` is empty while it is not known which one paints.
    """

    name: str
    user: int
    guild: int | None
    images: int
    at: float
    paid: int
    grant: int | None
    model: str = ""
    state: str = "held"

    def counts(self, per: str, now: float) -> bool:
        return self.state != "released" and self.at + SECONDS[per] > now


@dataclass
class Rule:
    """`whose` is user, role or everyone, with an id; without a `model` it is for all."""

    guild: int
    whose: tuple[str, int]
    per: str
    images: int
    at_once: int | None
    expires: float | None
    model: str = ""

    @property
    def window(self) -> tuple[str, str]:
        return self.per, self.model.lower()

    def alive(self, now: float) -> bool:
        return self.expires is None or now < self.expires


@dataclass
class Grant:
    number: int
    guild: int
    user: int
    images: int


@dataclass
class World:
    """All servers. `default`, `ceiling` and `at_once` are the operator's; the last counts requests anywhere."""

    default: list[tuple[int, str]]
    at_once: int
    ceiling: list[tuple[int, str]]
    ceiling_together: bool = True
    orders: list[Order] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    blocks: dict[tuple[int, int], float | None] = field(default_factory=dict)
    numbers: int = 0

    def set_rule(self, new: Rule, now: float) -> None:
        """A window that is set again is replaced. A target has one number at once; left out, it stays as it is."""
        own = [rule for rule in self.rules if (rule.guild, rule.whose) == (new.guild, new.whose) and rule.alive(now)]
        for rule in own:
            if new.at_once is not None:
                rule.at_once = None
            elif rule.window == new.window:
                new.at_once = rule.at_once
        key = new.guild, new.whose, new.window
        gone = [rule for rule in self.rules if (rule.guild, rule.whose, rule.window) == key]
        self.rules = [rule for rule in self.rules if rule not in gone] + [new]

    def reset(self, guild: int, whose: tuple[str, int], model: str = "") -> None:
        own = [rule for rule in self.rules if (rule.guild, rule.whose) == (guild, whose)]
        gone = [rule for rule in own if not model or rule.model.lower() == model.lower()]
        self.rules = [rule for rule in self.rules if rule not in gone]
        if whose[0] == "user" and not model:
            self.grants = [grant for grant in self.grants if (grant.guild, grant.user) != (guild, whose[1])]

    def give(self, guild: int, user: int, images: int) -> None:
        for grant in self.grants:
            if (grant.guild, grant.user) == (guild, user):
                grant.images += images
                return
        self.numbers += 1
        self.grants.append(Grant(self.numbers, guild, user, images))

    def grant_of(self, guild: int | None, user: int) -> Grant | None:
        return next((grant for grant in self.grants if (grant.guild, grant.user) == (guild, user)), None)

    def left(self, guild: int | None, user: int) -> int:
        grant = self.grant_of(guild, user)
        if grant is None:
            return 0
        return grant.images - sum(o.paid for o in self.orders if o.grant == grant.number and o.state != "released")

    def blocked(self, guild: int | None, user: int, now: float) -> bool:
        if guild is None:  # in direct messages who is closed out of every server that they drew in
            closed = {where for where, who in self.blocks if who == user and self.blocked(where, user, now)}
            closed |= {
                rule.guild
                for rule in self.rules
                if rule.whose == ("user", user) and not rule.images and not rule.model and rule.alive(now)
            }
            drew = {order.guild for order in self.orders if order.user == user and order.guild is not None}
            return bool(closed) and drew <= closed
        if (guild, user) not in self.blocks:
            return False
        until = self.blocks[guild, user]
        return until is None or now < until

    def tier(
        self,
        user: int,
        guild: int | None,
        roles: Collection[int],
        now: float,
        model: str = "",
        *,
        numbered: bool = False,
    ) -> list[list[Rule]]:
        """Return the rules of the first that have any: the user, their roles, everyone; one list a target."""
        alive = [rule for rule in self.rules if rule.guild == guild and rule.alive(now)]
        alive = [rule for rule in alive if rule.model.lower() == model.lower()]
        alive = [rule for rule in alive if rule.at_once is not None or not numbered]
        for targets in ([("user", user)], [("role", role) for role in roles], [("everyone", guild)]):
            found = [[rule for rule in alive if rule.whose == whose] for whose in targets]
            if any(found):
                return [rules for rules in found if rules]
        return []

    def crowded(self, user: int, guild: int | None, roles: Collection[int], now: float) -> bool:
        held = [order for order in self.orders if order.user == user and order.state == "held"]
        allowed = self.at_once
        numbers = [
            min(rule.at_once or 0 for rule in rules) for rules in self.tier(user, guild, roles, now, numbered=True)
        ]
        if numbers:
            allowed = min(allowed, max(numbers))
        return len(held) >= self.at_once or len([order for order in held if order.guild == guild]) >= allowed

    def used(self, user: int, guild: int | None, per: str, now: float) -> int:
        """Return what counts against rules and default: all that no grant paid for."""
        mine = [o for o in self.orders if (o.user, o.guild) == (user, guild) and o.counts(per, now)]
        return sum(order.images - order.paid for order in mine)

    def made_by(self, user: int, guild: int | None, model: str) -> list[Order]:
        """Return the orders that count against a model's rules."""
        mine = [order for order in self.orders if (order.user, order.guild) == (user, guild)]
        return [order for order in mine if order.model.lower() in ("", model.lower())]

    def used_by(self, user: int, guild: int | None, model: str, per: str, now: float) -> int:
        return sum(order.images for order in self.made_by(user, guild, model) if order.counts(per, now))

    def ruled(self, guild: int | None, now: float) -> set[str]:
        """Return the models that have rules."""
        return {rule.model.lower() for rule in self.rules if rule.guild == guild and rule.alive(now)} - {""}

    def room_by(
        self, user: int, guild: int | None, roles: Collection[int], model: str, now: float, then: float
    ) -> dict[tuple[str, int], int]:
        """Return what each target of the first that have any leaves for a model at `then`; it may be a debt."""
        return {
            rules[0].whose: min(rule.images - self.used_by(user, guild, model, rule.per, then) for rule in rules)
            for rules in self.tier(user, guild, roles, now, model)
        }

    def under_ceiling(self, user: int, guild: int | None) -> list[Order]:
        return [o for o in self.orders if o.user == user and (self.ceiling_together or o.guild == guild)]

    def capped(self, user: int, guild: int | None, per: str, now: float) -> int:
        """Return what counts against the ceiling."""
        return sum(order.images for order in self.under_ceiling(user, guild) if order.counts(per, now))

    def windows(
        self, user: int, guild: int | None, roles: Collection[int], now: float
    ) -> list[tuple[tuple[str, int], dict[str, int]]]:
        """Return what each target of the first that have any allows in which window; the operator's alone for none."""
        default = {per: most for most, per in self.default}
        found = [
            (rules[0].whose, default | {rule.per: rule.images for rule in rules})
            for rules in self.tier(user, guild, roles, now)
        ]
        return found or [(("host", 0), default)]

    def stopped(self, user: int, guild: int | None, roles: Collection[int], now: float) -> bool:
        tier = self.tier(user, guild, roles, now)
        return any(rule.images == 0 and rule.whose[0] == "user" for rules in tier for rule in rules)

    def payment(
        self, user: int, guild: int | None, roles: Collection[int], images: int, model: str, now: float, then: float
    ) -> int | None:
        """Return the fewest pictures that the grant must pay for so that all fit at `then` by the rules of now.

        None: they do not fit, however many it pays for.
        """
        if any(self.capped(user, guild, per, then) + images > most for most, per in self.ceiling):
            return None
        if self.stopped(user, guild, roles, now):
            return None
        for name in self.ruled(guild, now) if not model else {model.lower()}:
            room = self.room_by(user, guild, roles, name, now, then)
            if room and images > max(room.values()):
                return None
        for paid in range(min(images, self.left(guild, user)) + 1):
            for _, windows in self.windows(user, guild, roles, now):
                more = images - paid
                used = [(self.used(user, guild, per, then), most) for per, most in windows.items()]
                if more == 0 or all(there + more <= most for there, most in used):
                    return paid
        return None

    def fits_from(
        self, user: int, guild: int | None, roles: Collection[int], images: int, model: str, now: float
    ) -> float | None:
        """Return when the pictures will fit by the rules of now if nothing but time goes by; None: never."""
        mine = [order for order in self.orders if order.user == user]
        times = sorted({order.at + seconds for order in mine for seconds in SECONDS.values()} | {now})
        for then in times:
            if then >= now and self.payment(user, guild, roles, images, model, now, then) is not None:
                return then
        return None
