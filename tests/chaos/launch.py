"""Runs `python -m bot` unchanged against the Discord at the URL given first, its clock moved by what a file says.

The file is given second; it holds the seconds to add to the system's clock, and may change at any time. CHAOS_DISK may
name a file that says what the preloaded shim lets the disk ail from.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from pathlib import Path

from bot.host import clock
from bot.sandbox.connect import point_discord_at
from tests.crash.shim import Strike


class MovedClock:
    """Implements services.ports.clock.Clock."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> MovedClock:
        return self

    def now(self) -> float:
        return time.time() + float(self._file.read_text())


if __name__ == "__main__":
    point_discord_at(sys.argv.pop(1))
    clock.SystemClock = MovedClock(Path(sys.argv.pop(1)))  # type: ignore[assignment, misc]
    if disk := os.environ.pop("CHAOS_DISK", ""):
        Strike("count", 0, Path(disk)).arm(Path(os.environ["LIMNER_HOME"]))
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
