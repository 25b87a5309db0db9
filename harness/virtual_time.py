"""A burst of requests for a slow language model, in virtual time: seconds pass at once, in their order."""

from __future__ import annotations

import asyncio
import json

from bot.understanding.conversation import Request
from bot.understanding.understand import understand
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.messages import ChatRequest

ANSWER = {"understood": "a red boat", "keywords": ["red boat"], "prompt": "a red boat on a calm lake", "negative": ""}


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps over each wait."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        select = self._selector.select  # type: ignore[attr-defined]

        def jump(timeout: float | None = None) -> object:
            self.passed += timeout or 0.0
            return select(0)

        self._selector.select = jump  # type: ignore[attr-defined]

    def time(self) -> float:
        return self.passed


class OneByOne:
    """A language model that answers one request at a time: `silent_s` without a token, then one a second."""

    def __init__(self, silent_s: float, tokens: int = 0, stops_after: int | None = None) -> None:
        self._silent_s, self._tokens, self._stops_after = silent_s, tokens, stops_after
        self._turn, self.answered = asyncio.Lock(), 0

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        async with self._turn:
            await asyncio.sleep(self._silent_s)
            for token in range(self._tokens):
                if token == self._stops_after:
                    await asyncio.sleep(3_600)
                await asyncio.sleep(1.0)
                on_progress(True)
            self.answered += 1
            return json.dumps(ANSWER)


def burst(model: OneByOne, count: int) -> tuple[int, float]:
    """Ask for so many at once; return how many are understood, and after how many seconds all are decided."""
    loop = VirtualLoop()

    async def all_at_once() -> int:
        answers = await asyncio.gather(*(understand(model, Request(f"a boat {number}")) for number in range(count)))
        return sum(answer.spec is not None and not answer.spec.fell_back for answer in answers)

    try:
        return loop.run_until_complete(all_at_once()), loop.time()
    finally:
        loop.close()
