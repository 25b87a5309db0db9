"""Draws charts in a process of their own, one at a time: matplotlib would double the bot's memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog

from bot.domain.stats import DAY_S, Report
from bot.services.ports.statistics import ChartFailed
from bot.workers.child_process import run_script

log = structlog.get_logger(__name__)

TIMEOUT_S = 60.0
"""Usually a second or two; the first time ever, matplotlib lists the machine's fonts."""
MAX_OUTPUT_BYTES = 8 * 1024 * 1024
SCRIPT = Path(__file__).with_name("charts.py")


class ChartProcess:
    """Implements services.ports.statistics.Charts."""

    def __init__(self, timeout_s: float = TIMEOUT_S, script: Path = SCRIPT) -> None:
        self._script, self._timeout_s = script, timeout_s
        self._turn = asyncio.Lock()

    async def draw(self, report: Report, words: Mapping[str, str], plain: Mapping[str, str]) -> bytes:
        days = report.days
        wanted = {
            "words": words,
            "plain": plain,
            "dates": [datetime.fromtimestamp(day.number * DAY_S, UTC).date().isoformat() for day in days],
            "pictures": [day.pictures for day in days],
            "median_s": [day.median_s for day in days],
            "p90_s": [day.p90_s for day in days],
            "refused": [day.refusals for day in days],
            "failed": [day.failed for day in days],
        }
        async with self._turn:
            try:
                ended = await run_script(
                    self._script, msgspec.json.encode(wanted), timeout_s=self._timeout_s, most=MAX_OUTPUT_BYTES
                )
            except TimeoutError as error:
                raise ChartFailed("slow") from error
        if ended.code == 0 and 0 < len(ended.result) <= MAX_OUTPUT_BYTES:
            return ended.result
        log.warning("chart.failed", exit_code=ended.code, detail=ended.words[-300:])
        raise ChartFailed(ended.words)
