"""The client of Limner's engine: OpenAI-shaped HTTP and server-sent events over a Unix socket or TCP.

Invariant: nothing but the errors of `engine.api.errors` leaves this module.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from types import TracebackType
from typing import Self
from urllib.parse import quote

import msgspec
from msgspec import structs

from engine.api.address import Address
from engine.api.answers import lists_limner_models, read_chat_text
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.connection import (
    CONNECT_S,
    CUT_SHORT,
    MAX_TEXT_BYTES,
    PLAIN_ANSWER_S,
    READY_S,
    Connection,
    decode,
    read,
)
from engine.api.errors import (
    BadRequest,
    EngineError,
    Internal,
    ModelLoading,
    Unauthorized,
    Unavailable,
    error_code,
    from_wire,
)
from engine.api.image_events import image_events
from engine.api.light_structlog import structlog
from engine.api.messages import (
    ChatRequest,
    Completed,
    ImageEvent,
    ImageRequest,
    Model,
    ModelList,
    StartImage,
    Status,
)
from engine.api.multipart import image_form
from engine.api.sse import WITH_FILES


class EngineClient:
    """One engine, many requests at once. Use it as an async context manager, or close it."""

    def __init__(self, address: Address, api_key: str | None = None) -> None:
        self._connection = Connection(address, api_key)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; what still runs on them ends with Unavailable."""
        await self._connection.close()

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        """Return the content of the language model's answer, which is streamed."""
        body = msgspec.json.encode(structs.replace(request, stream=True))
        headers = _request_id_header()
        async with self._connection.request(
            "POST", "chat/completions", body, headers, seconds=PLAIN_ANSWER_S
        ) as response:
            return await read_chat_text(response, from_wire, on_progress)

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        """Yield the events of this request, up to its n-th Completed.

        With `start`, painting begins from that picture: the request goes to /v1/images/edits as a form.
        `key` is sent as the Idempotency-Key: a second request with it joins the same job. Closing the generator closes
        the connection. A plain answer, from a server that does not stream, becomes Completed events.
        """
        headers = {"Accept": f"{WITH_FILES}, */*;q=0.9"}
        if key:
            headers["Idempotency-Key"] = key
        path = "images/edits" if start else "images/generations"
        body = image_form(request, start) if start else msgspec.json.encode(request)
        missing = request.n
        async with (
            self._connection.request("POST", path, body, headers) as response,
            aclosing(image_events(response, request.size, from_wire, commented=True)) as events,
        ):
            async for event in events:
                yield event
                missing -= isinstance(event, Completed)
                if missing == 0:
                    return
        raise Unavailable(CUT_SHORT)

    async def models(self) -> list[Model]:
        """Return what the engine has loaded."""
        async with self._connection.request("GET", "models", seconds=CONNECT_S) as response:
            return decode(await read(response, MAX_TEXT_BYTES), ModelList).data

    async def recognise(self) -> bool:
        """Tell whether this is Limner's engine: its models carry facts, or its error says that they are being loaded.

        Any other answer is that of a server which speaks OpenAI's API alone. Raises Unavailable where there is none
        or a passing one, Unauthorized where an engine refuses the key: then nothing is known yet.
        """
        status, body = await self._connection.get("models", seconds=CONNECT_S)
        code = error_code(body)
        if code == ModelLoading.code:
            return True
        if code == Unauthorized.code:
            raise from_wire(status, body)
        if status == 429 or status >= 500:
            raise Unavailable(f"The engine answered with status {status}.")
        return status == 200 and lists_limner_models(body)

    async def holds(self, key: str) -> bool:
        """Tell whether the engine has a job under this Idempotency-Key, or its pictures; False where it cannot tell."""
        try:
            async with self._connection.request("GET", f"jobs/{quote(key, safe='')}", seconds=CONNECT_S):
                return True
        except EngineError:
            return False

    async def cancel(self, key: str) -> None:
        """Cancel the job of this Idempotency-Key; an unknown key is no error.

        The header leads to the one engine of several that has the job.
        """
        path, headers = f"jobs/{quote(key, safe='')}", {"Idempotency-Key": key}
        with suppress(BadRequest):
            async with self._connection.request("DELETE", path, headers=headers, seconds=CONNECT_S):
                return

    async def ready(self) -> bool:
        """Tell whether the engine can work now: False while it loads and where nothing answers.

        A server without /readyz, one that is not Limner's, counts as ready.
        """
        try:
            async with self._connection.request("GET", "/readyz", seconds=READY_S):
                return True
        except (ModelLoading, Unavailable, Internal):
            return False
        except EngineError:
            return True

    async def status(self) -> Status:
        """Return the queue's state from /readyz; an empty Status from a server that does not report it."""
        try:
            async with self._connection.request("GET", "/readyz", seconds=READY_S) as response:
                return decode(await read(response, MAX_TEXT_BYTES), Status)
        except (ModelLoading, Unavailable):
            raise
        except EngineError:
            return Status()


def _request_id_header() -> dict[str, str]:
    """Return the header with the job's id of the log's context, so that both processes' logs name the job alike."""
    job_id = structlog.contextvars.get_contextvars().get("job_id")
    return {"X-Request-Id": str(job_id)} if job_id else {}
