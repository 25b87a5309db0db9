"""What the log says of a repeated request."""

from __future__ import annotations

import pytest
import stamina
from structlog.testing import capture_logs

from bot.services.ports.storage import StoreUnavailable
from bot.services.retry import note_retries
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
