"""Out of memory amid a picture: its cap of batches is halved, the device's caches are freed, and it is begun anew.

Where a batch of several requests does not fit, `gate.py` halves it; what is here is the job that does not fit alone.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.api.errors import EngineError, OutOfMemory
from engine.api.light_structlog import structlog

log = structlog.get_logger()

SENTENCE = "The device has too little memory for this; ask for a smaller size or fewer pictures."


def retry_in_less_memory(
    attempt: Callable[[], EngineError | None], may_retry: Callable[[], bool], free_memory: Callable[[], None]
) -> EngineError | None:
    """Return the error that the last attempt ended with, None where it went well.

    `may_retry` lowers what the next attempt takes, and is False where nothing is left to lower.
    """
    error = attempt()
    while isinstance(error, OutOfMemory) and may_retry():
        log.warning("job.retried", why="out of memory; the batch cap is halved")
        free_memory()
        error = attempt()
    return error
