"""How long a language model is waited for: 20 s without any answer of it, and 120 s in all while others are before.

Invariant: a model that answers someone is alive, so nobody in its line gives up before it had the time for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from weakref import WeakKeyDictionary

SILENT_S = 20.0
LONGEST_S = 120.0


class Patience:
    """Waits for the answers of one model; `waiting` is how many are waited for."""

    def __init__(self) -> None:
        self.waiting = 0
        self._answered_at = float("-inf")

    async def wait(self, answer: Coroutine[Any, Any, str], silent_s: float = SILENT_S) -> str:
        """Return the answer, or raise what asking raises, or TimeoutError."""
        now = asyncio.get_running_loop().time
        began = now()
        task = asyncio.ensure_future(answer)
        self.waiting += 1
        try:
            while not task.done():
                limit = min(max(began, self._answered_at) + silent_s, began + LONGEST_S)
                if now() >= limit:
                    raise TimeoutError
                await asyncio.wait({task}, timeout=limit - now())
            self._answered_at = now()
            return task.result()
        finally:
            self.waiting -= 1
            task.cancel()


class Line:
    """The Patience of each model that is asked, as long as the model is there."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[object, Patience] = WeakKeyDictionary()

    def __getitem__(self, planner: object) -> Patience:
        return self._of.setdefault(planner, Patience())


LINE = Line()
"""One for the process: whoever asks a model stands in the same line."""
