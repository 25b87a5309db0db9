"""What of a request reaches the painter: its words as written, no model, the model alone, and as shipped.

Each line is one language of one set of requests. *Whole*: nothing that was asked for is lost. *Harm*: something is lost
that the model alone would have kept. *Added*: something is named as asked for, or left out, that nobody named.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import structs

from bench.result import Measurement, Result
from bot.domain.jobs import Order
from bot.domain.prompt import PromptSpec, as_written
from bot.host.engine_process import EngineProcess
from bot.services.draw import read_facts, understood
from bot.understanding.conversation import Request, Version
from bot.understanding.understand import fallen_back
from engine.api.address import Address
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.client import EngineClient
from engine.api.errors import EngineError
from engine.api.messages import ChatMessage, ChatRequest, JsonSchema, ResponseFormat
from engine.starter.reader.spec import json_schema
from harness.request_table import HELD_OUT, INDEPENDENT, TUNING, Row, added, load, load_strangers, lost, row_of
from harness.right_answers import Right, draw_right, load_right
from harness.virtual_time import OneByOne, burst

Reader = Callable[[Order], Awaitable[PromptSpec]]
NOTHING = PromptSpec("", [], "")
LOAD_S = 120.0
WORDS, NO_MODEL, ALONE, SHIPPED = WAYS = ("words as written", "no model", "the model alone", "as shipped")
SHORT = {WORDS: "words", NO_MODEL: "no model", ALONE: "alone", SHIPPED: "shipped"}
BURST, SLOW_S = 12, 3.0
HARM_PERCENT = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of requests, in percent."""

    whole: float
    harm: float
    added: float


@dataclass(frozen=True, slots=True)
class Table:
    """One line: how some requests fare in each of the WAYS."""

    name: str
    requests: int
    scores: dict[str, Score]

    def facts(self) -> dict[str, object]:
        scores = {way: {name: getattr(score, name) for name in MEASURES} for way, score in self.scores.items()}
        return {"name": self.name, "unit": "%", "requests": self.requests, "ways": scores}

    def __str__(self) -> str:
        measures = []
        for measure in MEASURES:
            values = (f"{SHORT[way]} {getattr(score, measure):g}" for way, score in self.scores.items())
            measures.append(f"{measure}: {', '.join(values)}")
        return f"{f'{self.name} ({self.requests})':<44} {'; '.join(measures)} %"


MEASURES = ("whole", "harm", "added")


def understanding() -> list[Measurement]:
    """Measure every set of requests with the starter, the right answers with a model that gives them, and a burst."""
    return [*asyncio.run(_starter()), *asyncio.run(_right()), _burst()]


async def _starter() -> list[Measurement]:
    results: list[Measurement] = []
    async with engine() as client:
        planner, facts = Once(client), read_facts(await client.models())
        ways = {
            WORDS: _words,
            NO_MODEL: _no_model,
            ALONE: _alone(planner),
            SHIPPED: lambda order: understood(planner, order, facts),
        }
        parts = [(part, load(part)) for part in (TUNING, HELD_OUT, INDEPENDENT)]
        for part, rows in [*parts, ("strangers", load_strangers())]:
            specs: dict[str, list[PromptSpec]] = {}
            for way, read in ways.items():
                specs[way], seconds = await _read_all(rows, read)
            results += tables(f"understanding: {part}", rows, specs)
            results.append(Result(f"understanding: a request as shipped, {part}", "s", seconds, ceiling=0.5))
    return results


async def _right() -> list[Measurement]:
    """Compare with the right answers, given by a stand-in; harm to their texts is counted to the letter, too."""
    right = load_right()
    rows = [row_of(each) for each in right]
    painted = await draw_right(right)
    answers = [PromptSpec(**each.answer) for each in right]
    specs = {
        WORDS: [as_written(each.words) for each in right],
        NO_MODEL: [await _no_model(_order(each)) for each in right],
        ALONE: answers,
        SHIPPED: [
            structs.replace(answer, prompt=prompt, negative=negative)
            for answer, (prompt, negative) in zip(answers, painted, strict=True)
        ],
    }
    harmed = [each.harmed(*prompts) for each, prompts in zip(right, painted, strict=True)]
    harm = Result("understanding: right answers changed", "%", [_percent(harmed)], ceiling=HARM_PERCENT)
    return [*tables("understanding: right answers", rows, specs), harm]


def _order(right: Right) -> Order:
    return Order(right.words, base=PromptSpec(**right.base) if right.base else None)


def _burst() -> Result:
    name = f"understanding: of {BURST} at once, {SLOW_S:g} s each"
    return Result(name, "understood", [float(burst(OneByOne(SLOW_S), BURST)[0])])


def tables(name: str, rows: Sequence[Row], specs: dict[str, list[PromptSpec]]) -> list[Measurement]:
    """Return a line for all rows, then one for each of their languages."""
    every = list(range(len(rows)))
    languages = {lang: [at for at in every if rows[at].lang == lang] for lang in sorted({row.lang for row in rows})}
    chosen = {f"{name}, all": every} | {f"{name}, {lang}": of_lang for lang, of_lang in languages.items()}
    return [
        Table(title, len(of), {way: _score([rows[at] for at in of], *_both(specs, way, of)) for way in WAYS})
        for title, of in chosen.items()
    ]


def _both(specs: dict[str, list[PromptSpec]], way: str, of: list[int]) -> tuple[list[PromptSpec], list[PromptSpec]]:
    return [specs[way][at] for at in of], [specs[ALONE][at] for at in of]


def _score(rows: Sequence[Row], specs: Sequence[PromptSpec], alone: Sequence[PromptSpec]) -> Score:
    gone = [set(lost(row, spec)) for row, spec in zip(rows, specs, strict=True)]
    gone_alone = [set(lost(row, spec)) for row, spec in zip(rows, alone, strict=True)]
    return Score(
        whole=_percent([not each for each in gone]),
        harm=_percent([bool(ours - theirs) for ours, theirs in zip(gone, gone_alone, strict=True)]),
        added=_percent([bool(added(row, spec)) for row, spec in zip(rows, specs, strict=True)]),
    )


def _percent(values: Sequence[bool]) -> float:
    return round(100 * sum(values) / max(1, len(values)), 1)


async def _read_all(rows: Iterable[Row], read: Reader) -> tuple[list[PromptSpec], list[float]]:
    """Understand each row's words, upon what its earlier requests were understood as; return seconds of the last."""
    specs, seconds = [], []
    for row in rows:
        base = None
        for words in row.chain:
            base = await read(Order(words, base=base))
        began = time.perf_counter()
        specs.append(await read(Order(row.words, base=base)))
        seconds.append(time.perf_counter() - began)
    return specs, seconds


class Once:
    """An engine that is asked each thing once: greedy answers do not change, and both sides ask much of the same."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._answers: dict[bytes, str | EngineError] = {}

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        key = msgspec.json.encode(request)
        if key not in self._answers:
            try:
                self._answers[key] = await self._client.chat(request, on_progress)
            except EngineError as error:
                self._answers[key] = error
        answer = self._answers[key]
        if isinstance(answer, EngineError):
            raise answer
        return answer


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
