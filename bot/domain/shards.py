"""Shards: the gateway connections among which Discord shares out the servers of one bot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShardState:
    """One shard as it is now; the latency is that of the last heartbeat, infinite before the first."""

    number: int
    is_up: bool
    latency_s: float


def shard_of(guild_id: int | None, count: int) -> int:
    """Return the number of the shard that serves a server, of `count`; direct messages, with no server, are shard 0's.

    Source: https://discord.com/developers/docs/events/gateway#sharding
    """
    return 0 if guild_id is None else (guild_id >> 22) % count
