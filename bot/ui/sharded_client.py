"""A discord.py client with as many shards as Discord recommends, each of which comes back to its session by itself.

Invariant: a shard that lost its connection resumes, so that no event is missed, while Discord keeps its session; and
no more shards identify at once than Discord allows. (In discord.py 2.7.1 a shard whose first attempt to come back
fails begins a new session, and all shards wait for one that is on its way back.)
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

import discord
import stamina
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.shard import Shard

from bot.domain.shards import ShardState
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

IDENTIFY_S = 5.0
"""In so many seconds Discord lets one shard identify, of those whose numbers are equal modulo `max_concurrency`."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
"""Between two attempts to launch a shard."""


class ShardedClient(discord.AutoShardedClient):
    """Launches its first shard with errors for the caller, and the others behind it, each again until it is there."""

    def __init__(self, *, intents: discord.Intents, **options: Any) -> None:
        super().__init__(intents=intents, **options)
        self._shards: dict[int, ResumingShard] = vars(self)["_AutoShardedClient__shards"]
        # discord.py launches shards of its own class alone, so these two private names have no public counterpart.
        self._launching: asyncio.Task[None] | None = None
        self._max_concurrency = 1
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._identified: dict[int, float] = {}

    def shard_states(self) -> tuple[ShardState, ...]:
        """Return all shards by their number, also those that were never on Discord yet."""
        states = []
        for number in range(self.shard_count or 0):
            if shard := self.get_shard(number):
                states.append(ShardState(number, not shard.is_closed(), shard.latency))
            else:
                states.append(ShardState(number, False, math.inf))
        return tuple(states)

    async def launch_shards(self) -> None:
        recommended, address, starts = await self.http.get_bot_gateway()
        self.shard_count = self._connection.shard_count = count = self.shard_count or recommended
        self._connection.shard_ids = range(count)
        self._max_concurrency = max(1, starts["max_concurrency"])
        if starts["remaining"] < count:  # Discord takes a bot's token away that identifies more often in a day
            log.warning("discord.starts_spent", shards=count, wait_s=starts["reset_after"] / 1000)
            await asyncio.sleep(starts["reset_after"] / 1000)
        gateway = yarl.URL(address)
        await self.launch_shard(gateway, 0, initial=True)
        self._launching = asyncio.create_task(self._launch_others(gateway, count), name="shards")

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Launch one shard. Raises what its handshake raises."""
        opening = DiscordWebSocket.from_client(self, initial=initial, gateway=gateway, shard_id=shard_id)
        socket = await asyncio.wait_for(opening, self.shard_connect_timeout)
        shard = self._shards[shard_id] = ResumingShard(socket, self, vars(self)["_AutoShardedClient__queue"].put_nowait)
        shard.launch()

    async def _launch_others(self, gateway: yarl.URL, count: int) -> None:
        for number in range(1, count):
            async for attempt in stamina.retry_context(Exception, None, None, FIRST_PAUSE_S, LONGEST_PAUSE_S):
                with attempt:
                    await self.launch_shard(gateway, number)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait until Discord lets the shard identify."""
        key, now = (shard_id or 0) % self._max_concurrency, asyncio.get_running_loop().time
        async with self._turns[key]:
            await asyncio.sleep(max(0.0, self._identified.get(key, -math.inf) + IDENTIFY_S - now()))
            self._identified[key] = now()

    async def close(self) -> None:
        if self._launching:
            self._launching.cancel()
        await super().close()


class ResumingShard(Shard):
    """Comes back in a task of its own, to its session where there is one."""

    _returning: asyncio.Task[None] | None = None

    async def reidentify(self, exc: ReconnectWebSocket) -> None:
        self._return(super().reidentify(exc))

    async def reconnect(self) -> None:
        self._return(super().reidentify(ReconnectWebSocket(self.id, resume=self.ws.session_id is not None)))

    async def close(self) -> None:
        if self._returning:
            self._returning.cancel()
        await super().close()

    def _return(self, way: Coroutine[Any, Any, None]) -> None:
        self._returning = asyncio.create_task(way, name=f"shard-{self.id}")
