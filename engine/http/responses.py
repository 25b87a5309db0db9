"""Follows a job for one request, and notices when the one who asked is gone.

Invariant: every reader that is taken leaves again, however the request ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.api.sse import COMMENT, format_event
from engine.jobs.job import End, Event, Job, Reader
from engine.jobs.registry import Jobs

TICK_S = 1.0
Result = TypeVar("Result")


async def events_of(reader: Reader) -> AsyncIterator[Event]:
    """Yield what the reader is told, up to the job's end. Raises the error that the job ended with."""
    while not isinstance(event := await reader.get(), End):
        yield event
    if event.error is not None:
        raise event.error


class PlainAnswer(Response):
    """Waits for the job's end, then answers at once; watches meanwhile whether the client is still there."""

    def __init__(self, jobs: Jobs, job: Job, render: Callable[[list[Event]], bytes]) -> None:
        super().__init__(media_type="application/json")
        self._jobs, self._job, self._render = jobs, job, render
        self._reader = jobs.follow(job)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            events = await _unless_gone(receive, self._collect())
        finally:
            self._jobs.leave(self._job, self._reader)
        if events is not None:
            await Response(self._render(events), media_type=self.media_type)(scope, receive, send)

    async def _collect(self) -> list[Event]:
        return [event async for event in events_of(self._reader)]


class StreamedAnswer(Response):
    """Sends what the job tells as it comes, and a comment each second.

    `render` turns an event into the bytes to send, none for one that the request did not ask for; `first` begins the
    stream, `last` ends one that went well.
    """

    def __init__(
        self, jobs: Jobs, job: Job, render: Callable[[Event], bytes], first: bytes = b"", last: bytes = b""
    ) -> None:
        super().__init__(media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._jobs, self._job, self._render = jobs, job, render
        self._first, self._last = first, last
        self._reader = jobs.follow(job)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await _unless_gone(receive, self._send(send))
        finally:
            self._jobs.leave(self._job, self._reader)

    async def _send(self, send: Send) -> bool:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": COMMENT + self._first, "more_body": True})
        ticking = asyncio.create_task(_tick(send))
        try:
            while not isinstance(event := await self._reader.get(), End):
                if data := self._render(event):
                    await send({"type": "http.response.body", "body": data, "more_body": True})
        finally:
            ticking.cancel()
        last = self._last if event.error is None else format_event(event.error.body(), "error")
        await send({"type": "http.response.body", "body": last, "more_body": False})
        return True


async def _tick(send: Send) -> None:
    while True:
        await asyncio.sleep(TICK_S)
        await send({"type": "http.response.body", "body": COMMENT, "more_body": True})


async def _unless_gone(receive: Receive, work: Awaitable[Result]) -> Result | None:
    """Do the work, or drop it and return None when the client closes the connection."""
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_disconnect(receive))
    try:
        await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, watching):
            task.cancel()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
