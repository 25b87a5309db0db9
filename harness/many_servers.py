"""A sandbox whose bot is in many servers, on several shards; `python -m harness.many_servers SERVERS SHARDS` runs one.

Each server has the channels, roles, emojis, threads and sounds that one of some hundred members may have. The first
ones' first channels can be drawn in.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from bot.sandbox.__main__ import main
from bot.sandbox.discord_json import channel_wire, guild_create, role_wire
from bot.sandbox.guild import ADA, BOT, CHANNELS, GUILD, JOINED, Channel
from bot.sandbox.server import Sandbox
from bot.sandbox.world import World

FIRST = 1200000000000000000 >> 22
DRAWABLE = 8
CHANNELS_EACH, ROLES_EACH, EMOJIS_EACH, THREADS_EACH, SOUNDS_EACH = 30, 20, 40, 4, 8
AT_ONCE = 16
"""How many shards may identify at once: as many as Discord grants a large bot, so that no measurement waits for it."""

Json = dict[str, Any]


def server_id(number: int) -> int:
    """Return a server's id, counted from 0: neighbours are on neighbouring shards."""
    return (FIRST + number) << 22


def add_servers(world: World, count: int) -> list[int]:
    """Add so many servers; return the ids of the channels that can be drawn in, one a server."""
    drawable = [server_id(number) + 1 for number in range(min(count, DRAWABLE))]
    CHANNELS.update({place: Channel(place, "drawing", server=place - 1) for place in drawable})
    world.servers.update({server_id(number): partial(server_wire, server_id(number)) for number in range(count)})
    return drawable


@contextmanager
def many_servers(world: World, count: int) -> Iterator[list[int]]:
    """Add so many servers meanwhile, as `add_servers` does: channels are the whole process's."""
    drawable = add_servers(world, count)
    try:
        yield drawable
    finally:
        for place in drawable:
            del CHANNELS[place]


def server_wire(guild_id: int) -> Json:
    """Return what GUILD_CREATE tells of a server."""
    roles = [role_wire(GUILD) | {"id": str(guild_id)}]
    names = {guild_id + 100 + n: f"role {n} of {guild_id}" for n in range(1, ROLES_EACH)}
    roles += [role_wire(GUILD) | {"id": str(role_id), "name": name} for role_id, name in names.items()]
    overwrites = [{"id": str(guild_id + 100 + n), "type": 0, "allow": "1024", "deny": "2048"} for n in range(1, 4)]
    channels = [
        channel_wire(Channel(guild_id + n, f"channel {n} of {guild_id}", server=guild_id))
        | {"topic": f"What is spoken of in channel {n} of {guild_id}. " * 3, "permission_overwrites": overwrites}
        for n in range(1, CHANNELS_EACH + 1)
    ]
    channels[0]["permission_overwrites"] = []
    return guild_create("en-US") | {
        "id": str(guild_id),
        "name": f"Server {guild_id}",
        "owner_id": str(ADA),
        "member_count": 400,
        "large": True,
        "roles": roles,
        "channels": channels,
        "emojis": [_emoji(guild_id + 200 + n) for n in range(EMOJIS_EACH)],
        "threads": [_thread(guild_id, n) for n in range(THREADS_EACH)],
        "soundboard_sounds": [_sound(guild_id, n) for n in range(SOUNDS_EACH)],
    }


def _emoji(emoji_id: int) -> Json:
    flags = {"require_colons": True, "managed": False, "animated": False, "available": True}
    return {"id": str(emoji_id), "name": f"emoji_{emoji_id}", "roles": [], **flags}


def _thread(guild_id: int, number: int) -> Json:
    times = {"archived": False, "archive_timestamp": JOINED, "auto_archive_duration": 1440, "locked": False}
    counts = {"message_count": 5, "member_count": 3, "rate_limit_per_user": 0, "flags": 0, "last_message_id": None}
    name, parent = f"thread {number} of {guild_id}", str(guild_id + 1)
    return {
        "id": str(guild_id + 300 + number), "type": 11, "guild_id": str(guild_id), "parent_id": parent,
        "owner_id": str(ADA), "name": name, "thread_metadata": times, **counts,
    }  # fmt: skip


def _sound(guild_id: int, number: int) -> Json:
    name = f"sound {number} of {guild_id}"
    return {
        "sound_id": str(guild_id + 400 + number), "guild_id": str(guild_id), "name": name, "volume": 1.0,
        "emoji_id": None, "emoji_name": None, "available": True, "user": {"id": str(BOT), "username": "Limner"},
    }  # fmt: skip


def serve(servers: int, shards: int) -> int:
    """Serve such a sandbox until a signal comes."""

    class Sharded(Sandbox):
        def __init__(self, port: int, token: str | None = None) -> None:
            super().__init__(port, token)
            if add_servers(self.world, servers):
                del self.world.servers[GUILD]  # else a shard would have one more than its share
            self.gateway.shards, self.gateway.max_concurrency = shards, AT_ONCE

    return main(Sharded)


if __name__ == "__main__":
    sys.exit(serve(int(sys.argv.pop(1)), int(sys.argv.pop(1))))
