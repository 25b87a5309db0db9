"""Whose server it is: found out once, by what its model list says, and anew after a lost connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.services.split_engine import SplitEngine
from engine.api.errors import Internal, ModelLoading, Unauthorized, Unavailable
from engine.api.messages import ChatMessage, ChatRequest, ImageRequest, Model, ModelFacts
from tests.fakes import FakeEngine
from tests.hosted.conftest import service
from tests.hosted.openai_server import Answer, OpenAIServer, answer, refusing, serving

HELLO = ChatRequest(messages=[ChatMessage("user", "mail ada@example.com")])
LIMNER = {"data": [{"id": "starter", "limner": {"kind": "painter"}}, {"id": "small", "limner": {"kind": "planner"}}]}
LOADING = answer(ModelLoading("Loading.").body(), 503)


@asynccontextmanager
async def listing(given: Answer) -> AsyncIterator[OpenAIServer]:
    """Run a server that tells its models so, and takes anything."""
    async with serving(OpenAIServer(tolerant=True, listing=given)) as server:
        yield server


async def test_an_engine_of_limners_gets_everything_unchanged() -> None:
    async with listing(answer(LIMNER)) as server, service(server.url) as client:
        assert [model.id for model in await client.models()] == ["starter", "small"]
        assert await client.chat(HELLO)
        request = ImageRequest("mail ada@example.com", seed=1, stream=True, x_progress=True)
        assert [event async for event in client.images(request, key="k")]
    chat, image = server.requests
    assert chat.fields["messages"][0]["content"] == "mail ada@example.com"
    assert chat.fields.get("model", "default") == "default"
    assert image.fields == {"prompt": "mail ada@example.com", "seed": 1, "stream": True, "x_progress": True}
    assert image.headers["Idempotency-Key"] == "k"


async def test_an_engine_that_loads_is_limners_and_not_ready() -> None:
    async with listing(LOADING) as server, service(server.url) as client:
        with pytest.raises(ModelLoading):
            await client.models()


@pytest.mark.parametrize(
    "given",
    [
        answer({"object": "list", "data": [{"id": "gpt-image-1", "object": "model"}]}),
        answer({"object": "list", "data": []}),
        answer({"models": ["x"]}),
        answer("<html>", kind="text/html"),
        answer({"detail": "Not Found"}, 404),
        refusing("Incorrect API key provided.", "invalid_api_key", 401),
        refusing("You have insufficient permissions.", None, 403),
    ],
)
async def test_any_other_answer_is_a_hosted_service(given: Answer) -> None:
    async with listing(given) as server, service(server.url) as client:
        assert [model.id for model in await client.models()] == ["gpt-image-1", "gpt-4.1-mini"]
        assert await client.ready()
        assert await client.chat(HELLO)
        await client.cancel("k")
        assert (await client.status()).waiting is None
    assert server.requests[0].fields["messages"][0]["content"] == "mail"


@pytest.mark.parametrize("given", [refusing("Bad gateway.", None, 502), refusing("Slow down.", None, 429)])
async def test_a_passing_failure_decides_nothing(given: Answer) -> None:
    async with listing(given) as server, service(server.url) as client:
        assert await client.ready() is False
        with pytest.raises(Unavailable):
            await client.chat(HELLO)
        assert server.requests == [], "no word is sent to a server that nobody knows"
        server.listing = answer(LIMNER)
        assert [model.id for model in await client.models()] == ["starter", "small"]


async def test_an_engine_that_refuses_the_key_says_so() -> None:
    async with listing(answer(Unauthorized("No.").body(), 401)) as server, service(server.url) as client:
        assert await client.ready(), "waiting would not help"
        with pytest.raises(Unauthorized):
            await client.models()


async def test_it_is_found_out_once_and_anew_after_a_lost_connection() -> None:
    asked = 0

    async def count(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return await answer({"data": [{"id": "x"}]})(request)

    server = OpenAIServer(tolerant=True, listing=count)
    async with serving(server):
        client = service(server.url)
        for _ in range(3):
            await client.chat(HELLO)
        assert asked == 1
    with pytest.raises(Unavailable):
        await client.chat(HELLO)
    with pytest.raises(Unavailable):
        await client.models()
    assert await client.ready() is False
    server.listing = answer(LIMNER)
    async with serving(server):
        assert [model.id for model in await client.models()] == ["starter", "small"]
    await client.close()


async def test_a_pair_reads_with_one_and_paints_with_the_other(openai: OpenAIServer) -> None:
    painter = Model("p", limner=ModelFacts("painter"))
    own = FakeEngine(models=[painter, Model("small", limner=ModelFacts("planner"))])
    async with service(openai.url) as planner:
        pair = SplitEngine(own, planner)
        assert await pair.chat(HELLO) == openai.content
        assert [event async for event in pair.images(ImageRequest("a fox"))]
        models = await pair.models()
        assert [model.id for model in models] == ["p", "gpt-4.1-mini"]
        await pair.cancel("k")
        assert await pair.ready()
        assert (await pair.status()).waiting == 0
    assert own.chats == []
    assert len(own.painted) == 1
    assert own.cancelled == ["k"]
    assert len(openai.requests) == 1


async def test_a_planner_that_is_away_leaves_the_painter_alone() -> None:
    painter = Model("p", limner=ModelFacts("painter"))
    async with service("http://127.0.0.1:9") as planner:
        pair = SplitEngine(FakeEngine(models=[painter]), planner)
        with pytest.raises(Internal):
            await pair.chat(HELLO)
        assert await pair.models() == [painter]
        assert await pair.ready()
