"""Deletes old words and ledger rows at start and once a day, after `LIMNER_RETENTION_DAYS`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.services.ports.clock import Clock
from bot.services.ports.storage import StoreUnavailable
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

DAY_S = 86_400.0


class OldRecords(Protocol):
    """All raise StoreUnavailable."""

    async def purge_words(self, before: float, now: float) -> int: ...

    async def purge_ledger(self, now: float) -> int: ...

    async def purge_erased(self, now: float) -> int: ...

    async def tidy(self) -> None: ...


class Retention:
    """Purges for ever; with `days` 0 only the uses that were kept under a pseudonym after an erase go."""

    def __init__(
        self,
        records: OldRecords,
        days: int,
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._records, self._days, self._clock, self._sleep = records, days, clock, sleep

    async def run(self) -> None:
        while True:
            try:
                await self.purge()
            except StoreUnavailable as error:
                log.error("retention.failed", detail=str(error))
            except Exception:  # or nothing would be purged before the next start
                log.exception("retention.failed")
            await self._sleep(DAY_S)

    async def purge(self) -> None:
        """Purge once. Raises StoreUnavailable."""
        now = self._clock.now()
        gone = await self._records.purge_erased(now)
        words = 0
        if self._days:
            words = await self._records.purge_words(now - self._days * DAY_S, now)
            gone += await self._records.purge_ledger(now)
        if words or gone:
            await self._records.tidy()
            log.info("retention.purged", requests=words, ledger_rows=gone)
