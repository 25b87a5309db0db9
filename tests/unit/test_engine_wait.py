"""How often jobs ask a full engine again."""

from __future__ import annotations

import asyncio

import pytest

from bot.services.engine_wait import FULL_RATE_JOBS, LONGEST_PAUSE_S, QueueBackoff, pause_s


@pytest.mark.parametrize("waiting", [1, FULL_RATE_JOBS])
def test_a_few_jobs_wait_as_long_as_the_engine_says(waiting: int) -> None:
    assert pause_s(2.0, waiting) == 2.0


@pytest.mark.parametrize("waiting", [FULL_RATE_JOBS, 10 * FULL_RATE_JOBS, 29 * FULL_RATE_JOBS])
def test_many_jobs_do_not_ask_more_often_than_a_few(waiting: int) -> None:
    assert waiting / pause_s(1.0, waiting) == pytest.approx(FULL_RATE_JOBS)


def test_no_job_waits_for_longer_than_a_full_engine_is_busy() -> None:
    assert pause_s(1.0, 10_000) == LONGEST_PAUSE_S
    assert pause_s(2 * LONGEST_PAUSE_S, 10_000) == 2 * LONGEST_PAUSE_S


async def test_a_job_counts_as_waiting_until_it_does_so_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    sleep, go = asyncio.sleep, asyncio.Event()

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await go.wait()

    monkeypatch.setattr(asyncio, "sleep", noted)
    backoff = QueueBackoff()
    waiting = [asyncio.create_task(backoff.wait(1.0)) for _ in range(2 * FULL_RATE_JOBS)]
    await sleep(0.01)
    assert slept[-1] == 2.0
    waiting[0].cancel()
    go.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    await backoff.wait(1.0)
    assert slept[-1] == 1.0
