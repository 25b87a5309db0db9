"""Counts refusals; what cannot be counted is refused all the same."""

from __future__ import annotations

import structlog

from bot.domain.stats import Why
from bot.services.ports.clock import Clock
from bot.services.ports.statistics import Tally
from bot.services.ports.storage import StoreUnavailable

log = structlog.get_logger(__name__)


class RefusalCounter:
    """Told of each refusal where it happens."""

    def __init__(self, tally: Tally | None, clock: Clock) -> None:
        self._tally, self._clock = tally, clock

    async def refused(self, guild_id: int | None, why: Why | None) -> None:
        if self._tally is None or why is None:
            return
        try:
            await self._tally.refused(guild_id, why, self._clock.now())
        except StoreUnavailable as error:
            log.warning("refusal.uncounted", why=why.value, detail=str(error))
