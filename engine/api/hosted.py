"""The bot's way to a server that speaks OpenAI's API and is not Limner's: OpenAI itself, vLLM, SGLang and others.

Invariant: nothing but the errors of `engine.api.errors` leaves this module; words that leave this machine are scrubbed
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
from engine.api.connection import (
    CONNECT_S,
    CUT_SHORT,
    PLAIN_ANSWER_S,
    READY_S,
    Connection,
)
from engine.api.dialect import (
    Fields,
    Scrub,
    chat_fields,
    dialect_of,
    image_fields,
    optional_fields,
    painter_facts,
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
"""For so long a server that answered counts as ready without being asked again."""

Kind = Literal["painter", "planner"]
Composed = tuple[Fields, dict[str, bytes | None]]
SETTING: dict[Kind, str] = {"painter": "LIMNER_MODEL", "planner": "LIMNER_PLANNER"}


class HostedClient:
    """One service. `painter` and `planner` name its models; an empty name means the only one that it lists.

    None means that it is not asked for this: a server of one painter must not be taken for a language model.
    """

    def __init__(
        self, address: Address, api_key: str | None, scrub: Scrub, *, painter: str | None, planner: str | None
    ) -> None:
        self._key = (api_key or "").encode()
        self._connection = Connection(address, api_key, self._read_fault)
        self._scrub: Scrub = _unchanged if address.local else scrub
        self._names: dict[Kind, str | None] = {"painter": painter, "planner": planner}
        self._refused: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._answered_at = -FRESH_S

    async def close(self) -> None:
        await self._connection.close()

    async def chat(self, request: ChatRequest) -> str:
        """Return the content of the language model's answer."""
        name = await self._name("planner", request.model)

        def compose(refused: set[str]) -> Composed:
            return chat_fields(request, name, self._scrub, refused), {}

        async with self._accepted("chat/completions", name, compose, seconds=PLAIN_ANSWER_S) as (response, _):
            return await read_chat_text(response)

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        """Yield what the service tells of this request, up to its n-th Completed; then end.

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
            async with aclosing(self._painted(part, name, start)) as events:
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
        found: list[Model] = []
        missing: EngineError | None = None
        for kind in SETTING:
            try:
                name = await self._name(kind)
            except BadRequest as error:
                missing = error
                continue
            found.append(Model(name, owned_by=self._connection.address.host, limner=self._facts(kind, name)))
        if missing and not found:
            raise missing
        return found

    async def cancel(self, key: str) -> None:
        """Do nothing: work here ends with the connection that asked for it."""

    async def ready(self) -> bool:
        """Tell whether the service answers, by its model list. A refusal is an answer: the request will tell it."""
        if time.monotonic() - self._answered_at < FRESH_S:
            return True
        try:
            status, _ = await self._connection.look("models", seconds=READY_S)
        except Unavailable:
            return False
        if status >= 500:
            return False
        self._answered_at = time.monotonic()
        return True

    async def status(self) -> Status:
        """Return an empty Status: no such service tells its queue."""
        return Status()

    def _facts(self, kind: Kind, name: str) -> ModelFacts:
        hosted = not self._connection.address.local
        if kind == "planner":
            return ModelFacts(kind="planner", hosted=hosted)
        refused = self._refused["images/generations", name] | self._refused["images/edits", name]
        return painter_facts(dialect_of(name), refused, hosted=hosted)

    def _read_fault(self, status: int, body: bytes, retry_after: str | None) -> EngineError:
        return read_service_error(status, body.replace(self._key, b"...") if self._key else body, retry_after)

    async def _painted(
        self, request: ImageRequest, name: str, start: StartImage | None
    ) -> AsyncGenerator[ImageEvent, None]:
        def compose(refused: set[str]) -> Composed:
            return image_fields(request, name, start, self._scrub, refused)

        path = "images/edits" if start else "images/generations"
        finished = False
        async with self._accepted(path, name, compose) as (response, fields):
            events = image_events(response, fields.get("size"), self._read_fault, commented=False)
            async with aclosing(events):
                async for event in events:
                    finished = finished or isinstance(event, Completed)
                    yield event
            if not finished and response.content_type == "text/event-stream":
                raise Unavailable(CUT_SHORT)

    @asynccontextmanager
    async def _accepted(
        self, path: str, name: str, compose: Callable[[set[str]], Composed], *, seconds: float | None = None
    ) -> AsyncIterator[tuple[aiohttp.ClientResponse, Fields]]:
        """Ask until the service takes the request: without the fields that it refuses, after the pauses that it names.

        What it refused is remembered for this model. Lends the answer and the fields that were sent.
        """
        refused = set(self._refused[path, name])
        pauses = PAUSES
        async with AsyncExitStack() as stack:
            for repeat in range(MAX_REPEATS):
                fields, files = compose(refused)
                body = form(fields, files) if files else msgspec.json.encode(fields)
                try:
                    response = await stack.enter_async_context(
                        self._connection.ask("POST", path, body, seconds=seconds)
                    )
                    break
                except BadRequest as error:
                    field = unsupported_field(error, optional_fields(fields))
                    if field is None or repeat == MAX_REPEATS - 1:
                        raise
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

    async def _name(self, kind: Kind, asked: str = "default") -> str:
        """Return the model's name there. Raises BadRequest where it is neither set nor clear, or another is asked for:
        each has its price, and the host chose this one."""
        if self._names[kind] == "":
            with suppress(BadRequest, Internal):
                async with self._connection.ask("GET", "models", seconds=CONNECT_S) as response:
                    listed = await read_model_list(response)
                if len(listed) == 1:
                    self._names[kind] = listed[0].id
        name = self._names[kind]
        if not name:
            raise BadRequest(f"The host needs to set {SETTING[kind]} to the name of one of the service's models.")
        if asked not in ("default", name):
            raise BadRequest(f"The model {asked} is not offered here; there is {name}.")
        return name


def _unchanged(text: str) -> str:
    return text
