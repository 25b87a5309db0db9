"""Runs `python -m bot` unchanged, against the Discord at the URL given as the only argument."""

from __future__ import annotations

import runpy
import sys

from bot.sandbox.connect import point_discord_at

if __name__ == "__main__":
    point_discord_at(sys.argv.pop(1))
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
