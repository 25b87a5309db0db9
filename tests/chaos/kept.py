"""A process that is started again whenever it ends, as systemd does, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

PAUSE_S = 0.3
"""Before the next start; systemd's five seconds would only make the runs longer."""
STOP_S = 45.0


class Kept:
    """`log` takes its stderr. All that it and its children ever were is kept, to see that they are gone."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._command, self._environment, self.log = command, environment, log
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._known: set[psutil.Process] = set()
        self.starts = 0
        self.codes: list[int] = []
        """How it ended, each time; what was killed is -9."""

    def start(self) -> None:
        self._keeping = asyncio.create_task(self._keep())

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process and process.returncode is None else None

    def kill(self, number: signal.Signals = signal.SIGKILL) -> bool:
        """Send it a signal, after whose work it is started again; False while it is down anyhow."""
        if (pid := self.pid) is None:
            return False
        self.note_children()
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        return True

    def kill_child(self) -> bool:
        """Kill its engine; False where there is none just now."""
        self.note_children()
        engines = [child for child in self._known if _is_engine(child) and child.pid != self.pid]
        for engine in engines:
            with suppress(psutil.NoSuchProcess):
                engine.kill()
        return bool(engines)

    def note_children(self) -> None:
        if (pid := self.pid) is None:
            return
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            self._known |= {process, *process.children(recursive=True)}

    async def stop(self) -> int | None:
        """Ask it to end and start it no more; return its exit code, None where it had to be killed."""
        self.note_children()
        process, self._process = self._process, None
        if self._keeping:
            self._keeping.cancel()
        if process is None or process.returncode is not None:
            return 0
        process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                return await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            return None

    async def left(self, seconds: float = 15.0) -> list[str]:
        """Return what is still there of it after some time, by command; and end that."""
        _, alive = await asyncio.to_thread(psutil.wait_procs, list(self._known), seconds)
        told = []
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                told.append(" ".join(process.cmdline()[:4]))
                process.kill()
        return told

    async def _keep(self) -> None:
        while True:
            with self.log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    env=self._environment,
                    stderr=log,
                    stdin=asyncio.subprocess.DEVNULL,
                    cwd=self.log.parent,
                )
            self.starts += 1
            self.codes.append(await self._process.wait())
            await asyncio.sleep(PAUSE_S)


def _is_engine(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.cmdline()[1:3] == ["-m", "engine"]
    return False
