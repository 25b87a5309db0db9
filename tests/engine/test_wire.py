"""The wire as others see it: the official OpenAI client and bare HTTP, against a real process with tiny models."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jsonschema
import openai
import pytest
from PIL import Image

from engine.api.address import Address
from engine.api.client import EngineClient
from engine.api.errors import BadRequest, Unauthorized
from engine.api.messages import (
    ChatMessage,
    ChatRequest,
    Completed,
    ImageRequest,
    JsonSchema,
    PartialImage,
    Progress,
    ResponseFormat,
)
from tests.engine.conftest import ALIASES, KEY, EngineProcess

HELLO = [ChatMessage("user", "hello")]
LONG: dict[str, Any] = {"prompt": "a fox", "num_inference_steps": 150, "size": "128x128"}


@pytest.fixture
async def sdk(url: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
async def client(url: str) -> AsyncIterator[EngineClient]:
    async with EngineClient(Address(url), KEY) as client:
        yield client


@pytest.fixture
async def http(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {KEY}"}) as session:
        yield session


def picture(data: str | bytes | None) -> Image.Image:
    assert data is not None
    image = Image.open(io.BytesIO(base64.b64decode(data) if isinstance(data, str) else data))
    image.load()
    return image


async def test_openai_chat(sdk: openai.AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.create(
        model="default", messages=[{"role": "user", "content": "hello"}], max_tokens=7, seed=1
    )
    assert answer.choices[0].message.content is not None
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage is not None
    assert 1 <= answer.usage.completion_tokens <= 7
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


async def test_openai_streamed_chat_says_the_same(sdk: openai.AsyncOpenAI) -> None:
    asked: dict[str, Any] = {
        "model": "default",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}],
        "max_tokens": 20,
        "seed": 3,
        "temperature": 1.0,
    }
    plain = await sdk.chat.completions.create(**asked)
    chunks = [chunk async for chunk in await sdk.chat.completions.create(stream=True, **asked)]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == plain.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == plain.choices[0].finish_reason


async def test_openai_plain_image(sdk: openai.AsyncOpenAI) -> None:
    answer = await sdk.images.generate(model="default", prompt="a fox", n=2, extra_body={"num_inference_steps": 2})
    assert answer.data is not None
    assert [picture(image.b64_json).size for image in answer.data] == [(64, 64)] * 2
    assert answer.data[0].b64_json != answer.data[1].b64_json


async def test_openai_streamed_image(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.images.generate(
        model="default",
        prompt="a fox",
        size="48x64",
        stream=True,
        partial_images=2,
        extra_body={"num_inference_steps": 6},
    )
    events = [event async for event in stream]
    assert [event.type for event in events] == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [event.partial_image_index for event in events if event.type == "image_generation.partial_image"] == [0, 1]
    assert picture(events[-1].b64_json).size == (48, 64)
    assert picture(events[0].b64_json).size == (192, 256)


async def test_openai_lists_the_models(sdk: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in sdk.models.list()] == ["painter", "planner", *ALIASES]


async def test_the_models_tell_their_facts(client: EngineClient) -> None:
    painter, planner, *aliases = await client.models()
    assert [(model.id, model.limner) for model in aliases] == [(name, None) for name in ALIASES]
    assert painter.limner is not None
    assert planner.limner is not None
    assert (painter.limner.kind, planner.limner.kind) == ("painter", "planner")
    assert painter.limner.sizes["square"] == "64x64"
    assert set(painter.limner.sizes) == {"square", "portrait", "landscape", "tall", "wide"}


async def test_without_the_right_key_only_health_is_told(url: str) -> None:
    for key in (None, "wrong", KEY + "x"):
        async with EngineClient(Address(url), key) as client:
            with pytest.raises(Unauthorized):
                await client.chat(ChatRequest(HELLO))
            with pytest.raises(Unauthorized):
                await client.models()
            with pytest.raises(Unauthorized):
                await client.cancel("job")
            assert await client.ready()
    async with aiohttp.ClientSession(url, headers={"Authorization": "Bearer schlüssel"}) as session:
        assert (await session.get("/v1/models")).status == 401
        assert (await session.get("/healthz")).status == 200
    # Closed here: one that is not closes itself when it is collected, inside whatever test runs then.
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="wrong") as wrong:
        with pytest.raises(openai.AuthenticationError):
            await wrong.models.list()


async def test_the_same_seed_gives_the_same_picture(client: EngineClient) -> None:
    async def paint(seed: int, n: int = 1) -> list[Completed]:
        request = ImageRequest("a fox", seed=seed, n=n, num_inference_steps=3, stream=True)
        return [event async for event in client.images(request) if isinstance(event, Completed)]

    once, again, other, pair = await paint(5), await paint(5), await paint(6), await paint(5, n=2)
    assert once[0].b64_json == again[0].b64_json
    assert once[0].b64_json != other[0].b64_json
    assert [event.seed for event in pair] == [5, 6]
    for alone, together in zip([once[0], other[0]], pair, strict=True):  # batched arithmetic rounds differently
        both = zip(picture(alone.b64_json).tobytes(), picture(together.b64_json).tobytes(), strict=True)
        assert max(abs(one - two) for one, two in both) <= 1


@pytest.mark.parametrize("seed", range(8))
async def test_a_constrained_answer_is_valid_whatever_the_model_writes(client: EngineClient, seed: int) -> None:
    schema = {
        "type": "object",
        "properties": {
            "understood": {"type": "string", "maxLength": 30},
            "keywords": {"type": "array", "items": {"type": "string", "maxLength": 10}, "maxItems": 3},
            "kind": {"enum": ["new", "edit"]},
        },
        "required": ["understood", "keywords", "kind"],
        "additionalProperties": False,
    }
    wanted = ResponseFormat("json_schema", JsonSchema("spec", schema))
    text = await client.chat(ChatRequest(HELLO, seed=seed, temperature=1.5, response_format=wanted))
    jsonschema.validate(json.loads(text), schema)


async def test_a_json_object_is_an_object(http: aiohttp.ClientSession) -> None:
    body = {
        "messages": [{"role": "user", "content": "hi"}],
        "response_format": {"type": "json_object"},
        "max_tokens": 400,
    }
    for seed in range(3):
        async with http.post("/v1/chat/completions", json={**body, "seed": seed, "temperature": 1}) as response:
            choice = (await response.json())["choices"][0]
        assert choice["message"]["content"].startswith("{")
        if choice["finish_reason"] == "stop":
            assert isinstance(json.loads(choice["message"]["content"]), dict)


PROMPT = {"prompt": "a fox"}
CHAT = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("images/generations", b"{", 400, "The request's body is not valid JSON: Input data was truncated."),
        ("images/generations", b"\xff", 400, "The request's body is not valid JSON"),
        ("images/generations", [], 400, "The request: must be an object, not a list."),
        ("images/generations", {}, 400, "prompt: is missing."),
        ("images/generations", {"prompt": ""}, 400, "prompt: must have a length of at least 1."),
        ("images/generations", {**PROMPT, "n": 5}, 400, "n: must be at most 4."),
        ("images/generations", {**PROMPT, "n": "two"}, 400, "n: must be a whole number, not a text."),
        ("images/generations", {**PROMPT, "size": "big"}, 400, "size: 'big' is not WIDTHxHEIGHT"),
        ("images/generations", {**PROMPT, "size": "63x64"}, 400, "must be multiples of 2 from 16 to 168."),
        ("images/generations", {**PROMPT, "size": "512x512"}, 400, "must be multiples of 2 from 16 to 168."),
        ("images/generations", {**PROMPT, "model": "dall-e-3"}, 404, "model: 'dall-e-3' is not loaded here"),
        ("chat/completions", {"messages": []}, 400, "messages: must have a length of at least 1."),
        ("chat/completions", {**CHAT, "model": "gpt-9"}, 404, "model: 'gpt-9' is not loaded here"),
        ("chat/completions", {**CHAT, "temperature": 3}, 400, "temperature: must be at most 2.0."),
        (
            "chat/completions",
            {**CHAT, "response_format": {"type": "json_schema"}},
            400,
            "response_format: json_schema is missing.",
        ),
        (
            "chat/completions",
            {**CHAT, "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "y"}}}},
            400,
            "response_format: this schema cannot be kept to",
        ),
        ("chat/completions", {"messages": [{"role": "user", "content": "a" * 5000}]}, 400, "tokens are more than"),
        ("chat/completions", b" " * (2 << 20), 413, "The request is larger than"),
        ("nothing", {}, 404, "POST /v1/nothing is nothing that this engine knows; it has /v1/chat/completions, "),
    ],
)
async def test_a_bad_request_gets_one_sentence(
    http: aiohttp.ClientSession, path: str, body: Any, status: int, sentence: str
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with http.post(f"/v1/{path}", data=data) as response:
        error = (await response.json())["error"]
    code = "model_not_found" if sentence.startswith("model: ") else "bad_request"
    assert (response.status, error["code"], error["type"]) == (status, code, "invalid_request_error")
    assert sentence in error["message"]
    assert len(error["message"].splitlines()) == 1
    field, colon, _ = error["message"].partition(": ")
    assert error["param"] == (field if colon and " " not in field else None)


async def test_a_key_must_have_a_sensible_length(client: EngineClient) -> None:
    with pytest.raises(BadRequest, match="Idempotency-Key"):
        await anext(aiter(client.images(ImageRequest("a fox"), key="x" * 1000)))


async def test_the_engine_answers_while_it_paints(http: aiohttp.ClientSession, client: EngineClient) -> None:
    request = ImageRequest(**LONG, stream=True, x_progress=True)
    events = client.images(request)
    while not isinstance(await anext(events), Progress):
        pass
    waits = []
    for _ in range(10):
        asked = time.monotonic()
        async with http.get("/healthz") as response:
            assert response.status == 200
        waits.append(time.monotonic() - asked)
    await events.aclose()
    assert sorted(waits)[5] < 0.2


@pytest.mark.parametrize("stream", [True, False])
async def test_closing_the_connection_stops_the_painting(
    http: aiohttp.ClientSession, engine: EngineProcess, stream: bool
) -> None:
    before = len(engine.events("job.queued"))
    asking = asyncio.create_task(http.post("/v1/images/generations", json={**LONG, "stream": stream}))
    while len(engine.events("job.queued")) == before:
        await asyncio.sleep(0.02)
    job_id = engine.events("job.queued")[-1]["job_id"]
    await asyncio.to_thread(engine.wait_for, "job.started", job_id=job_id)
    await asyncio.sleep(0.3)
    if stream:
        (await asking).close()
    else:
        asking.cancel()
    cancelled = await asyncio.to_thread(engine.wait_for, "job.cancelled", job_id=job_id)
    stopped = await asyncio.to_thread(engine.wait_for, "job.stopped", job_id=job_id)
    assert stopped["code"] == "cancelled"
    assert cancelled["step"] <= stopped["step"] <= cancelled["step"] + 1


async def test_a_repeated_key_joins_the_work(client: EngineClient) -> None:
    request = ImageRequest("a fox", num_inference_steps=40, stream=True, x_progress=True, partial_images=1)
    events = client.images(request, key="joined")
    while not isinstance(await anext(events), PartialImage):
        pass
    await events.aclose()
    back = [event async for event in client.images(request, key="joined")]
    first = [event for event in back if isinstance(event, Progress)][:1]
    assert not first or first[0].step > 1
    assert isinstance(back[-1], Completed)
    again = [event async for event in client.images(request, key="joined")]
    assert again[-1] == back[-1]
