"""The client against servers that misbehave, each a few lines of aiohttp on a Unix socket."""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from engine.api import answers, image_events
from engine.api import client as engine_client
from engine.api.address import Address
from engine.api.auto_client import AutoClient
from engine.api.client import EngineClient
from engine.api.errors import Internal, ModelLoading, OutOfMemory, QueueFull, Unauthorized, Unavailable
from engine.api.messages import (
    ChatMessage,
    ChatRequest,
    Completed,
    ImageEvent,
    ImageRequest,
    Progress,
    Queued,
    StartImage,
    Status,
)

SILENT_S = 0.4

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HELLO = ChatRequest(messages=[ChatMessage("user", "hello")])
FOX = ImageRequest("a fox", stream=True, x_progress=True)
PICTURE = base64.b64encode(b"picture").decode()
COMPLETED = f'data: {{"type":"image_generation.completed","b64_json":"{PICTURE}","usage":{{}}}}\n\n'.encode()


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[EngineClient]:
    """Answer every request with this handler; lend a client of that server."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "s"
        await web.UnixSite(runner, str(socket)).start()
        async with EngineClient(Address("http://engine", socket), "secret") as client:
            yield client
        await runner.cleanup()


def answering(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(
            body=msgspec.json.encode(body), status=status, headers=headers, content_type="application/json"
        )

    return handler


def streaming(*chunks: bytes, then: Callable[[], Awaitable[None]] | None = None) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
            await asyncio.sleep(0)
        if then:
            await then()
        return response

    return handler


def acquired(client: EngineClient) -> int:
    """Return how many connections are in use."""
    session = client._connection._session
    assert session
    assert session.connector
    return len(session.connector._acquired)


async def collect(client: EngineClient, request: ImageRequest = FOX) -> list[ImageEvent]:
    return [event async for event in client.images(request)]


async def test_a_foreign_chat_answer_is_read() -> None:
    body = {"id": "x", "object": "chat.completion", "choices": [{"index": 0, "message": {"content": "hi"}}], "usage": 1}
    async with serving(answering(body)) as client:
        assert await client.chat(HELLO) == "hi"


@pytest.mark.parametrize("body", [{"choices": []}, {"choices": [{"message": {"content": None}}]}, {"other": 1}, "text"])
async def test_an_unusable_chat_answer_is_internal(body: object) -> None:
    async with serving(answering(body)) as client:
        with pytest.raises(Internal):
            await client.chat(HELLO)


async def test_errors_come_back_as_their_classes() -> None:
    fault = QueueFull("Too much is waiting.", retry_after=7)
    async with serving(answering(fault.body(), 429, {"Retry-After": "7"})) as client:
        with pytest.raises(QueueFull, match="Too much") as caught:
            await collect(client)
        assert caught.value.retry_after == 7
    async with serving(answering(Unauthorized("No.").body(), 401)) as client:
        with pytest.raises(Unauthorized):
            await client.models()


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_fault_of_what_stands_between_is_unavailable(status: int) -> None:
    """A cluster's proxy answers so where a replica died before it answered: to ask again is right."""

    async def fail(request: web.Request) -> web.Response:
        return web.Response(status=status, text="Internal Server Error")

    async with serving(fail) as client:
        with pytest.raises(Unavailable):
            await client.chat(HELLO)


async def test_events_split_anywhere_and_unknown_types_are_fine() -> None:
    wire = b':\n\nevent: x\ndata: {"type":"image_generation.queued","position":1}\n\n'
    wire += b'data: {"type":"novel"}\n\ndata: {"type":"image_generation.progress",\r\ndata: "step":1,"steps":2}\r\n\r\n'
    wire += COMPLETED
    async with serving(streaming(*(wire[i : i + 7] for i in range(0, len(wire), 7)))) as client:
        queued, progress, done = await collect(client)
    assert queued == Queued(1)
    assert progress == Progress(1, 2)
    assert isinstance(done, Completed)
    assert done.b64_json == b"picture"


async def test_a_plain_answer_becomes_completed_events() -> None:
    body = {"created": 5, "data": [{"b64_json": PICTURE, "seed": 3}, {"b64_json": PICTURE}], "size": "64x64"}
    async with serving(answering(body)) as client:
        first, second = await collect(client, ImageRequest("a fox", n=2, stream=True))
    assert isinstance(first, Completed)
    assert (first.seed, first.size, first.index, first.created_at) == (3, "64x64", 0, 5)
    assert isinstance(second, Completed)
    assert second.index == 1


@pytest.mark.parametrize("chunks", [[b":\n\n"], [COMPLETED], [COMPLETED, COMPLETED[:-2]], [b"data: nonsense\n\n"]])
async def test_a_stream_cut_short_is_unavailable(chunks: list[bytes]) -> None:
    async with serving(streaming(*chunks)) as client:
        with pytest.raises(Unavailable):
            await collect(client, ImageRequest("a fox", n=2, stream=True))


async def test_a_cut_connection_is_unavailable() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b":\n\n")
        assert request.transport is not None
        request.transport.abort()
        return response

    async with serving(handler) as client:
        with pytest.raises(Unavailable):
            await collect(client)


