"""No server leads Limner to another address, and no text that someone writes is one that is fetched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.cdn import CdnRefused, DiscordCdn, allowed
from engine.api.address import parse_engine_url
from engine.api.client import EngineClient
from engine.api.errors import EngineError
from engine.api.hosted import HostedClient
from engine.api.messages import ChatMessage, ChatRequest, ImageRequest
from tests.fuzz.effort import fuzz
from tests.fuzz.pieces import words

SECRET = "s3cret-key"
FOX = ImageRequest("a fox")
HELLO = ChatRequest([ChatMessage("user", "hello")])
HOSTS = ("cdn.discordapp.com", "media.discordapp.net")


@asynccontextmanager
async def pair(status: int = 307, body: object = None) -> AsyncIterator[tuple[str, list[str], list[str]]]:
    """Lend the address of a server that sends everyone on to a second one, and the paths asked of each."""
    asked: list[str] = []
    reached: list[str] = []

    async def second(request: web.Request) -> web.Response:
        reached.append(request.path)
        return web.json_response({"data": []})

    there = await _serve(second)

    async def first(request: web.Request) -> web.Response:
        asked.append(request.path)
        if body is not None:
            return web.json_response({"data": [{"url": f"{there[1]}/picture.png"}]})
        return web.Response(status=status, headers={"Location": f"{there[1]}{request.path}"})

    here = await _serve(first)
    try:
        yield here[1], asked, reached
    finally:
        await here[0].cleanup()
        await there[0].cleanup()


async def _serve(handler: Callable[[web.Request], Awaitable[web.Response]]) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_an_engine_that_sends_on_is_not_followed(status: int) -> None:
    async with pair(status) as (url, asked, reached), EngineClient(parse_engine_url(url), SECRET) as client:
        asks = (client.chat(HELLO), client.models(), client.status(), client.recognise(), _pictures(client))
        for number, ask in enumerate(asks, start=1):
            with suppress(EngineError):
                await ask
            assert len(asked) >= number, "each asks the first"
        assert reached == []


@pytest.mark.parametrize("body", [None, "url"])
async def test_a_service_that_sends_on_or_gives_addresses_is_not_followed(body: str | None) -> None:
    async with pair(body=body) as (url, asked, reached):
        client = HostedClient(parse_engine_url(url), SECRET, str, painter="dall-e-3", planner="gpt")
        with pytest.raises(EngineError):
            await _pictures(client)
        await client.close()
        assert [path for path in asked if path.endswith("/images/generations")]
        assert reached == []


async def _pictures(client: EngineClient | HostedClient) -> list[object]:
    return [event async for event in client.images(FOX)]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.png",
        "http://cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com@evil.example/a.png",
        "https://me:you@cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1/",
        "http://[::1]/",
        "file:///etc/passwd",
        "unix:/run/docker.sock",
        "//cdn.discordapp.com/a.png",
        "https:\\\\cdn.discordapp.com\\a.png",
        "",
    ],
)
async def test_an_attachment_elsewhere_is_not_fetched(url: str) -> None:
    with pytest.raises(CdnRefused) as refused:
        async with asyncio.timeout(5):
            await DiscordCdn().read(url, 1_000)
    assert refused.value.reason == "foreign"


@given(words | st.builds("https://{}{}{}/x".format, words, st.sampled_from(HOSTS), words))
@fuzz(150)
def test_whatever_is_allowed_is_discords(url: str) -> None:
    try:
        address = allowed(url)
    except CdnRefused:
        return
    assert (address.scheme, address.port) == ("https", 443)
    assert address.host in HOSTS
