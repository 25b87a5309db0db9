"""Counts refused requests for the statistics; a refusal that the database cannot count stays a refusal."""

from __future__ import annotations

from bot.domain.stats import Why
from bot.services.ports.clock import Clock
from bot.services.ports.statistics import Tally
from bot.services.ports.storage import StoreUnavailable
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)


class RefusalCounter:
    """Counts by server, day and reason."""

    def __init__(self, tally: Tally, clock: Clock) -> None:
        self._tally, self._clock = tally, clock

    async def refused(self, guild_id: int | None, why: Why | None) -> None:
        """Count one refusal; None is an end of a job that is no refusal."""
        if why is None:
            return
        try:
            await self._tally.refused(guild_id, why, self._clock.now())
        except StoreUnavailable as error:
            log.warning("refusal.uncounted", why=why.value, detail=str(error))
