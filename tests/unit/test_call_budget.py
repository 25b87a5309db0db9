"""The budget of calls to Discord: its bound, its order, and a crowd on a wire with Discord's limits."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs
from yarl import URL

from bot.ui.call_budget import CallBudget, NoRoom, Weight, weighing
from harness.discord_limits import BUCKET, PER_SECOND, DiscordLimits
from harness.traffic import Figures, Unlimited, crowd
from harness.virtual_time import VirtualLoop


def virtually(work: Any) -> Any:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def test_no_second_has_more_calls_than_the_budget() -> None:
    async def burst() -> list[float]:
        budget, begun = CallBudget(per_second=10), list[float]()

        async def call() -> None:
            await budget.take()
            begun.append(asyncio.get_running_loop().time())

        await asyncio.gather(*(call() for _ in range(35)))
        await asyncio.sleep(10.0)
        await asyncio.gather(*(call() for _ in range(12)))
        return begun

    begun = virtually(burst())
    assert len(begun) == 47
    for first, eleventh in zip(begun, begun[10:], strict=False):
        assert eleventh - first >= 1.0
    assert begun[34] < 4.0, "nothing waits for longer than it must"


def test_ends_go_before_all_else_and_progress_never_waits() -> None:
    async def order() -> list[str]:
        budget, went = CallBudget(per_second=2, for_progress=1), list[str]()

        async def call(weight: Weight, name: str) -> None:
            with weighing(weight):
                await budget.take()
                went.append(name)

        with weighing(Weight.PROGRESS):
            await budget.take()
            assert not budget.has_room
            with pytest.raises(NoRoom):
                await budget.take()
        calls = [call(Weight.OTHER, f"post {n}") for n in range(3)] + [call(Weight.END, f"end {n}") for n in range(3)]
        await asyncio.gather(*calls)
        return went

    assert virtually(order()) == ["post 0", "end 0", "end 1", "end 2", "post 1", "post 2"]


def test_one_that_is_cancelled_while_it_waits_takes_nobody_s_turn() -> None:
    async def cancelled() -> float:
        budget = CallBudget(per_second=1)
        await budget.take()
        waiting = [asyncio.create_task(budget.take()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        waiting[1].cancel()
        await waiting[2]
        return asyncio.get_running_loop().time()

    assert virtually(cancelled()) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("/api/v10/channels/1/messages", True),
        ("/api/v10/users/@me", True),
        ("/api/v10/interactions/1/token/callback", False),
        ("/api/v10/webhooks/1/token/messages/@original", False),
        ("/attachments/1/2/a.png", False),
        ("/gateway", False),
    ],
)
def test_what_counts(path: str, counted: bool) -> None:
    async def calls() -> int:
        budget, trace = CallBudget(), aiohttp.TraceConfig()
        budget.trace(trace)
        for _ in range(100):
            sent = aiohttp.TraceRequestStartParams("GET", URL(f"https://discord.com{path}"), {})  # type: ignore[arg-type]
            await trace.on_request_start[0](None, SimpleNamespace(), sent)  # type: ignore[arg-type]
        return int(asyncio.get_running_loop().time())

    assert (virtually(calls()) >= 1) == counted


def test_the_wire_keeps_discord_s_limits() -> None:
    clock = [100.0]
    limits = DiscordLimits(lambda: clock[0])
    verdicts = [limits.ask("POST", "/channels/1/messages") for _ in range(BUCKET + 1)]
    assert [verdict.taken for verdict in verdicts] == [True] * BUCKET + [False]
    assert [verdict.headers["X-RateLimit-Remaining"] for verdict in verdicts] == ["4", "3", "2", "1", "0", "0"]
    assert not verdicts[-1].is_global
    assert limits.ask("PATCH", "/channels/1/messages/5").taken, "another route"
    assert limits.ask("POST", "/channels/2/messages").taken, "another channel"
    clock[0] += 5.0
    assert limits.ask("POST", "/channels/1/messages").taken
    for number in range(PER_SECOND - 1):
        assert limits.ask("GET", f"/users/{number}").taken
    assert limits.ask("GET", "/users/1").is_global
    assert all(limits.ask("POST", "/interactions/1/x/callback").taken for _ in range(PER_SECOND))
    clock[0] += 1.0
    assert limits.ask("GET", "/users/1").taken


def kept(figures: Figures) -> None:
    assert figures.lost == 0
    assert max(figures.late_s) < 5.0
    assert figures.refused_share < 0.01
    assert figures.most_in_a_second <= PER_SECOND


def test_a_crowd_loses_nothing_and_gets_its_pictures_at_once() -> None:
    """Ten seconds of thirty requests a second; without the budget four are too many."""
    figures = crowd(30.0, 10.0)
    kept(figures)
    assert figures.progress > 0, "what is left shows progress"
    with capture_logs():
        without = crowd(30.0, 4.0, Unlimited)
    assert without.refused_share > 0.01
    assert without.most_in_a_second > PER_SECOND


@pytest.mark.full
def test_two_minutes_of_it() -> None:
    kept(crowd(30.0, 120.0))
