"""The HTTP listener for Prometheus: /metrics is the bot's, /engine/metrics that of the engines on Unix sockets.

Invariant: it only reads, and what goes wrong while it reads is a status, never an end of the bot.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from bot.operator_errors import CannotStart
from engine.api.address import Address
from engine.api.connection import Connection
from engine.api.errors import EngineError
from engine.api.light_structlog import structlog
from engine.api.metrics_registry import CONTENT_TYPE, joined_expositions

log = structlog.get_logger(__name__)

MAX_CONNECTIONS = 32
"""Of whoever reaches the port; one more takes the place of the oldest, which a scrape is not for long."""
BACKLOG = 16
ENGINE_S = 5.0
"""Prometheus gives a scrape ten seconds."""

Exposition = Callable[[], Awaitable[bytes]]


@asynccontextmanager
async def metrics_listener(
    host: str, port: int, bot: Exposition, engines: Mapping[str, Address]
) -> AsyncIterator[None]:
    """Listen meanwhile. Raises CannotStart where that cannot be; port 0 takes a free one, and the log names it.

    Prometheus cannot reach an engine on a Unix socket, so its figures are passed on; of a list each has the label
    `engine`. One on TCP is asked directly.
    """
    connections = {name: Connection(address) for name, address in engines.items() if address.socket}

    async def show(_: web.Request) -> web.Response:
        return _answer(200, await bot())

    async def pass_on(_: web.Request) -> web.Response:
        if not connections:
            return web.Response(status=404, text="The engine is on TCP: ask it for /metrics directly.\n")
        try:
            if len(engines) == 1:
                return _answer(*await next(iter(connections.values())).get("/metrics", seconds=ENGINE_S))
            return _answer(200, await _all(connections))
        except EngineError as error:
            return web.Response(status=502, text=f"{error}\n")

    app = web.Application()
    app.add_routes([web.get("/metrics", show), web.get("/engine/metrics", pass_on)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        try:
            server = await asyncio.get_running_loop().create_server(_bounded(runner), host, port, backlog=BACKLOG)
        except OSError as error:
            raise _refused(error, host, port) from error
        log.info("metrics.listening", host=host, port=server.sockets[0].getsockname()[1])
        try:
            yield
        finally:
            server.close()
    finally:
        await runner.cleanup()
        for connection in connections.values():
            await connection.close()


async def _all(connections: Mapping[str, Connection]) -> bytes:
    """Return the figures of the engines that answer, each with its name. Raises EngineError where none does."""
    asked = (connection.get("/metrics", seconds=ENGINE_S) for connection in connections.values())
    answers = await asyncio.gather(*asked, return_exceptions=True)
    texts: dict[str, str] = {}
    for name, answer in zip(connections, answers, strict=True):
        if isinstance(answer, tuple):
            texts[name] = answer[1].decode()
        elif not isinstance(answer, EngineError):
            raise answer
    if not texts:
        raise next(answer for answer in answers if isinstance(answer, EngineError))
    return joined_expositions("engine", texts)


def _bounded(runner: web.AppRunner) -> Callable[[], asyncio.Protocol]:
    """Return what makes the protocol of each connection, and closes the oldest where there are too many."""

    def protocol() -> asyncio.Protocol:
        if runner.server is None:
            raise RuntimeError("the listener has ended")
        for oldest in runner.server.connections[: 1 - MAX_CONNECTIONS]:
            oldest.force_close()
        return runner.server()

    return protocol


def _refused(error: OSError, host: str, port: int) -> CannotStart:
    if error.errno == errno.EADDRINUSE:
        return CannotStart("start-port-taken", port=str(port), name="LIMNER_METRICS_PORT")
    name = "LIMNER_METRICS_PORT" if error.errno == errno.EACCES else "LIMNER_METRICS_HOST"
    # asyncio says more of it than a sentence can hold; what a name's look-up says has numbers below zero
    why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
    return CannotStart("start-cannot-listen", where=f"{host}:{port}", why=why, name=name)


def _answer(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": CONTENT_TYPE})
