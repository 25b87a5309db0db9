"""One changing line on a terminal's stderr; elsewhere a line when a state is new, and again while it lasts.

Invariant: within `ticking`, no state lasts longer than TOLD_EVERY_S without a sign, unless nothing was shown yet.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.ui.i18n import text

TOLD_EVERY_S, SHOWN_EVERY_S = 5.0, 1.0
"""Between two lines where the output is no terminal; between two states of the one line on a terminal."""


class StatusLine:
    """Shows what a command is at, and since when; Python's own start goes before, so TOLD_EVERY_S leaves it room."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._live = sys.stderr.isatty()
        self._state, self._since, self._told = "", time.monotonic(), time.monotonic()

    @property
    def is_live(self) -> bool:
        """Whether passing states show at once; they do on a terminal alone."""
        return self._live

    @asynccontextmanager
    async def ticking(self) -> AsyncIterator[None]:
        """Tell meanwhile that the last state lasts."""
        task = asyncio.create_task(self._tick(), name="status-line")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            self.clear()

    def show(self, key: str, **arguments: str | int) -> None:
        """Show a passing state."""
        self.show_line(text(self.locale, key, **arguments))

    def show_line(self, line: str) -> None:
        """Show a passing line; on anything but a terminal it waits for its turn."""
        if not self._state:
            self._since = time.monotonic()
        is_new, self._state = line != self._state, line
        if self._live and is_new:  # else its seconds, which `ticking` adds, would come and go
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)

    def say(self, key: str, **arguments: str) -> None:
        """Print a line that stays."""
        self.print(text(self.locale, key, **arguments))

    def print(self, line: str) -> None:
        self.clear()
        print(line, file=sys.stderr, flush=True)
        self._told = time.monotonic()

    def clear(self) -> None:
        """Take the passing line away: its state has ended."""
        if self._live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        self._state = ""

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(min(SHOWN_EVERY_S, TOLD_EVERY_S))
            now = time.monotonic()
            if not self._state:
                continue
            line = text(self.locale, "cli-lasts", state=self._state, seconds=round(now - self._since))
            if self._live:
                print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
            elif now - self._told >= TOLD_EVERY_S:
                self._told = now
                print(line, file=sys.stderr, flush=True)
