"""What someone may still have, and why."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.quota import Standing, standing
from bot.services.generate import Rules
from bot.services.ports import Clock, QuotaLedger


@dataclass(frozen=True, slots=True)
class Usage:
    """How each limit stands, and how many requests are on their way of how many allowed."""

    standings: tuple[Standing, ...]
    running: int
    allowed: int


async def usage(ledger: QuotaLedger, rules: Rules, clock: Clock, user_id: int, guild_id: int | None) -> Usage:
    """Return how this user stands there, now."""
    now = clock.now()
    longest = max((limit.seconds for limit in rules.limits), default=0.0)
    uses = await ledger.uses(user_id, guild_id, now - longest)
    standings = tuple(standing(limit, uses, now) for limit in rules.limits)
    return Usage(standings, await ledger.running(user_id), rules.at_once)
