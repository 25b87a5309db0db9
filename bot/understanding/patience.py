"""How long a language model is waited for: 20 s without a sign of it, and 120 s in all up to an answer's first token.

A sign is a token of any answer of this model, or an engine's word that its models compute.

Invariant: a model that answers someone is alive, so nobody in its line gives up before it had the time for them; one
that is silent, or whose line stands still, keeps nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakKeyDictionary

from engine.api.chat_progress import OnProgress

SILENT_S = 20.0
LONGEST_S = 120.0


class Patience:
    """Waits for the answers of one model."""

    def __init__(self) -> None:
        self._line: dict[asyncio.Task[Any] | None, None] = {}
        """The tasks that wait, the first come first."""
        self._sign_at = float("-inf")

    def before(self, task: asyncio.Task[Any]) -> int:
        """Return how many came before a task that waits; 0 for one that does not."""
        return list(self._line).index(task) if task in self._line else 0

    async def wait(self, ask: Callable[[OnProgress], Coroutine[Any, Any, str]], silent_s: float = SILENT_S) -> str:
        """Return what `ask` returns, or raise what it raises, or TimeoutError."""
        now = asyncio.get_running_loop().time
        began = token_at = now()

        def note(own: bool) -> None:
            nonlocal token_at
            self._sign_at = now()
            token_at = now() if own else token_at

        waiting, answer = asyncio.current_task(), asyncio.ensure_future(ask(note))
        self._line[waiting] = None
        try:
            while not answer.done():
                limit = min(max(began, self._sign_at) + silent_s, max(began + LONGEST_S, token_at + silent_s))
                if now() >= limit:
                    raise TimeoutError
                await asyncio.wait({answer}, timeout=limit - now())
            self._sign_at = now()
            return answer.result()
        finally:
            del self._line[waiting]
            answer.cancel()


class Line:
    """The Patience of each model that is asked, as long as the model is there."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[object, Patience] = WeakKeyDictionary()

    def __getitem__(self, planner: object) -> Patience:
        return self._of.setdefault(planner, Patience())


LINE = Line()
"""One for the process: whoever asks a model stands in the same line."""
