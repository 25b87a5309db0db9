"""The messenger with counters of failed deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import discord

from bot.domain.jobs import Job
from bot.domain.progress import Failed, Finished, HeldForReview, Suspended
from bot.services.ports.messaging import Posted, Undeliverable
from bot.services.ports.pictures import Pixels
from bot.ui.call_budget import CallBudget
from bot.ui.messenger import DiscordMessenger
from bot.watch.meters import Meters


class WatchedMessenger(DiscordMessenger):
    """Counts failures of delivery."""

    def __init__(self, client: discord.Client, pixels: Pixels, meters: Meters, calls: CallBudget) -> None:
        super().__init__(client, pixels, calls)
        self._meters = meters

    async def post(self, job: Job, finished: Finished | None = None) -> Posted:
        with self._delivering("post"):
            return await super().post(job, finished)

    async def finish(self, job: Job, stage: Finished | Failed | HeldForReview | Suspended) -> Posted | None:
        with self._delivering("finish"):
            return await super().finish(job, stage)

    async def ping(self, job: Job) -> None:
        with self._delivering("ping"):
            await super().ping(job)

    @contextmanager
    def _delivering(self, what: str) -> Iterator[None]:
        try:
            yield
        except Undeliverable:
            self._meters.undelivered.labels(what).inc()
            raise
