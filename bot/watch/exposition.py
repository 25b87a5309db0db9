"""The text of a Prometheus scrape: counters, and gauges read at that moment."""

from __future__ import annotations

import asyncio
import math
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from bot.domain.shards import ShardState
from bot.services.orders import Orders
from bot.services.ports.clock import Clock
from bot.services.ports.engine import Engine, EngineState, ListStatus
from bot.storage.database import Database
from bot.storage.gauges import read_gauges
from bot.watch.meters import Meters
from engine.api.errors import EngineError

ENGINE_S = 3.0
"""How long the engine may take to say that it is ready; Prometheus gives a scrape ten seconds."""


class Bot(Protocol):
    """The bot as it runs now."""

    @property
    def latency(self) -> float: ...

    def is_ready(self) -> bool: ...

    def shard_states(self) -> Sequence[ShardState]: ...


class Exposition:
    """Call it for the text of a scrape. `watch` tells it who is on Discord, once somebody is."""

    def __init__(
        self,
        meters: Meters,
        database: Database,
        file: Path,
        engine: Engine,
        clock: Clock,
        engines: Sequence[str] = (),
    ) -> None:
        """`engines` are the names of a list's; one alone needs none."""
        self._bot: Bot | None = None
        self._orders: Orders | None = None
        self._meters, self._database, self._file = meters, database, file
        self._engine, self._clock = engine, clock
        self._engines = engines if len(engines) > 1 else ()

        def gauge(name: str, what: str) -> Callable[[float], None]:
            return meters.registry.gauge(name, what).set

        self._up = gauge("discord_up", "1 while the bot is on Discord.")
        self._latency = gauge("discord_latency_seconds", "From a heartbeat to its answer, mean of all shards.")
        self._shard_up = meters.registry.gauge("discord_shard_up", "1 while the shard is connected.", "shard")
        self._shard_latency = meters.registry.gauge(
            "discord_shard_latency_seconds", "From the shard's last heartbeat to its answer.", "shard"
        )
        self._engine_up = gauge("engine_up", "1 while the engine says that it can work; of a list, any.")
        self._listed_up = meters.registry.gauge("listed_engine_up", "1 while this engine of a list works.", "engine")
        self._listed_pictures = meters.registry.gauge(
            "listed_engine_pictures", "Pictures that wait or are painted at this engine of a list.", "engine"
        )
        self._running = gauge("jobs_running", "Requests on their way.")
        self._oldest = gauge("job_age_seconds", "How long the oldest request has been on its way.")
        self._held = gauge("jobs_held", "Requests whose pictures wait for a moderator.")
        self._reservations = gauge("reservations_held", "Requests whose pictures are reserved in the ledger.")
        self._unmatched = gauge("ledger_difference", "Reservations without a request, and the reverse: always 0.")
        self._adrift = gauge("jobs_adrift", "Requests on their way that no task carries out; 0 but for moments.")
        self._bytes = gauge("database_bytes", "Size of the database with its write-ahead log.")
        self._free = gauge("disk_free_bytes", "Free space where the database is.")

    def watch(self, bot: Bot, orders: Orders) -> None:
        """Look at this bot from now on, and at who carries out its jobs."""
        self._bot, self._orders = bot, orders

    async def __call__(self) -> bytes:
        await self._look_at_the_ledger()
        self._look_at_discord()
        self._look_at_the_disk()
        self._engine_up(await self._ready())
        await self._look_at_the_engines()
        return self._meters.registry.render()

    async def _look_at_the_ledger(self) -> None:
        counts = await read_gauges(self._database)
        carried = self._orders.on_their_way if self._orders else frozenset()
        self._running(len(counts.running))
        self._oldest(0.0 if counts.oldest is None else max(0.0, self._clock.now() - counts.oldest))
        self._held(counts.held)
        self._reservations(counts.reservations)
        self._unmatched(counts.unmatched)
        self._adrift(len(counts.running - carried))

    def _look_at_discord(self) -> None:
        ready = self._bot is not None and self._bot.is_ready()
        latency = self._bot.latency if self._bot and ready else math.nan
        self._up(ready)
        self._latency(_known(latency))
        for shard in self._bot.shard_states() if self._bot else ():
            self._shard_up.labels(str(shard.number)).set(shard.is_up)
            self._shard_latency.labels(str(shard.number)).set(_known(shard.latency_s))

    def _look_at_the_disk(self) -> None:
        files = (self._file, self._file.with_name(f"{self._file.name}-wal"))
        self._bytes(sum(file.stat().st_size for file in files if file.exists()))
        self._free(shutil.disk_usage(self._file.parent).free)

    async def _look_at_the_engines(self) -> None:
        """Show each engine of a list; one that is left out for its models counts as down."""
        if not self._engines:
            return
        states: dict[str, EngineState] = {}
        with suppress(EngineError, TimeoutError):
            async with asyncio.timeout(ENGINE_S):
                status = await self._engine.status()
                states = {state.name: state for state in status.engines} if isinstance(status, ListStatus) else {}
        for name in self._engines:
            state = states.get(name, EngineState(name))
            self._listed_up.labels(name).set(state.status is not None and state.differs is None)
            self._listed_pictures.labels(name).set(state.status.waiting or 0 if state.status else 0)

    async def _ready(self) -> bool:
        try:
            async with asyncio.timeout(ENGINE_S):
                return await self._engine.ready()
        except TimeoutError:
            return False


def _known(latency_s: float) -> float:
    """Return the latency, NaN before the first heartbeat was answered."""
    return latency_s if math.isfinite(latency_s) else math.nan
