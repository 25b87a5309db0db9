"""The bot's way to an engine: OpenAI-shaped HTTP and server-sent events over a Unix socket or TCP.

Invariant: nothing but the errors of `engine.api.errors` leaves this module; no server makes it hold unbounded memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from msgspec import Struct, structs

from engine.api.address import Address
from engine.api.errors import BadRequest, EngineError, Internal, ModelLoading, Unavailable, from_wire
from engine.api.messages import (
    ChatRequest,
    Completed,
    ImageEvent,
    ImageRequest,
    ImagesResponse,
    Model,
    ModelList,
    StartImage,
    Status,
)
from engine.api.multipart import image_form
from engine.api.sse import EventReader, TooLong

CONNECT_S = 10.0
PLAIN_ANSWER_S = 300.0
SILENCE_S = 30.0
"""A Limner engine sends a comment each second; one that was silent for so long is dead."""
READY_S = 5.0
MAX_PICTURE_BYTES = 48 << 20
MAX_ANSWER_BYTES = 4 * MAX_PICTURE_BYTES
MAX_TEXT_BYTES = 8 << 20

_CUT_SHORT = "The engine's answer was cut short."


Answer = TypeVar("Answer")


class _Message(Struct):
    content: str | None = None


class _Choice(Struct):
    message: _Message


class _ChatAnswer(Struct):
    choices: list[_Choice]


class _Kind(Struct):
    type: str = ""
    error: Any = None


_EVENTS = {"queued", "progress", "partial_image", "completed"}
_FAMILIES = {"image_generation", "image_edit"}
_event_decoder: msgspec.json.Decoder[ImageEvent] = msgspec.json.Decoder(ImageEvent)
_kind_decoder = msgspec.json.Decoder(_Kind)


class EngineClient:
    """One engine, many requests at once. Use it as an async context manager, or close it."""

    def __init__(self, address: Address, api_key: str | None = None) -> None:
        self._address = address
        self._headers = {"Accept-Encoding": "identity"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._open_session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; what still runs on them ends with Unavailable."""
        if self._open_session is not None:
            await self._open_session.close()
            self._open_session = None

    async def chat(self, request: ChatRequest) -> str:
        """Return the content of the language model's answer."""
        body = msgspec.json.encode(structs.replace(request, stream=False))
        async with self._ask("POST", "/v1/chat/completions", body, seconds=PLAIN_ANSWER_S) as response:
            answer = _decode(await _read(response, MAX_TEXT_BYTES), _ChatAnswer)
        content = answer.choices[0].message.content if answer.choices else None
        if content is None:
            raise Internal("The language model answered with no text.")
        return content

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        """Yield what the engine tells of this request, up to its n-th Completed; then end.

        With `start`, painting begins from that picture: the request goes to /v1/images/edits as a form.
        `key` is sent as the Idempotency-Key: who asks again with it joins the same work. Closing the generator closes
        the connection. A plain answer, from a server that does not stream, becomes Completed events.
        """
        headers = {"Idempotency-Key": key} if key else {}
        path = "/v1/images/edits" if start else "/v1/images/generations"
        body = image_form(request, start) if start else msgspec.json.encode(request)
        async with self._ask("POST", path, body, headers) as response:
            streamed = response.content_type == "text/event-stream"
            missing = request.n
            async with aclosing(_stream(response) if streamed else _plain(response, request)) as events:
                async for event in events:
                    yield event
                    missing -= isinstance(event, Completed)
                    if missing == 0:
                        return
        raise Unavailable(_CUT_SHORT)

    async def models(self) -> list[Model]:
        """Return what the engine has loaded."""
        async with self._ask("GET", "/v1/models", seconds=CONNECT_S) as response:
            return _decode(await _read(response, MAX_TEXT_BYTES), ModelList).data

    async def cancel(self, key: str) -> None:
        """Stop the work that was asked for under this key; a key that the engine does not know is fine."""
        with suppress(BadRequest):
            async with self._ask("DELETE", f"/v1/jobs/{quote(key, safe='')}", seconds=CONNECT_S):
                return

    async def ready(self) -> bool:
        """Tell whether the engine can work now: False while it loads and where nothing answers.

        A server without /readyz, one that is not Limner's, counts as ready.
        """
        try:
            async with self._ask("GET", "/readyz", seconds=READY_S):
                return True
        except (ModelLoading, Unavailable, Internal):
            return False
        except EngineError:
            return True

    async def status(self) -> Status:
        """Return what /readyz tells of the queue; an empty Status from a server that does not tell."""
        try:
            async with self._ask("GET", "/readyz", seconds=READY_S) as response:
                return _decode(await _read(response, MAX_TEXT_BYTES), Status)
        except (ModelLoading, Unavailable):
            raise
        except EngineError:
            return Status()

    @asynccontextmanager
    async def _ask(
        self,
        method: str,
        path: str,
        body: bytes | aiohttp.FormData | None = None,
        headers: dict[str, str] | None = None,
        *,
        seconds: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request and lend its answer; every failure on the way becomes an EngineError.

        `seconds` bounds the whole exchange; without it, each wait for more.
        """
        typed = {"Content-Type": "application/json"} if isinstance(body, bytes) else {}
        try:
            async with self._session.request(
                method,
                f"{self._address.base}{path}",
                data=body,
                headers={**typed, **(headers or {})},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_S, sock_read=PLAIN_ANSWER_S),
            ) as response:
                if response.status >= 300:
                    fault = await _read(response, MAX_TEXT_BYTES)
                    raise from_wire(response.status, fault, response.headers.get("Retry-After"))
                yield response
        except aiohttp.ClientConnectorError as error:
            raise Unavailable("The engine cannot be reached.") from error
        except TimeoutError as error:
            raise Unavailable("The engine did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable(_CUT_SHORT) from error

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open_session is None:  # made on first use, because aiohttp wants a running loop
            socket = self._address.socket
            connector = aiohttp.UnixConnector(str(socket), limit=0) if socket else aiohttp.TCPConnector(limit=0)
            self._open_session = aiohttp.ClientSession(connector=connector, headers=self._headers)
        return self._open_session


async def _stream(response: aiohttp.ClientResponse) -> AsyncGenerator[ImageEvent, None]:
    reader = EventReader(MAX_PICTURE_BYTES)
    while True:
        async with asyncio.timeout(SILENCE_S if reader.kept_warm else PLAIN_ANSWER_S):
            chunk = await response.content.readany()
        if not chunk:
            return
        try:
            events = reader.feed(chunk)
        except TooLong:
            raise Unavailable("The engine sent more than a picture can hold.") from None
        for data in events:
            event = _event(data)
            if event is not None:
                yield event


def _event(data: bytes) -> ImageEvent | None:
    """Read one event; None for a type that this client does not know. Raises the error that an error event carries."""
    if data == b"[DONE]":
        return None
    try:
        kind = _kind_decoder.decode(data)
        if kind.error is not None:
            raise from_wire(500, data)
        family, _, name = kind.type.partition(".")
        if family not in _FAMILIES or name not in _EVENTS:
            return None
        if family == "image_generation":
            return _event_decoder.decode(data)
        fields = msgspec.json.decode(data, type=dict[str, Any])  # OpenAI's edits tell the same under another family
        event: ImageEvent = msgspec.convert({**fields, "type": f"image_generation.{name}"}, type=ImageEvent)
        return event
    except msgspec.MsgspecError as error:
        raise Unavailable("The engine sent an event that cannot be read.") from error


async def _plain(response: aiohttp.ClientResponse, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]:
    answer = _decode(await _read(response, MAX_ANSWER_BYTES), ImagesResponse)
    for index, image in enumerate(answer.data):
        if image.b64_json is None:
            raise Internal("The engine answered with no picture data.")
        yield Completed(
            b64_json=image.b64_json,
            index=index,
            size=answer.size or request.size,
            seed=image.seed,
            steps=answer.steps,
            model=answer.model,
            output_format=answer.output_format or "png",
            created_at=answer.created,
        )


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise Unavailable("The engine's answer is too large.")
    return bytes(body)


def _decode(body: bytes, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise Internal("The engine's answer cannot be read; is this an OpenAI-shaped server?") from error
