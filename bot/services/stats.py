"""`/stats`: a server's figures of the last days, for its moderators."""

from __future__ import annotations

from bot.domain.actor import Actor, check_moderator
from bot.domain.stats import MOST_DAYS, Report, day_of
from bot.services.ports.clock import Clock
from bot.services.ports.statistics import Figures


class Stats:
    """Figures of servers, each for its own moderators alone."""

    def __init__(self, figures: Figures, clock: Clock) -> None:
        self._figures, self._clock = figures, clock

    async def show(self, actor: Actor, guild_id: int | None, days: int) -> Report:
        """Return the last `days` days in UTC, today among them; 1 to MOST_DAYS. Raises NotModerator."""
        guild, today = check_moderator(actor, guild_id), day_of(self._clock.now())
        return await self._figures.days(guild, today - min(max(days, 1), MOST_DAYS) + 1, today)
