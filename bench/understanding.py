"""What survives of a request with the starter: as shipped, with its language model alone, and with no model at all."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import structs

from bench.result import Result
from bot.domain.jobs import Order
from bot.domain.prompt import PromptSpec, as_written
from bot.host.engine_process import EngineProcess
from bot.services.draw import read_facts, understood
from bot.understanding.conversation import Request, Version
from bot.understanding.understand import fallen_back
from engine.api.address import Address
from engine.api.client import EngineClient
from engine.api.errors import EngineError
from engine.api.messages import ChatMessage, ChatRequest, JsonSchema, ResponseFormat
from engine.starter.reader.spec import json_schema
from harness.request_table import HELD_OUT, INDEPENDENT, TUNING, Row, load, lost
from harness.right_answers import find_harm, load_right

Reader = Callable[[Order], Awaitable[PromptSpec]]
NOTHING = PromptSpec("", [], "")
LOAD_S = 120.0


def understanding() -> list[Result]:
    """Measure every part of the table of requests, and what harm is done to right answers."""
    return [*asyncio.run(_understanding()), *asyncio.run(_harm())]


async def _harm() -> list[Result]:
    """Return the share of right answers, by language, that the painter did not get as they were."""
    rows = load_right()
    harmed = [row for row, _ in await find_harm(rows)]
    languages = Counter(row.lang for row in rows)
    results = [Result("understanding: harm to right answers", "%", [100 * len(harmed) / len(rows)], ceiling=1.0)]
    for lang, count in sorted(languages.items()):
        share = 100 * sum(row.lang == lang for row in harmed) / count
        results.append(Result(f"understanding: harm to right answers, {lang} ({count})", "%", [share], ceiling=1.0))
    return results


async def _understanding() -> list[Result]:
    results = []
    async with engine() as client:
        planner, facts = Once(client), read_facts(await client.models())
        for part, name in ((TUNING, "tuning part"), (HELD_OUT, "held-out part"), (INDEPENDENT, "independent part")):
            rows = load(part)
            ours = await measure(rows, lambda order: understood(planner, order, facts))
            for beside, read in (("the model alone", _alone(planner)), ("no model", _no_model), ("words", _words)):
                other = await measure(rows, read)
                results += [
                    Result(f"understanding: promises kept, {name}", "%", [ours.kept], [other.kept], beside),
                    Result(f"understanding: requests kept whole, {name}", "%", [ours.whole], [other.whole], beside),
                ]
            results.append(Result(f"understanding: a request, {name}", "s", ours.seconds, ceiling=0.5))
    return results


class Once:
    """An engine that is asked each thing once: greedy answers do not change, and both sides ask much of the same."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._answers: dict[bytes, str | EngineError] = {}

    async def chat(self, request: ChatRequest) -> str:
        key = msgspec.json.encode(request)
        if key not in self._answers:
            try:
                self._answers[key] = await self._client.chat(request)
            except EngineError as error:
                self._answers[key] = error
        answer = self._answers[key]
        if isinstance(answer, EngineError):
            raise answer
        return answer


@dataclass(frozen=True, slots=True)
class Measured:
    """`kept` and `whole` are shares in percent, of promises and of rows; `broken` names what each row lost."""

    kept: float
    whole: float
    seconds: list[float]
    broken: list[tuple[Row, PromptSpec, list[str]]]


async def measure(rows: Iterable[Row], read: Reader) -> Measured:
    """Understand each row's words, an edit upon its first request, and see what survived."""
    promises, rows, seconds, broken = 0, list(rows), [], []
    for row in rows:
        base = await read(Order(row.first)) if row.first else None
        started = time.perf_counter()
        spec = await read(Order(row.words, base=base))
        seconds.append(time.perf_counter() - started)
        promises += row.promises
        if gone := lost(row, spec):
            broken.append((row, spec, gone))
    kept = 1 - sum(len(gone) for _, _, gone in broken) / promises
    return Measured(round(100 * kept, 1), round(100 - 100 * len(broken) / len(rows), 1), seconds, broken)


async def _words(order: Order) -> PromptSpec:
    """Take the words as written, also those of a change."""
    return as_written(order.words)


async def _no_model(order: Order) -> PromptSpec:
    """Take what is drawn where no language model answers."""
    versions = [Version(order.base.understood, order.base)] if order.base else []
    return fallen_back(Request(order.words, versions))


def _alone(planner: Once) -> Reader:
    """Take the model's answer as it is, without the reader beside it; where there is none, nothing is kept."""

    async def read(order: Order) -> PromptSpec:
        turns = [ChatMessage("system", "Answer with a PromptSpec.")]
        if order.base:
            turns.append(ChatMessage("user", order.base.understood))
            turns.append(ChatMessage("assistant", json.dumps(structs.asdict(order.base), ensure_ascii=False)))
        wanted = ResponseFormat("json_schema", JsonSchema("alone", json_schema()))
        turns.append(ChatMessage("user", order.words))
        request = ChatRequest(turns, max_tokens=600, temperature=0.0, response_format=wanted)
        with suppress(EngineError, msgspec.MsgspecError):
            return msgspec.json.decode(await planner.chat(request), type=PromptSpec)
        return NOTHING

    return read


@asynccontextmanager
async def engine() -> AsyncIterator[EngineClient]:
    """Yield a client of an engine with the starter pair, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="limner-") as directory:
        socket = Path(directory) / "engine.sock"
        process = asyncio.create_task(EngineProcess(socket, quiet=True).run_once())
        try:
            async with EngineClient(Address("http://engine", socket)) as client, asyncio.timeout(LOAD_S):
                while not await client.ready():
                    await asyncio.sleep(0.1)
            async with EngineClient(Address("http://engine", socket)) as client:
                yield client
        finally:
            process.cancel()
            with suppress(asyncio.CancelledError):
                await process
