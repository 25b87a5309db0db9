"""Runs the engine as the bot's child process, and restarts it with back-off.

Invariant: the child never outlives the bot. It reads a pipe from the bot; when the bot ends, in whatever way, the pipe
closes and the child ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from bot.operator_errors import CannotStart

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STABLE_S = 60.0
"""After an engine that ran this long, the pause before a restart is the first again."""
STOP_S = 10.0
WRONG_USAGE = 2
SECRETS = ("DISCORD_TOKEN", "LIMNER_DATA_KEY", "PLANNER_API_KEY", "ENGINE_API_KEY")
"""Settings that the child is not given: it listens on a private socket, without a key."""


class EngineProcess:
    """Runs `python -m engine` on the given socket until stopped; `blank` names settings that are not meant for it.

    `started` is called at each start.
    """

    def __init__(
        self,
        socket: Path,
        *,
        quiet: bool = False,
        blank: Sequence[str] = (),
        started: Callable[[], object] = lambda: None,
    ) -> None:
        self._on_start = started
        self._blank = dict.fromkeys(blank, "")
        self._command = [sys.executable, "-m", "engine", "--socket", str(socket), "--until-stdin-closes"]
        self._command += ["--quiet"] if quiet else []
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def run(self) -> None:
        """Keep the engine running. Raises CannotStart where it refuses its settings; cancelling stops the engine."""
        pause = FIRST_PAUSE_S
        try:
            while True:
                started = time.monotonic()
                code = await self._run_child()
                log.warning("engine.ended", exit_code=code)
                if code == WRONG_USAGE:
                    raise CannotStart("start-engine-settings")
                pause = FIRST_PAUSE_S if time.monotonic() - started > STABLE_S else pause
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE_S, pause * 2)
        finally:
            await self._stop()

    async def run_once(self) -> int:
        """Run the engine until it ends, and return its exit code; cancelling stops it."""
        try:
            return await self._run_child()
        finally:
            await self._stop()

    async def _run_child(self) -> int:
        environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            process_group=0,  # Ctrl-C is the bot's to hear: what it still has on its way needs the engine
            env={**environment, **self._blank},  # blank rather than absent, since the engine reads .env too
        )
        log.info("engine.started", pid=self._process.pid)
        self._on_start()
        return await self._process.wait()

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
