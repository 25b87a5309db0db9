"""The Unix socket on which the running bot hears `limner mcp`: one request and one answer a connection.

Invariant: whoever closes the connection before the answer has the request cancelled. The socket is its owner's alone,
as all of LIMNER_HOME is, so it needs no key.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from bot.host.agent_wire import MAX_REQUEST, Answer, Request, decode_answer, decode_request, encode
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

MAX_CONNECTIONS = 32
READ_S = 10.0
"""A request is written at once."""

Answerer = Callable[[Request], Awaitable[Answer]]


class DoorClosed(Exception):
    """Nobody listens: no bot runs on this home, or it is just starting."""


class CallLost(Exception):
    """The bot closed the connection without an answer."""


@asynccontextmanager
async def agent_door(path: Path, answer: Answerer) -> AsyncIterator[None]:
    """Listen meanwhile. Where no socket can be made, as on some network disks, the log says so and all else goes on."""
    calls: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(calls) >= MAX_CONNECTIONS:
            writer.close()
            return
        calls.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):  # cancelled where the door closes, and by nobody else
                await _serve(reader, writer, answer)
        finally:
            calls.discard(task)
            writer.close()

    try:
        server = await asyncio.start_unix_server(serve, sock=_bound(path), limit=MAX_REQUEST)
    except OSError as error:
        log.warning("agents.not_listening", path=str(path), detail=str(error))
        yield
        return
    try:
        yield
    finally:
        server.close()
        _remove(path)
        for task in calls:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


def _bound(path: Path) -> socket.socket:
    """Return a socket at this path that is its owner's before anyone can connect."""
    _remove(path)  # a killed bot's; the lock on the home says that there is no other bot
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.bind(str(path))
        path.chmod(0o600)
    except OSError:
        made.close()
        raise
    return made


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answerer) -> None:
    try:
        async with asyncio.timeout(READ_S):
            request = decode_request(await reader.readline())
    except (TimeoutError, ValueError, msgspec.MsgspecError) as error:  # ValueError: longer than MAX_REQUEST
        log.warning("agents.not_understood", detail=str(error))
        return
    working = asyncio.ensure_future(answer(request))
    leaving = asyncio.create_task(reader.read(1))
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            writer.write(encode(working.result()))
            await writer.drain()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def ask(path: Path, request: Request) -> Answer:
    """Ask the running bot; cancelling this cancels the request there. Raises DoorClosed, CallLost."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError as error:
        raise DoorClosed from error
    try:
        writer.write(encode(request) + b"\n")
        return decode_answer(await reader.read())
    except (OSError, msgspec.MsgspecError) as error:
        raise CallLost from error
    finally:
        writer.close()
