"""Repeats database writes until the disk takes them, and logs every retry of this process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from bot.services.ports.storage import StoreUnavailable
from engine.api.errors import EngineError
from engine.api.light_structlog import structlog

T = TypeVar("T")
log = structlog.get_logger(__name__)

_until_written = stamina.AsyncRetryingCaller(attempts=None, timeout=None, wait_initial=0.5, wait_max=5.0)


async def written(write: Callable[[], Awaitable[T]]) -> T:
    """Return what the write gives, however long the disk takes nothing: what people saw must not be lost."""
    return await retried(_until_written, StoreUnavailable, write)


async def retried(
    caller: stamina.AsyncRetryingCaller,
    on: type[Exception] | Callable[[Exception], bool | float],
    call: Callable[[], Awaitable[T]],
) -> T:
    """Return what the call gives, repeated as the caller does after an error that `on` names. Raises the last error.

    A call that goes well at once needs nothing of stamina's, whose fifty objects a call are in cycles: they were
    five sixths of what garbage collections found, which hold the event loop meanwhile.
    """
    try:
        return await call()
    except Exception as error:
        if not (isinstance(error, on) if isinstance(on, type) else on(error)):
            raise
        failures = [error]

    async def again() -> T:
        if failures:
            raise failures.pop()
        return await call()

    return await caller(on, again)


def note_retries() -> None:
    """Log each repetition of this process; stamina's own note holds arguments, in which there may be words."""
    set_on_retry_hooks([_note])


def _note(details: RetryDetails) -> None:
    error = details.caused_by
    log.warning(
        "retry.waits",
        error=type(error).__name__,
        detail="" if isinstance(error, EngineError) else str(error),  # a hosted service may quote the words
        attempt=details.retry_num,
        wait_s=round(details.wait_for, 1),
    )
