"""Services that fail, stall, break off or answer with something else: each is one of Limner's errors."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from aiohttp import web

from engine.api.errors import (
    BadRequest,
    ContentBlocked,
    EngineError,
    Internal,
    QueueFull,
    Unauthorized,
    Unavailable,
)
from engine.api.messages import Completed
from tests.hosted.conftest import service
from tests.hosted.openai_server import B64, KEY, Answer, OpenAIServer, answer, refusing
from tests.hosted.test_painting import paint


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        (refusing("Your request was rejected.", "moderation_blocked"), ContentBlocked, "rejected"),
        (refusing("Rejected.", "content_policy_violation"), ContentBlocked, "Rejected"),
        (refusing(f"Incorrect API key provided: {KEY}.", "invalid_api_key", 401), Unauthorized, "refuses the key"),
        (refusing("You exceeded your quota.", "insufficient_quota", 429), Unauthorized, "no credit"),
        (answer("", 402), Unauthorized, "no credit"),
        (refusing("Slow down.", "rate_limit_exceeded", 429, Retry_After="60"), QueueFull, "Slow"),
        (refusing("The server had an error.", "server_error", 500), Internal, "had an error"),
        (refusing("Your organization must be verified to use this model.", None, 403), BadRequest, "verified"),
        (answer("<html><body>502 Bad Gateway</body></html>", 502, kind="text/html"), Unavailable, "moment"),
        (answer("<html>no</html>", 200, kind="text/html"), Internal, "cannot be read"),
        (answer("<html>gone</html>", 404, kind="text/html"), BadRequest, "404"),
        (answer("", 301, {"Location": "http://127.0.0.1:1/"}), BadRequest, "301"),
        (answer({"created": 1, "data": []}), Internal, "no picture"),
        (answer({"created": 1, "data": [{"url": "http://127.0.0.1:1/x.png"}]}), Internal, "Limner fetches none"),
        (answer({"created": 1, "data": [{"b64_json": "*"}]}), Internal, "cannot be read"),
        (answer({"created": 1, "data": [{"b64_json": "data:image/png;base64,*"}]}), Internal, "cannot be read"),
        (answer({"created": 1, "data": [{"url": "data:image/svg+xml,<svg/>"}]}), Internal, "Limner fetches none"),
        (answer({"created": 1}), Internal, "cannot be read"),
        (answer("[1, 2"), Internal, "cannot be read"),
        (answer("data: [DONE]\n\n", kind="text/event-stream"), Unavailable, "cut short"),
        (answer('data: {"type": "image_gen', kind="text/event-stream"), Unavailable, "cut short"),
        (
            answer(
                'event: error\ndata: {"type":"error","error":{"code":"moderation_blocked","message":"No."}}\n\n',
                kind="text/event-stream",
            ),
            ContentBlocked,
            "No.",
        ),
        (answer({"error": {"message": f"key {KEY} is odd", "code": 400}}, 400), BadRequest, "key ... is odd"),
        (answer({"error": "x" * 5000}, 400), BadRequest, "…"),
    ],
)
async def test_every_failure_is_one_short_sentence(
    openai: OpenAIServer, given: Answer, error: type[EngineError], told: str
) -> None:
    openai.next = [given]
    with pytest.raises(error, match=told) as caught:
        await paint(service(openai.url))
    assert KEY not in str(caught.value)
    assert len(str(caught.value)) <= 300
    assert len(openai.requests) == 1


async def test_a_short_pause_that_the_service_asks_for_is_made(openai: OpenAIServer) -> None:
    openai.next = [refusing("Slow down.", "rate_limit_exceeded", 429, Retry_After="1")]
    started = time.monotonic()
    assert await paint(service(openai.url))
    assert time.monotonic() - started >= 1
    openai.next = [refusing("Slow down.", "rate_limit_exceeded", 429, Retry_After="0")] * 9
    with pytest.raises(QueueFull):
        await paint(service(openai.url))


async def test_a_cut_connection_is_unavailable(openai: OpenAIServer) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        event = {"type": "image_generation.partial_image", "b64_json": B64, "partial_image_index": 0}
        await response.write(f"data: {json.dumps(event)}\n\n".encode())
        assert request.transport
        request.transport.abort()
        return response

    openai.next = [cut]
    with pytest.raises(Unavailable):
        await paint(service(openai.url))


async def test_a_slow_service_is_waited_for(openai: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.api.image_events.SILENCE_S", 0.1)

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": working\n\n")
        await asyncio.sleep(0.4)
        event = {"type": "image_generation.completed", "b64_json": B64}
        await response.write(f"data: {json.dumps(event)}\n\n".encode())
        return response

    openai.next = [slow]
    [done] = await paint(service(openai.url))
    assert isinstance(done, Completed)
