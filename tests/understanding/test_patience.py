"""A model that is slow for many is waited for by all; one that is silent is not. Time is virtual."""

from __future__ import annotations

import asyncio
import json

import pytest

from bot.domain.jobs import Order
from bot.domain.styles import Styles
from bot.services.draw import draw
from bot.understanding.patience import Patience
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.messages import ChatRequest, Queued
from harness.virtual_time import OneByOne, VirtualLoop, burst
from tests.fakes import SPEC, FakeEngine


def test_twelve_at_once_with_a_model_of_three_seconds_are_all_understood() -> None:
    whole, seconds = burst(OneByOne(3.0), 12)
    assert whole == 12
    assert seconds == pytest.approx(36.0, abs=0.5)


@pytest.mark.parametrize(
    ("seconds", "count", "whole", "after"), [(19.0, 1, 1, 19.0), (21.0, 1, 0, 20.0), (10.0, 30, 12, 120.0)]
)
def test_the_limits(seconds: float, count: int, whole: int, after: float) -> None:
    found, passed = burst(OneByOne(seconds), count)
    assert found == whole
    assert passed == pytest.approx(after, abs=0.5)


@pytest.mark.parametrize(
    ("tokens", "stops_after", "whole", "after"),
    [(60, None, 1, 61.0), (200, None, 1, 201.0), (60, 5, 0, 26.0)],
    ids=["a minute of tokens", "longer than any wait in line", "silent amid the answer"],
)
def test_an_answer_that_grows_is_waited_for(tokens: int, stops_after: int | None, whole: int, after: float) -> None:
    found, passed = burst(OneByOne(1.0, tokens, stops_after), 1)
    assert found == whole
    assert passed == pytest.approx(after, abs=0.5)


def test_someone_elses_tokens_are_a_sign_too() -> None:
    """The first answer takes half a minute; the one behind it is silent all that time, and comes."""
    whole, seconds = burst(OneByOne(1.0, 30), 2)
    assert whole == 2
    assert seconds == pytest.approx(62.0, abs=0.5)


def waited(signs: int) -> float:
    """Return after how many seconds a wait ends, of a model that only says each second that it works, so many times."""
    loop = VirtualLoop()

    async def ask(on_progress: OnProgress) -> str:
        for _ in range(signs):
            await asyncio.sleep(1.0)
            on_progress(False)
        await asyncio.sleep(3_600)
        return ""

    async def wait() -> None:
        with pytest.raises(TimeoutError):
            await Patience().wait(ask)

    try:
        loop.run_until_complete(wait())
        return loop.time()
    finally:
        loop.close()


@pytest.mark.parametrize(("signs", "after"), [(0, 20.0), (50, 70.0), (600, 120.0)])
def test_an_engine_that_works_for_others_is_waited_for_within_bounds(signs: int, after: float) -> None:
    assert waited(signs) == pytest.approx(after, abs=0.5)


class SlowEngine(FakeEngine):
    """A FakeEngine whose language model takes three seconds an answer, one at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = asyncio.Lock()

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        async with self._turn:
            await asyncio.sleep(3.1)
        return json.dumps(SPEC)


def test_who_waits_is_told_how_many_come_before() -> None:
    loop = VirtualLoop()
    engine = SlowEngine()

    async def positions(number: int) -> list[int]:
        events = draw(engine, Styles([]), Order(f"a boat {number}"), seed=number)
        return [event.position async for event in events if isinstance(event, Queued) and event.eta_s is None]

    async def all_at_once() -> list[list[int]]:
        return await asyncio.gather(*map(positions, range(4)))

    try:
        assert loop.run_until_complete(all_at_once()) == [[], [1], [2, 1], [3, 2, 1]]
    finally:
        loop.close()
