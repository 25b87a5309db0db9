"""How often those ask again whom a full engine does not take yet."""

from __future__ import annotations

import asyncio

import pytest

from bot.services.queue_backoff import LONGEST_S, TOGETHER, QueueBackoff, pause_s


@pytest.mark.parametrize("waiting", [1, TOGETHER])
def test_a_few_wait_as_long_as_the_engine_says(waiting: int) -> None:
    assert pause_s(2.0, waiting) == 2.0


@pytest.mark.parametrize("waiting", [TOGETHER, 10 * TOGETHER, 29 * TOGETHER])
def test_many_do_not_ask_more_often_than_a_few(waiting: int) -> None:
    assert waiting / pause_s(1.0, waiting) == pytest.approx(TOGETHER)


def test_nobody_waits_for_longer_than_a_full_engine_is_busy() -> None:
    assert pause_s(1.0, 10_000) == LONGEST_S
    assert pause_s(2 * LONGEST_S, 10_000) == 2 * LONGEST_S


async def test_who_waits_counts_until_they_do_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    sleep, go = asyncio.sleep, asyncio.Event()

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await go.wait()

    monkeypatch.setattr(asyncio, "sleep", noted)
    outside = QueueBackoff()
    waiting = [asyncio.create_task(outside.wait(1.0)) for _ in range(2 * TOGETHER)]
    await sleep(0.01)
    assert slept[-1] == 2.0
    waiting[0].cancel()
    go.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    await outside.wait(1.0)
    assert slept[-1] == 1.0
