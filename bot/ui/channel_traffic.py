"""Which channels jobs are posting to at this moment, so that posts of less weight wait for them.

discord.py queues the posts to a channel without bound, and Discord takes about one a second: whatever is queued before
a job's post delays its picture.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

WAIT_S = 10.0
"""A post of less weight that had to wait for longer is dropped."""


class ChannelTraffic:
    """Jobs' posts that Discord has not taken yet, by channel; at most one other post a channel waits behind them."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._posting: Counter[int] = Counter()
        self._idle: dict[int, asyncio.Event] = {}
        self._others: set[int] = set()

    @contextmanager
    def posting(self, channel_id: int) -> Iterator[None]:
        """Post for a job meanwhile."""
        self._posting[channel_id] += 1
        try:
            yield
        finally:
            self._posting[channel_id] -= 1
            if not self._posting[channel_id]:
                del self._posting[channel_id]
                if idle := self._idle.pop(channel_id, None):
                    idle.set()

    @asynccontextmanager
    async def after_jobs(self, channel_id: int) -> AsyncIterator[bool]:
        """Wait for the jobs' posts, and yield whether anything else may be posted now."""
        if channel_id in self._others:
            yield False
            return
        self._others.add(channel_id)
        try:
            yield await self._is_free(channel_id)
        finally:
            self._others.discard(channel_id)

    async def _is_free(self, channel_id: int) -> bool:
        try:
            async with asyncio.timeout(self._wait_s):
                while channel_id in self._posting:
                    await self._idle.setdefault(channel_id, asyncio.Event()).wait()
        except TimeoutError:
            return False
        return True
