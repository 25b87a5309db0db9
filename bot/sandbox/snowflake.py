"""Discord's ids (snowflakes): they grow with time, and none is given twice, not even after a restart."""

from __future__ import annotations

import time
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """A source of ids; one for the whole process, since ids are unique across all kinds of things."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """A new id, larger than every id given before it in this process or an earlier one."""
        self._last = max(self._last + 1, (int(time.time() * 1000) - DISCORD_EPOCH_MS) << 22)
        return self._last


next_id = Snowflakes().next


def seconds_of(snowflake: int) -> float:
    """When the id was made, in seconds of Unix time."""
    return (snowflake >> 22) / 1000 + DISCORD_EPOCH_MS / 1000


def timestamp_of(snowflake: int) -> str:
    """When the id was made, in Discord's ISO form."""
    return iso(seconds_of(snowflake))


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
