"""The engine's process: serves HTTP, drains on a signal, and ends.

Invariant: the exit status is 0 after a signal or a closed stdin; 1, with one sentence to its
supervisor, or else on stderr, where the models cannot be loaded; 3 where the watchdog finds a hanging model thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from engine.api.light_structlog import structlog
from engine.api.loop_watchdog import LoopWatchdog
from engine.api.sd_notify import sd_notify
from engine.api.supervision import Reporter
from engine.assembly import assemble
from engine.http.connections import ConnectionLimit, raise_file_limit
from engine.http.listener import Listener
from engine.settings import Settings

CLOSE_S = 2.0
"""How long open connections may take to end once the jobs are done or cancelled."""
FAILURE_SHOWN_S = 3.0
"""How long /readyz says why the models cannot be loaded before the process ends."""

WAITING_CONNECTIONS = 512

log = structlog.get_logger()


def run(
    settings: Settings, listener: Listener, watchdog: LoopWatchdog, reporter: Reporter, *, until_stdin_closes: bool
) -> int:
    """Serve until a signal or, where asked for, the end of stdin. Returns the exit status."""
    return asyncio.run(_Process(settings, listener, watchdog, reporter).serve(until_stdin_closes=until_stdin_closes))


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no handlers of uvicorn's: the process has its own, which drain first."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept: few connections in a turn of the event loop, while the system lets more wait."""
        await super().startup(sockets)
        for listening in sockets or []:
            listening.listen(WAITING_CONNECTIONS)


class _Process:
    def __init__(self, settings: Settings, listener: Listener, watchdog: LoopWatchdog, reporter: Reporter) -> None:
        self._settings, self._reporter = settings, reporter
        self._watchdog = watchdog
        self._listener = listener
        self._ended = asyncio.Event()
        self._status = 0

    async def serve(self, *, until_stdin_closes: bool) -> int:
        self._watchdog.watch(asyncio.get_running_loop())
        engine = assemble(self._settings, self._fail, on_ready=self._reporter.loaded)
        self._jobs = engine.jobs
        self._watch_signals()  # before the log says that it listens: whoever reads that may end it at once
        server = self._start_server(engine.app)
        serving = asyncio.create_task(server.serve([self._listener.sock]))
        if until_stdin_closes:
            self._watch_stdin()
        engine.model_thread.start()
        engine.watchdog.start()
        sd_notify("READY=1")
        await self._ended.wait()
        self._jobs.close()
        self._jobs.cancel_all()
        engine.queue.close()
        server.should_exit = True
        await serving
        log.info("engine.stopped")
        return self._status

    def _start_server(self, app: Starlette) -> _Server:
        limit = ConnectionLimit(raise_file_limit(), self._settings.api_key)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            http=limit.protocol(),
            backlog=limit.backlog,
            ws="none",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(CLOSE_S),
        )
        log.info("engine.listening", address=self._listener.address, max_connections=limit.most)
        return _Server(config)

    def _watch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        """Drain: refuse new jobs, say so in /readyz, and give the accepted jobs `grace_s` seconds to end.

        The next signal has the system's default action, so it ends the process even amid a long computation.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        self._draining = asyncio.get_running_loop().create_task(self._drain())  # kept, or it may be collected

    async def _drain(self) -> None:
        log.info("engine.draining")
        sd_notify("STOPPING=1")
        self._jobs.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.grace_s):
                await self._jobs.idle.wait()
        self._ended.set()

    def _watch_stdin(self) -> None:
        loop = asyncio.get_running_loop()

        def read_to_end() -> None:
            with contextlib.suppress(OSError):
                while os.read(0, 4096):
                    pass
            loop.call_soon_threadsafe(self._ended.set)

        threading.Thread(target=read_to_end, name="stdin", daemon=True).start()

    def _fail(self, sentence: str) -> None:
        if self._reporter.is_heard:
            self._reporter.failed(sentence)
        else:
            print(sentence, file=sys.stderr, flush=True)
        self._status = 1
        asyncio.get_running_loop().call_later(FAILURE_SHOWN_S, self._ended.set)
