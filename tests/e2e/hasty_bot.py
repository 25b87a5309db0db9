"""`python tests/e2e/hasty_bot.py URL`: the bot, which kills a silent engine after seconds instead of half a minute.

With HANG_ONCE its engine is the one of `tests.engine.hanging_process`.
"""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

from bot.host import engine_process
from bot.host.engine_process import EngineProcess
from bot.sandbox.connect import point_discord_at

SILENCE_S = 4.0
MODULE = 2
"""The place of the module's name in the engine's command."""


class Hanging(EngineProcess):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._command[MODULE] = "tests.engine.hanging_process"


if __name__ == "__main__":
    engine_process.SILENCE_S = SILENCE_S
    if os.environ.get("HANG_ONCE"):
        vars(engine_process)["EngineProcess"] = Hanging
    point_discord_at(sys.argv.pop(1))
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
