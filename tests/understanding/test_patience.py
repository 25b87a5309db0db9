"""A model that is slow for many is waited for by all; one that is silent is not. Time is virtual."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.understanding.conversation import Request
from bot.understanding.understand import understand
from engine.api.messages import ChatRequest
from tests.fakes import SPEC


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps over each wait: seconds pass at once, in their order."""

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
    """A language model of so many seconds an answer, one at a time."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._turn, self.answered = seconds, asyncio.Lock(), 0

    async def chat(self, request: ChatRequest) -> str:
        async with self._turn:
            await asyncio.sleep(self._seconds)
            self.answered += 1
            return json.dumps(SPEC)


def understood(seconds: float, count: int) -> tuple[int, float]:
    """Return how many of so many requests at once are understood, and after how many seconds all are decided."""
    loop = VirtualLoop()

    async def all_at_once() -> int:
        model = OneByOne(seconds)
        answers = await asyncio.gather(*(understand(model, Request(f"a boat {number}")) for number in range(count)))
        return sum(answer.spec is not None and not answer.spec.fell_back for answer in answers)

    try:
        return loop.run_until_complete(all_at_once()), loop.time()
    finally:
        loop.close()


def test_twelve_at_once_with_a_model_of_three_seconds_are_all_understood() -> None:
    whole, seconds = understood(3.0, 12)
    assert whole == 12
    assert seconds == pytest.approx(36.0, abs=0.5)


@pytest.mark.parametrize(
    ("seconds", "count", "whole", "after"), [(19.0, 1, 1, 19.0), (21.0, 1, 0, 20.0), (10.0, 30, 12, 120.0)]
)
def test_the_limits(seconds: float, count: int, whole: int, after: float) -> None:
    found, passed = understood(seconds, count)
    assert found == whole
    assert passed == pytest.approx(after, abs=0.5)
