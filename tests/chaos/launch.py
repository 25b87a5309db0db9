"""Runs `python -m bot` unchanged against the Discord at the URL given first.

CHAOS_DISK may name a file that says what the preloaded shim lets the disk ail from.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

from bot.sandbox.connect import point_discord_at
from tests.crash.shim import Strike

if __name__ == "__main__":
    point_discord_at(sys.argv.pop(1))
    if disk := os.environ.pop("CHAOS_DISK", ""):
        Strike("count", 0, Path(disk)).arm(Path(os.environ["LIMNER_HOME"]))
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
