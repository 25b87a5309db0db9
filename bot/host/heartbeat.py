"""A file that the running bot touches for health checks; `python -m bot.host.heartbeat` exits 0 while it is fresh.

Invariant: it is fresh only while the bot's event loop turns and Discord has accepted the bot.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

ALIVE = "limner.alive"
BEAT_S, STALE_S = 10.0, 45.0


@asynccontextmanager
async def heartbeat(home: Path, is_well: Callable[[], bool]) -> AsyncIterator[None]:
    """Touch the file for as long as `is_well`, and take it away in the end."""
    beating = asyncio.create_task(_beat(home / ALIVE, is_well), name="heartbeat")
    try:
        yield
    finally:
        beating.cancel()
        with suppress(OSError):
            (home / ALIVE).unlink(missing_ok=True)


async def _beat(file: Path, is_well: Callable[[], bool]) -> None:
    while True:
        if is_well():
            with suppress(OSError):  # a full disk is told where it matters
                file.touch(mode=0o600)  # noqa: ASYNC240 - an instant, on a local disk
        await asyncio.sleep(BEAT_S if is_well() else 1.0)


def is_alive(home: Path) -> bool:
    """Tell whether a bot on this home showed life a moment ago."""
    try:
        return time.time() - (home / ALIVE).stat().st_mtime < STALE_S
    except OSError:
        return False


if __name__ == "__main__":
    from bot.settings import load
    from engine.api.env_settings import SettingsInvalid

    try:
        sys.exit(0 if is_alive(load().home) else 1)
    except SettingsInvalid:
        sys.exit(2)
