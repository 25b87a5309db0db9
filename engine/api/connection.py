"""HTTP to one server; every failure on the way is an EngineError.

Invariant: answers are bounded in memory, redirects are not followed, and the API key is in no message.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
import msgspec

from engine.api.address import Address
from engine.api.errors import UNREADABLE, EngineError, Internal, Unavailable, from_wire

CONNECT_S = 10.0
PLAIN_ANSWER_S = 300.0
READY_S = 5.0
MAX_TEXT_BYTES = 8 << 20

CUT_SHORT = "The engine's answer was cut short."

Answer = TypeVar("Answer")
ErrorReader = Callable[[int, bytes, str | None], EngineError]
"""Makes an error of a failed answer's status, body and Retry-After."""


class Connection:
    """A client session for many requests at once to one server; close it."""

    def __init__(self, address: Address, api_key: str | None = None, read_error: ErrorReader = from_wire) -> None:
        self.address = address
        self._read_error = read_error
        self._headers = {"Accept-Encoding": "identity"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._open_session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close all connections; what still runs on them ends with Unavailable."""
        if self._open_session is not None:
            await self._open_session.close()
            self._open_session = None

    @asynccontextmanager
    async def request(
        self,
        method: str,
        path: str,
        body: bytes | aiohttp.FormData | None = None,
        headers: dict[str, str] | None = None,
        *,
        seconds: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send one request and yield its answer. Raises the error of an answer with a status of 300 or more.

        A path without a leading slash is below the API's version. `seconds` bounds the whole exchange; without it,
        each wait for more.
        """
        async with self._exchange(method, path, body, headers, seconds) as response:
            if response.status >= 300:
                error_body = await read(response, MAX_TEXT_BYTES)
                raise self._read_error(response.status, error_body, response.headers.get("Retry-After"))
            yield response

    async def get(self, path: str, *, seconds: float) -> tuple[int, bytes]:
        """Return the status and the body of a GET, whatever they are. Raises Unavailable where nothing answers."""
        async with self._exchange("GET", path, None, None, seconds) as response:
            return response.status, await read(response, MAX_TEXT_BYTES)

    @asynccontextmanager
    async def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | aiohttp.FormData | None,
        headers: dict[str, str] | None,
        seconds: float | None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        typed = {"Content-Type": "application/json"} if isinstance(body, bytes) else {}
        try:
            async with self._session.request(
                method,
                self.address.url(path),
                data=body,
                headers={**typed, **(headers or {})},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_S, sock_read=PLAIN_ANSWER_S),
            ) as response:
                yield response
        except aiohttp.ClientConnectorError as error:
            raise Unavailable("The engine cannot be reached.") from error
        except TimeoutError as error:
            raise Unavailable("The engine did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable(CUT_SHORT) from error

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open_session is None:  # made on first use, because aiohttp wants a running loop
            socket = self.address.socket
            connector = aiohttp.UnixConnector(str(socket), limit=0) if socket else aiohttp.TCPConnector(limit=0)
            self._open_session = aiohttp.ClientSession(connector=connector, headers=self._headers)
        return self._open_session


async def read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Return the whole body. Raises Unavailable where it is longer than the limit."""
    body = io.BytesIO()
    async for chunk in response.content.iter_any():
        body.write(chunk)
        if body.tell() > limit:
            raise Unavailable("The engine's answer is too large.")
    return body.getvalue()


def decode(body: bytes, kind: type[Answer]) -> Answer:
    """Read a JSON answer. Raises Internal where it is another."""
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        raise Internal("The engine's answer cannot be read; is this an OpenAI-shaped server?") from error
