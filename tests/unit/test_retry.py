"""What the log says of a repeated request."""

from __future__ import annotations

import gc

import pytest
import stamina
from structlog.testing import capture_logs

from bot.services.ports.storage import StoreUnavailable
from bot.services.retry import note_retries, retried, written
from bot.ui.discord_retry import repeated
from engine.api.errors import Unavailable


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (Unavailable("503: no room for “a red boat”"), ""),
        (StoreUnavailable("database is locked"), "database is locked"),
    ],
)
async def test_it_quotes_no_service_that_may_quote_the_words(error: Exception, detail: str) -> None:
    note_retries()
    fails = [error]

    async def request() -> None:
        if fails:
            raise fails.pop()

    with capture_logs() as logged:
        await stamina.AsyncRetryingCaller(wait_initial=0.01, wait_jitter=0)(type(error), request)
    (line,) = [entry for entry in logged if entry["event"] == "retry.waits"]
    assert (line["error"], line["detail"]) == (type(error).__name__, detail)


async def test_a_call_that_goes_well_at_once_leaves_nothing_to_collect() -> None:
    async def call() -> int:
        return 7

    async def many() -> None:
        for _ in range(20):
            assert await repeated(call) == 7
            assert await written(call) == 7

    await many()
    gc.collect()
    gc.disable()
    try:
        await many()
        assert gc.collect() < 20
    finally:
        gc.enable()


async def test_the_first_call_counts_among_the_attempts() -> None:
    calls = []

    async def call() -> None:
        calls.append(1)
        raise StoreUnavailable("database is locked")

    caller = stamina.AsyncRetryingCaller(attempts=3, wait_initial=0.01, wait_jitter=0)
    with pytest.raises(StoreUnavailable):
        await retried(caller, StoreUnavailable, call)
    assert len(calls) == 3


async def test_what_does_not_pass_is_raised_at_once() -> None:
    calls = []

    async def call() -> None:
        calls.append(1)
        raise ValueError("for ever")

    with pytest.raises(ValueError, match="for ever"):
        await written(call)
    assert len(calls) == 1
