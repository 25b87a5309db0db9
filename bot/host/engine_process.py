"""Runs the engine as the bot's child process, and restarts it with back-off.

Invariants: the child never outlives the bot. It reads a pipe from the bot; when the bot ends, in whatever way, the pipe
closes and the child ends. A child that hangs is replaced: it writes a heartbeat to another pipe, from a thread of its
own, and is killed once that stops. That pipe also tells whether its models were loaded.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bot.host.load_failures import LoadFailures
from bot.operator_errors import CannotStart, SettingsRefused
from engine.api import env_settings
from engine.api.installation import has_engine, install_command
from engine.api.light_structlog import structlog
from engine.api.sd_notify import NOTIFY_SOCKET
from engine.api.supervision import Report

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STABLE_S = 60.0
"""After an engine that ran this long, the pause before a restart is the first again."""
STOP_S = 10.0
SILENCE_S = 30.0
"""A child that sends no heartbeat for so long is killed."""
START_S = 120.0
"""The same before its first heartbeat: Python itself may take long to start on a crowded machine."""
WRONG_USAGE = 2
SECRETS = tuple(name for secret in env_settings.SECRETS for name in (secret, f"{secret}_FILE"))
"""Settings that the child is not given: it listens on a private socket, without a key."""


class EngineProcess:
    """Runs `python -m engine` on the given socket until stopped; `blank` names settings that are not meant for it.

    `started` is called at each start. One of several has a `name`, which each line of both processes' logs on it holds,
    and `variables` of its own. Raises CannotStart where the engine's packages are not installed.
    """

    def __init__(
        self,
        socket: Path,
        *,
        quiet: bool = False,
        blank: Sequence[str] = (),
        started: Callable[[], object] = lambda: None,
        name: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        if not has_engine():
            raise CannotStart("start-engine-not-installed", command=install_command())
        self._on_start = started
        self._variables = {**dict.fromkeys(blank, ""), **(variables or {})}
        self._command = [sys.executable, "-m", "engine", "--socket", str(socket), "--until-stdin-closes", "--heartbeat"]
        self._command += ["--quiet"] if quiet else []
        self._command += ["--name", name] if name else []
        self._log = log.bind(engine=name) if name else log
        self._process: asyncio.subprocess.Process | None = None
        self._replacing, self._woken = False, asyncio.Event()
        self._report, self._loading = Report(), LoadFailures(name)

    @property
    def cannot_load(self) -> bool:
        """Whether the models failed to load, twice in the same way; False again once they work or are others."""
        return self._loading.why is not None

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
                if self._replacing:
                    self._replacing, pause = False, FIRST_PAUSE_S
                    continue
                if code == WRONG_USAGE:
                    self._log.warning("engine.ended", exit_code=code)
                    raise SettingsRefused("start-engine-settings")
                if self._loading.ended(self._report, code):  # which the log tells once
                    await self._pause(self._loading.pause_s())
                    continue
                why = {"why": self._report.failure} if self._report.failure else {}
                self._log.warning("engine.ended", exit_code=code, **why)
                pause = FIRST_PAUSE_S if time.monotonic() - started > STABLE_S else pause
                await self._pause(pause)
                pause = min(LONGEST_PAUSE_S, pause * 2)
        finally:
            await self._stop()

    def replace(self) -> None:
        """Have the engine end what it is at, and start it anew at once, with the settings of now."""
        self._loading.forget()
        self._woken.set()
        if self._process and self._process.returncode is None:
            self._replacing = True
            with suppress(ProcessLookupError):
                self._process.terminate()

    async def run_once(self) -> int:
        """Run the engine until it ends, and return its exit code; cancelling stops it.

        Why its models cannot be loaded is printed.
        """
        try:
            code = await self._run_child()
            if self._report.failure:
                print(self._report.failure, file=sys.stderr)
            return code
        finally:
            await self._stop()

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until `replace`."""
        self._woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _run_child(self) -> int:
        environment = {name: value for name, value in os.environ.items() if name not in (*SECRETS, NOTIFY_SOCKET)}
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            process_group=0,  # Ctrl-C is the bot's to hear: what it still has on its way needs the engine
            env={**environment, **self._variables},  # blank rather than absent, since the engine reads .env too
        )
        self._log.info("engine.started", pid=self._process.pid)
        self._on_start()
        self._report = Report()
        watching = asyncio.create_task(_kill_when_silent(self._process, self._hear, self._log), name="engine-heartbeat")
        try:
            return await self._process.wait()
        finally:
            watching.cancel()

    def _hear(self, data: bytes) -> None:
        before = self._report.loaded
        self._report.feed(data)
        if self._report.loaded and not before:
            self._loading.loaded()

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


async def _kill_when_silent(
    process: asyncio.subprocess.Process, hear: Callable[[bytes], None], log: structlog.typing.FilteringBoundLogger
) -> None:
    """Let `hear` take what the child writes; kill it once two halves of the time allowed have passed without a word.

    Two, because after a stop of this process itself the first is over before what was sent meanwhile is read.
    """
    allowed, missed = START_S, 0
    while missed < 2 and process.stdout:
        try:
            async with asyncio.timeout(allowed / 2):
                if not (data := await process.stdout.read(1 << 16)):
                    return
            hear(data)
            allowed, missed = SILENCE_S, 0
        except TimeoutError:
            missed += 1
    log.error("engine.hung", pid=process.pid, silent_s=allowed)
    with suppress(ProcessLookupError):
        process.kill()
