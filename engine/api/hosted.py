"""The client of other servers that speak OpenAI's API: OpenAI itself, vLLM, SGLang.

Invariant: nothing but the errors of `engine.api.errors` leaves this module; texts that leave this machine are scrubbed
first, and no user is named.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from typing import Literal

import aiohttp
import msgspec
from msgspec import structs

from engine.api.address import Address
from engine.api.answers import read_chat_text, read_model_list
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.connection import (
    CONNECT_S,
    CUT_SHORT,
    PLAIN_ANSWER_S,
    READY_S,
    Connection,
)
from engine.api.dialect import (
    Fields,
    Files,
    Scrub,
    chat_fields,
    dialect_of,
    image_fields,
    optional_fields,
    painter_facts,
    refused_part,
)
from engine.api.errors import BadRequest, EngineError, Internal, QueueFull, Unavailable
from engine.api.image_events import image_events
from engine.api.messages import (
    ChatRequest,
    Completed,
    ImageEvent,
    ImageRequest,
    Model,
    ModelFacts,
    StartImage,
    Status,
)
from engine.api.multipart import form
from engine.api.service_errors import read_service_error, unsupported_field

MAX_REPEATS = 12
LONGEST_PAUSE_S = 20.0
PAUSES = 2
FRESH_S = 20.0
"""For so long after an answer a server counts as ready without another request."""

Role = Literal["painter", "planner"]
Composed = tuple[Fields, Files]
SETTINGS: dict[Role, str] = {"painter": "LIMNER_MODEL", "planner": "LIMNER_PLANNER"}


class HostedClient:
    """One service. `painter` and `planner` name its models; an empty name means the only one that it lists.

    None means that it is not asked for this: a server of one painter must not be taken for a language model.
    """

    def __init__(
        self, address: Address, api_key: str | None, scrub: Scrub, *, painter: str | None, planner: str | None
    ) -> None:
        self._key = (api_key or "").encode()
        self._connection = Connection(address, api_key, self._read_error)
        self._scrub: Scrub = _unchanged if address.local else scrub
        self._names: dict[Role, str | None] = {"painter": painter, "planner": planner}
        self._refused: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._answered_at = -FRESH_S

    async def close(self) -> None:
        await self._connection.close()

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        """Return the content of the language model's answer, streamed where the service can."""
        name = await self._name("planner", request.model)

        def compose(refused: set[str]) -> Composed:
            return chat_fields(request, name, self._scrub, refused), []

        async with self._send_until_accepted("chat/completions", name, compose, seconds=PLAIN_ANSWER_S) as (
            response,
            _,
        ):
            return await read_chat_text(response, self._read_error, on_progress)

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        """Yield the events of this request, up to its n-th Completed.

        Where it paints fewer pictures a request than asked for, the rest is asked for after them, each with a seed of
        its own. `key` is not sent: no such service promises to honour it.
        """
        name = await self._name("painter", request.model)
        most = dialect_of(name).per_request
        done = 0
        while done < request.n:
            seed = None if request.seed is None else request.seed + done
            part = structs.replace(request, n=min(most, request.n - done), seed=seed)
            before = done
            async with aclosing(self._paint_part(part, name, start)) as events:
                async for event in events:
                    if isinstance(event, Completed):
                        yield structs.replace(event, index=done)
                        done += 1
                    else:
                        yield event
                    if done == request.n:
                        return
            if done == before:
                raise Internal("The service answered with no picture.")

    async def models(self) -> list[Model]:
        """Return the painter and the language model, each where one is named. Raises EngineError where none is."""
        models: list[Model] = []
        missing: EngineError | None = None
        for role in SETTINGS:
            try:
                name = await self._name(role)
            except BadRequest as error:
                missing = error
                continue
            models.append(Model(name, owned_by=self._connection.address.host, limner=self._facts(role, name)))
        if missing and not models:
            raise missing
        return models

    async def holds(self, key: str) -> bool:
        """Return False: no such service is sent a key."""
        return False

    async def cancel(self, key: str) -> None:
        """Do nothing: such a service stops when the connection closes."""

    async def ready(self) -> bool:
        """Tell whether the service answers, by its model list. A refusal is an answer: the next request raises it."""
        if time.monotonic() - self._answered_at < FRESH_S:
            return True
        try:
            status, _ = await self._connection.get("models", seconds=READY_S)
        except Unavailable:
            return False
        if status >= 500:
            return False
        self._answered_at = time.monotonic()
        return True

    async def status(self) -> Status:
        """Return an empty Status: no such service reports its queue."""
        return Status()

    def _facts(self, role: Role, name: str) -> ModelFacts:
        hosted = not self._connection.address.local
        if role == "planner":
            return ModelFacts(kind="planner", hosted=hosted)
        refused = self._refused["images/generations", name] | self._refused["images/edits", name]
        return painter_facts(dialect_of(name), refused, hosted=hosted)

    def _read_error(self, status: int, body: bytes, retry_after: str | None) -> EngineError:
        return read_service_error(status, body.replace(self._key, b"...") if self._key else body, retry_after)

    async def _paint_part(
        self, request: ImageRequest, name: str, start: StartImage | None
    ) -> AsyncGenerator[ImageEvent, None]:
        def compose(refused: set[str]) -> Composed:
            return image_fields(request, name, start, self._scrub, refused)

        path = "images/edits" if start else "images/generations"
        finished = False
        async with self._send_until_accepted(path, name, compose) as (response, fields):
            events = image_events(response, fields.get("size"), self._read_error, commented=False)
            async with aclosing(events):
                async for event in events:
                    finished = finished or isinstance(event, Completed)
                    yield event
            if not finished and response.content_type == "text/event-stream":
                raise Unavailable(CUT_SHORT)

    @asynccontextmanager
    async def _send_until_accepted(
        self, path: str, name: str, compose: Callable[[set[str]], Composed], *, seconds: float | None = None
    ) -> AsyncIterator[tuple[aiohttp.ClientResponse, Fields]]:
        """Repeat the request without the fields that the service refuses, and after the pauses that it names.

        Refused fields are remembered for this model. Yields the answer and the fields that were sent.
        """
        refused = set(self._refused[path, name])
        pauses = PAUSES
        async with AsyncExitStack() as stack:
            for repeat in range(MAX_REPEATS):
                fields, files = compose(refused)
                body = form(fields, files) if files else msgspec.json.encode(fields)
                try:
                    response = await stack.enter_async_context(
                        self._connection.request("POST", path, body, seconds=seconds)
                    )
                    break
                except BadRequest as error:
                    field = unsupported_field(error, optional_fields(fields))
                    if field is None or repeat == MAX_REPEATS - 1:
                        raise
                    field = refused_part(field, fields)
                    refused.add(field)
                    if field != "size":  # another size may well be taken
                        self._refused[path, name].add(field)
                except QueueFull as error:
                    if not pauses or error.retry_after is None or error.retry_after > LONGEST_PAUSE_S:
                        raise
                    pauses -= 1
                    await asyncio.sleep(error.retry_after)
                except Unavailable:
                    self._answered_at = -FRESH_S
                    raise
            self._answered_at = time.monotonic()
            yield response, fields

    async def _name(self, role: Role, asked: str = "default") -> str:
        """Return the model's name there. Raises BadRequest where it is neither set nor clear, or another is asked for:
        each has its price, and the host chose this one."""
        if self._names[role] == "":
            with suppress(BadRequest, Internal):
                async with self._connection.request("GET", "models", seconds=CONNECT_S) as response:
                    listed = await read_model_list(response)
                if len(listed) == 1:
                    self._names[role] = listed[0].id
        name = self._names[role]
        if not name:
            raise BadRequest(f"The host needs to set {SETTINGS[role]} to the name of one of the service's models.")
        if asked not in ("default", name):
            raise BadRequest(f"The model {asked} is not offered here; there is {name}.")
        return name


def _unchanged(text: str) -> str:
    return text
