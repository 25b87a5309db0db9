"""Draws charts in a child process, one at a time: matplotlib would double the bot's memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import msgspec

from bot.domain.stats import DAY_S, Report
from bot.services.ports.statistics import ChartFailed, ChartsMissing
from bot.workers.child_process import Script, ScriptFailed
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

TIMEOUT_S = 60.0
"""Usually a second or two; the first time ever, matplotlib lists the machine's fonts."""
MAX_OUTPUT_BYTES = 8 * 1024 * 1024
SCRIPT = Path(__file__).with_name("charts.py")


class ChartProcess:
    """Implements services.ports.statistics.Charts."""

    def __init__(self, timeout_s: float = TIMEOUT_S, script: Path = SCRIPT) -> None:
        self._script = Script(script, at_once=1, timeout_s=timeout_s, most=MAX_OUTPUT_BYTES)

    async def draw(self, report: Report, words: Mapping[str, str], plain: Mapping[str, str]) -> bytes:
        if find_spec("matplotlib") is None:
            raise ChartsMissing
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
        try:
            return await self._script.run(msgspec.json.encode(wanted))
        except ScriptFailed as error:
            log.warning("chart.failed", exit_code=error.code, detail=error.words[-300:])
            raise ChartFailed(error.words) from error