async def test_an_error_event_is_raised() -> None:
    event = b"event: error\ndata: " + msgspec.json.encode(OutOfMemory("Too big.").body()) + b"\n\n"
    async with serving(streaming(b":\n\n", event)) as client:
        with pytest.raises(OutOfMemory, match="Too big"):
            await collect(client)


async def test_silence_after_comments_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_events, "SILENCE_S", 0.2)
    async with serving(streaming(b":\n\n", then=lambda: asyncio.sleep(5))) as client:
        with pytest.raises(Unavailable, match="in time"):
            await collect(client)


async def test_too_large_answers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_events, "MAX_PICTURE_BYTES", 1000)
    monkeypatch.setattr(answers, "MAX_TEXT_BYTES", 1000)
    async with serving(streaming(b"data: ", b"x" * 4000)) as client:
        with pytest.raises(Unavailable, match="more than"):
            await collect(client)
    async with serving(answering("x" * 4000)) as client:
        with pytest.raises(Unavailable, match="too large"):
            await client.chat(HELLO)


async def test_closing_the_generator_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def linger() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            gone.set()

    async with serving(streaming(b'data: {"type":"image_generation.queued","position":1}\n\n', then=linger)) as client:
        events = client.images(FOX)
        assert await anext(events)
        await events.aclose()
        for _ in range(100):  # aiohttp's server notices a closed transport without cancelling; look at its connections
            if not acquired(client):
                break
            await asyncio.sleep(0.01)
        assert not acquired(client)


@pytest.mark.parametrize(("status", "ready"), [(200, True), (404, True), (401, True), (503, False), (500, False)])
async def test_ready_by_status(status: int, ready: bool) -> None:
    async with serving(answering({}, status)) as client:
        assert await client.ready() is ready


async def test_nothing_there_is_unavailable() -> None:
    for address in (Address("http://engine", Path("/nonexistent/socket")), Address("http://127.0.0.1:9")):
        async with EngineClient(address) as client:
            assert await client.ready() is False
            with pytest.raises(Unavailable, match="reached"):
                await client.chat(HELLO)


async def test_cancelling_an_unknown_key_is_fine() -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.raw_path)
        return web.json_response({"error": {"message": "unknown", "code": "bad_request"}}, status=404)

    async with serving(handler) as client:
        await client.cancel("a/b")
    assert paths == ["/v1/jobs/a%2Fb"]


async def test_the_key_is_sent() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        return web.json_response({"data": [{"id": "m", "created": 1, "owned_by": "me"}]})

    async with serving(handler) as client:
        assert [model.id for model in await client.models()] == ["m"]


async def test_a_start_image_goes_to_edits_as_a_form() -> None:
    sent: dict[str, object] = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        form = await request.post()
        sent.update(
            {name: value.file.read() if isinstance(value, web.FileField) else value for name, value in form.items()}
        )
        sent["kinds"] = [(v.filename, v.content_type) for v in form.values() if isinstance(v, web.FileField)]
        sent["path"], sent["key"] = request.path, request.headers["Idempotency-Key"]
        edited = COMPLETED.replace(b"image_generation", b"image_edit")
        return await streaming(b'data: {"type":"image_edit.progress","step":1,"steps":2}\n\n', edited)(request)

    start = StartImage(b"\x89PNG picture", strength=0.4, mask=b"\xff\xd8\xff mask")
    request = ImageRequest("ein Füchs", n=1, seed=0, size="64x64", guidance_scale=2.5, stream=True, x_progress=True)
    async with serving(handler) as client:
        progress, done = [event async for event in client.images(request, key="k", start=start)]
    assert progress == Progress(1, 2)
    assert isinstance(done, Completed)
    assert done.b64_json == b"picture"
    assert sent == {
        "prompt": "ein Füchs",
        "seed": "0",
        "size": "64x64",
        "guidance_scale": "2.5",
        "stream": "true",
        "x_progress": "true",
        "strength": "0.4",
        "image[]": b"\x89PNG picture",
        "mask": b"\xff\xd8\xff mask",
        "kinds": [("image.png", "image/png"), ("mask.jpeg", "image/jpeg")],
        "path": "/v1/images/edits",
        "key": "k",
    }


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, {"status": "ready", "waiting": 2, "wait_s": 7.5}, Status(2, 7.5)),
        (200, {"status": "ready"}, Status()),
        (200, "text", Status()),
        (404, {}, Status()),
    ],
)
async def test_status_is_what_readyz_tells(status: int, body: object, told: Status) -> None:
    async with serving(answering(body, status)) as client:
        assert await client.status() == told


async def test_status_while_models_load_is_an_error() -> None:
    async with serving(answering(ModelLoading("Loading.").body(), 503)) as client:
        with pytest.raises(ModelLoading):
            await client.status()


async def test_a_server_that_hangs_is_waited_for_once_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the last of many requests would be told, and refunded, after as many waits as there are requests."""
    monkeypatch.setattr(engine_client, "CONNECT_S", SILENT_S)

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    now = asyncio.get_running_loop().time
    async with AutoClient(Address(f"http://127.0.0.1:{port}"), None, str) as client:
        began = now()
        assert await asyncio.gather(*(client.ready() for _ in range(10))) == [False] * 10
        assert now() - began < 3 * SILENT_S
        with pytest.raises(Unavailable):
            await client.models()
    server.close()
