"""A streamed chat as the client reads it, from Limner's engine and from other servers, well and badly behaved."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from engine.api import answers
from engine.api.errors import BadRequest, ContentBlocked, EngineError, Internal, Unavailable
from engine.api.hosted import HostedClient
from engine.api.sse import EventReader, heartbeat_comment
from tests.engine.test_client import HELLO, answering, serving, streaming


def chunk(content: str | None = None, finish: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": {**delta, "content": content}, "finish_reason": finish}
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n".encode()


DONE = b"data: [DONE]\n\n"
USAGE = b'data: {"choices":[],"usage":{"total_tokens":2}}\n\n'


async def heard(*chunks: bytes) -> tuple[str, list[bool]]:
    """Return the answer, and what was said of its progress."""
    progress: list[bool] = []
    async with serving(streaming(*chunks)) as client:
        return await client.chat(HELLO, progress.append), progress


async def test_pieces_are_put_together_and_each_is_a_sign() -> None:
    stream = (chunk("", role="assistant"), chunk("He"), chunk("llo"), chunk(None, "stop"), USAGE, DONE)
    assert await heard(*stream) == ("Hello", [True, True])


async def test_thoughts_are_a_sign_and_no_part_of_the_answer() -> None:
    thoughts = (chunk(None, reasoning_content="hm"), chunk(None, reasoning="so"))
    assert await heard(*thoughts, chunk("Hi", "stop"), DONE) == ("Hi", [True, True, True])


async def test_an_engine_that_computes_is_a_sign_and_one_that_hangs_is_none() -> None:
    comments = [heartbeat_comment("painting", 0.4), heartbeat_comment("chatting", 30.0), b": ping\n\n"]
    text, progress = await heard(*(comment + chunk("a") for comment in comments), chunk(None, "stop"))
    assert text == "aaa"
    assert sorted(progress) == [False, True, True, True]


def test_a_comment_may_come_in_pieces() -> None:
    reader = EventReader(1_000)
    comment = heartbeat_comment("painting", 1.2)
    seen = []
    for piece in (comment[:9], comment[9:], b"data: 1\n\n", heartbeat_comment("painting", 20.0), b": ping\n\n"):
        reader.feed(piece)
        seen.append(reader.progressed)
    assert seen == [False, True, False, False, False]


@pytest.mark.parametrize("end", [(chunk(None, "stop"),), (DONE,), (chunk(None, "length"), DONE)])
async def test_the_end_of_an_answer_is_known_by_either_sign(end: tuple[bytes, ...]) -> None:
    assert (await heard(chunk("Hi"), *end))[0] == "Hi"


@pytest.mark.parametrize(
    ("stream", "error", "message"),
    [
        ((chunk("Hel"),), Unavailable, "cut short"),
        ((b"data: {nonsense\n\n",), Unavailable, "cannot be read"),
        ((chunk(None, "stop"), DONE), Internal, "no text"),
        ((chunk("I", "content_filter"), DONE), ContentBlocked, "does not answer"),
        ((chunk(None, refusal="I will"), chunk(None, "stop", refusal=" not."), DONE), ContentBlocked, "I will not."),
        ((b'event: error\ndata: {"error":{"message":"Too long.","code":"bad_request"}}\n\n',), BadRequest, "Too long"),
        ((b'data: {"error":{"message":"Broken.","code":null}}\n\n',), Internal, "Broken"),
    ],
)
async def test_what_goes_wrong_amid_an_answer(
    stream: tuple[bytes, ...], error: type[EngineError], message: str
) -> None:
    with pytest.raises(error, match=message):
        await heard(*stream)


async def test_an_answer_without_an_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_TEXT_BYTES", 2_000)
    with pytest.raises(Unavailable, match="too large"):
        await heard(*[chunk("x" * 100)] * 30)
    with pytest.raises(Unavailable, match="too large"):
        await heard(b"data: " + b"x" * 3_000)


async def test_a_server_that_does_not_stream_is_read_too() -> None:
    async with serving(answering({"choices": [{"message": {"content": "hi"}}]})) as client:
        assert await client.chat(HELLO) == "hi"


@asynccontextmanager
async def hosted(handler: Any) -> AsyncIterator[HostedClient]:
    """Lend the client of another service that answers so."""
    async with serving(handler) as client:
        own = HostedClient(client._connection.address, None, str, painter=None, planner="m")
        try:
            yield own
        finally:
            await own.close()


async def test_an_error_that_names_its_status_amid_a_stream_keeps_it() -> None:
    stream = b'data: {"error":{"message":"4200 tokens exceed the context.","type":"BadRequestError","code":400}}\n\n'
    async with hosted(streaming(stream)) as client:
        with pytest.raises(BadRequest, match="tokens"):
            await client.chat(HELLO)


async def test_a_service_that_cannot_stream_is_asked_without() -> None:
    asked: list[bool] = []

    async def handler(request: web.Request) -> web.Response:
        body = await request.json()
        asked.append("stream" in body)
        if "stream" in body:
            refusal = {"message": "stream: streaming is not supported by this model", "param": "stream"}
            return web.json_response({"error": refusal}, status=400)
        return web.json_response({"choices": [{"message": {"content": "hi"}}]})

    async with hosted(handler) as client:
        assert [await client.chat(HELLO) for _ in range(2)] == ["hi", "hi"]
    assert asked == [True, False, False]
