"""Those whom a full engine does not take yet. They ask again, and the more they are the longer each waits for that.

Else they would ask hundreds of times a second in a long line, and keep bot and engine from all other work.
"""

from __future__ import annotations

import asyncio

TOGETHER = 8
"""How many of them ask in the time that the engine names."""
LONGEST_S = 30.0
"""A full engine is busy for longer than this: a line that waits so costs it nothing."""


def pause_s(retry_after_s: float, waiting: int) -> float:
    """Return how long one of so many waits, where the engine named so many seconds."""
    return max(retry_after_s, min(LONGEST_S, retry_after_s * waiting / TOGETHER))


class QueueBackoff:
    """Counts who waits."""

    def __init__(self) -> None:
        self._waiting = 0

    async def wait(self, retry_after_s: float) -> None:
        self._waiting += 1
        try:
            await asyncio.sleep(pause_s(retry_after_s, self._waiting))
        finally:
            self._waiting -= 1
