"""Schemas of requests are compiled beside the event loop, within a budget; a hostile one is refused in a sentence."""

from __future__ import annotations

import asyncio
import signal
import string
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import psutil
import pytest
from llguidance import LLMatcher

from engine.api.errors import BadRequest
from engine.api.messages import JsonSchema, ResponseFormat
from engine.chatting import grammar, schema_compiler
from engine.chatting.constrained_decoding import Grammar, grammar_tokenizer
from engine.chatting.grammar import KEPT_GRAMMARS, GrammarCompiler
from harness import tiny_pipelines as tiny
from tests.engine.conftest import EngineProcess

HOSTILE = {"allOf": [{"type": "string", "pattern": f".*{letter * 3}.*"} for letter in string.ascii_lowercase]}
"""About a kilobyte, for which llguidance searches for minutes and takes gigabytes."""
PLAIN = {"type": "object", "properties": {"understood": {"type": "string"}}, "required": ["understood"]}
BUDGET_S = 25.0
"""CPU_S on a machine that others use too."""


def wanted(schema: dict[str, Any]) -> ResponseFormat:
    return ResponseFormat("json_schema", JsonSchema("x", schema))


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The schemas for which a process was started."""
    started: list[bytes] = []
    run = grammar._run

    async def counted(schema: bytes) -> bytes:
        started.append(schema)
        return await run(schema)

    monkeypatch.setattr(grammar, "_run", counted)
    return started


async def test_a_schema_is_compiled_once_and_its_grammar_is_llguidances(runs: list[bytes]) -> None:
    compiler = GrammarCompiler()
    first, *others = [await compiler.compile(wanted(PLAIN)) for _ in range(3)]
    assert others == [first, first]
    assert first == schema_compiler.compile_schema(msgspec.json.encode(PLAIN).decode())
    assert not LLMatcher.validate_grammar(first)
    assert len(runs) == 1


async def test_refusals_are_kept_and_what_is_kept_is_bounded(
    runs: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = GrammarCompiler()
    for _ in range(2):
        with pytest.raises(BadRequest, match="response_format: this schema cannot be kept to"):
            await compiler.compile(wanted({"type": "nothing"}))
    assert len(runs) == 1

    async def quick(schema: bytes) -> bytes:
        return schema_compiler.COMPILED + schema

    monkeypatch.setattr(grammar, "_run", quick)
    for number in range(2 * KEPT_GRAMMARS):
        await compiler.compile(wanted({"const": number}))
    assert len(compiler._kept) == KEPT_GRAMMARS


async def test_no_schema_is_no_process(runs: list[bytes]) -> None:
    compiler = GrammarCompiler()
    assert await compiler.compile(None) is await compiler.compile(ResponseFormat("text")) is None
    with pytest.raises(BadRequest, match="json_schema is missing"):
        await compiler.compile(ResponseFormat("json_schema"))
    assert not runs


async def test_a_hostile_schema_is_refused_while_the_loop_turns() -> None:
    turning, longest = time.monotonic(), 0.0

    async def turn() -> None:
        nonlocal turning, longest
        while True:
            await asyncio.sleep(0.01)
            now = time.monotonic()
            longest, turning = max(longest, now - turning), now

    turns = asyncio.create_task(turn())
    before, others = psutil.Process().memory_info().rss, children()
    with pytest.raises(BadRequest, match="needs too much time or memory") as refused:
        async with asyncio.timeout(BUDGET_S):
            await GrammarCompiler().compile(wanted(HOSTILE))
    turns.cancel()
    assert str(refused.value).startswith("response_format: ")
    assert refused.value.param == "response_format"
    assert longest < 1.0
    assert psutil.Process().memory_info().rss - before < 64 << 20
    assert children() <= others


async def test_a_schema_that_no_answer_can_begin_is_refused() -> None:
    with pytest.raises(BadRequest, match="cannot be kept to: no answer matches it"):
        await GrammarCompiler().compile(wanted({"$ref": "#"}))


async def test_a_schema_that_would_hold_the_model_thread_up_is_refused_too() -> None:
    """It needs less than the process may take, but for each answer the model thread compiles it once more."""
    assert await GrammarCompiler().compile(wanted(fields(100)))
    with pytest.raises(BadRequest, match="needs too much time or memory"):
        await GrammarCompiler().compile(wanted(fields(7_500)))


def test_a_schema_that_is_too_much_for_the_tokenizer_is_the_requests_fault() -> None:
    """It compiles; what it does to the tokens is only seen with these."""
    tokenizer = tiny.qwen_tokenizer()
    tokens = grammar_tokenizer(tokenizer, len(tokenizer), [tokenizer.eos_token_id])
    grammar = schema_compiler.compile_schema('{"type": "integer", "multipleOf": 982451653}')
    with pytest.raises(BadRequest, match="response_format: this schema cannot be kept to: fuel exhausted"):
        Grammar(tokens, grammar)


def fields(number: int) -> dict[str, Any]:
    """Return a schema of an object with so many fields; the time that it takes grows with their square."""
    return {
        "type": "object",
        "properties": {f"p{n}": {"type": "string"} for n in range(number)},
        "additionalProperties": False,
    }


async def test_a_cancelled_request_leaves_no_process() -> None:
    others = children()  # of other tests' fixtures
    compiling = asyncio.create_task(GrammarCompiler().compile(wanted(HOSTILE)))
    while children() <= others:
        await asyncio.sleep(0.01)
    compiling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await compiling
    assert children() <= others


def children() -> set[psutil.Process]:
    return set(psutil.Process().children())


@pytest.fixture
def engine_process(tmp_path: Path) -> Iterator[EngineProcess]:
    """An engine on a Unix socket whose models are scripted."""
    engine = EngineProcess(tmp_path, ["--socket", "engine.sock"], module="tests.engine.fake_process")
    engine.wait_for("engine.listening")
    yield engine
    engine.process.kill()
    engine.process.wait()


async def test_an_engine_answers_and_ends_while_hostile_schemas_are_compiled(
    engine_process: EngineProcess, tmp_path: Path
) -> None:
    body = {
        "messages": [{"role": "user", "content": "hello"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": HOSTILE}},
    }
    socket = str(tmp_path / "engine.sock")
    async with aiohttp.ClientSession("http://engine", connector=aiohttp.UnixConnector(socket, limit=0)) as session:

        async def chat(number: int) -> tuple[int, Any]:
            varied = {**HOSTILE, "title": str(number)}
            body["response_format"] = {"type": "json_schema", "json_schema": {"name": "x", "schema": varied}}
            async with session.post("/v1/chat/completions", json=body) as response:
                return response.status, (await response.json())["error"]

        chats = [asyncio.create_task(chat(number)) for number in range(4)]
        while not (done := [one for one in chats if one.done()]):
            async with session.get("/healthz", timeout=aiohttp.ClientTimeout(total=2)) as response:
                assert response.status == 200
            await asyncio.sleep(0.1)
        status, error = done[0].result()
        assert (status, error["param"]) == (400, "response_format")
        assert "needs too much time or memory" in error["message"]
        engine_process.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(engine_process.process.wait, 15) == 0, engine_process.stderr
        await asyncio.gather(*chats, return_exceptions=True)


async def test_a_grammar_that_is_cheap_to_write_and_dear_to_follow_is_refused() -> None:
    """Hundreds of properties that may all be left out: the matcher takes seconds before the first token."""
    many = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(3_000)}}
    with pytest.raises(BadRequest, match="cannot be kept to"):
        await GrammarCompiler().compile(wanted(many))
