"""Two responses that wait for a job: one JSON object at its end, or a stream of its events.

Invariant: a response that reads a job's events stops reading however the request ends, so that the job can be cancelled
once no client waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.api.sse import COMMENT, format_event, heartbeat_comment
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.job import End, Event, Job, Reader
from engine.jobs.registry import Jobs

KEEPALIVE_S = 1.0
Result = TypeVar("Result")


async def job_events(reader: Reader) -> AsyncIterator[Event]:
    """Yield the job's events up to its end. Raises the error that the job ended with."""
    while not isinstance(event := await reader.get(), End):
        yield event
    if event.error is not None:
        raise event.error


class JobJsonResponse(Response):
    """Waits for the job's end, then sends one JSON object; a client that disconnects ends the wait."""

    def __init__(self, jobs: Jobs, job: Job, render: Callable[[list[Event]], bytes]) -> None:
        super().__init__(media_type="application/json")
        self._jobs, self._job, self._render = jobs, job, render
        self._reader = jobs.follow(job)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            events = await _until_disconnect(receive, self._collect())
        finally:
            self._jobs.leave(self._job, self._reader)
        if events is not None:
            await Response(self._render(events), media_type=self.media_type)(scope, receive, send)

    async def _collect(self) -> list[Event]:
        return [event async for event in job_events(self._reader)]


class JobStreamResponse(Response):
    """Sends the job's events as server-sent events while they happen, and a comment each second.

    `render` turns an event into bytes, none for one that the request did not ask for. `first` begins the stream,
    `last` ends it where the job succeeded.
    """

    def __init__(
        self,
        jobs: Jobs,
        job: Job,
        render: Callable[[Event], bytes],
        first: bytes = b"",
        last: bytes = b"",
        media_type: str = "text/event-stream",
    ) -> None:
        super().__init__(media_type=media_type, headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._jobs, self._job, self._render = jobs, job, render
        self._first, self._last = first, last
        self._reader = jobs.follow(job)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await _until_disconnect(receive, self._send_events(send))
        finally:
            self._jobs.leave(self._job, self._reader)

    async def _send_events(self, send: Send) -> bool:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": COMMENT + self._first, "more_body": True})
        keepalives = asyncio.create_task(_send_keepalives(send, self._jobs.heartbeat))
        try:
            while not isinstance(event := await self._reader.get(), End):
                if data := self._render(event):
                    await send({"type": "http.response.body", "body": data, "more_body": True})
        finally:
            keepalives.cancel()
        last = self._last if event.error is None else format_event(event.error.body(), "error")
        await send({"type": "http.response.body", "body": last, "more_body": False})
        return True


async def _send_keepalives(send: Send, heartbeat: Heartbeat) -> None:
    """Send the model thread's heartbeat as a comment each second, so that a thread that hangs is seen."""
    while True:
        await asyncio.sleep(KEEPALIVE_S)
        comment = heartbeat_comment(heartbeat.beat.activity.value, heartbeat.silent_s)
        await send({"type": "http.response.body", "body": comment, "more_body": True})


async def _until_disconnect(receive: Receive, work: Awaitable[Result]) -> Result | None:
    """Return the result of `work`; where the client disconnects first, cancel it and return None."""
    finished = asyncio.ensure_future(work)
    disconnected = asyncio.ensure_future(_wait_for_disconnect(receive))
    try:
        await asyncio.wait((finished, disconnected), return_when=asyncio.FIRST_COMPLETED)
        return finished.result() if finished.done() else None
    finally:
        for task in (finished, disconnected):
            task.cancel()


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
