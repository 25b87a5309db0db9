"""The storage adapters with counters of accepted and ended jobs, refusals and failed writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Painted
from bot.domain.moderation import Entry
from bot.domain.progress import Reason
from bot.domain.quota import AtOnce, Refusal
from bot.domain.stats import Why
from bot.services.ports.storage import StoreUnavailable
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.review import HeldPictures
from bot.storage.statistics import Statistics
from bot.watch.meters import Meters


class WatchedLedger(Ledger):
    """Counts the jobs that begin and end."""

    def __init__(self, database: Database, meters: Meters) -> None:
        super().__init__(database)
        self._meters = meters

    async def reserve(
        self, job: Job, host: Host, starts: Sequence[bytes] = (), words: tuple[str, ...] = (), model: str = ""
    ) -> Account | Refusal | AtOnce:
        async with _writing(self._meters):
            answer = await super().reserve(job, host, starts, words, model)
        if isinstance(answer, Account):
            self._meters.job_accepted(job.id)
        return answer

    async def settle(
        self, job_id: str, end: JobState, at: float, painted: Painted | None = None, untold: Reason | None = None
    ) -> bool:
        async with _writing(self._meters):
            ended = await super().settle(job_id, end, at, painted, untold)
        if ended:
            self._meters.job_ended(job_id, end, untold)
        return ended


class WatchedHeld(HeldPictures):
    """Counts the jobs that a moderator's decision ends."""

    def __init__(self, database: Database, meters: Meters) -> None:
        super().__init__(database)
        self._meters = meters

    async def remove(self, job_id: str, guild_id: int, entry: Entry) -> bool:
        async with _writing(self._meters):
            removed = await super().remove(job_id, guild_id, entry)
        if removed:
            self._meters.job_ended(job_id, JobState.FAILED, Reason.REMOVED)
        return removed


class WatchedStatistics(Statistics):
    """Counts refusals."""

    def __init__(self, database: Database, meters: Meters) -> None:
        super().__init__(database)
        self._meters = meters

    async def refused(self, guild_id: int | None, why: Why, at: float) -> None:
        self._meters.refusals.labels(why.value).inc()
        await super().refused(guild_id, why, at)


@asynccontextmanager
async def _writing(meters: Meters) -> AsyncIterator[None]:
    try:
        yield
    except StoreUnavailable:
        meters.unwritten.inc()
        raise
