"""Slow and many connections: a real engine with few files goes on answering."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import h11
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.http import connections
from engine.http.connections import ConnectionLimit, raise_file_limit
from tests.engine.conftest import KEY, EngineProcess

FILES = 256
FLOOD = 400
HEALTHY_S = 2.0


@pytest.fixture
def small_engine(models: Path, tmp_path: Path) -> Iterator[EngineProcess]:
    """An engine that may open 256 files."""
    engine = EngineProcess(
        tmp_path,
        ["--host", "127.0.0.1", "--port", "0", "--until-stdin-closes"],
        ENGINE_API_KEY=KEY,
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
    )
    resource.prlimit(engine.process.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
    engine.wait_for("models.ready")
    yield engine
    assert engine.close_stdin() == 0, engine.stderr


async def healthy(url: str) -> float:
    """Return how long /healthz takes on a new connection."""
    began = time.monotonic()
    limit = aiohttp.ClientTimeout(total=HEALTHY_S)
    async with aiohttp.ClientSession() as session, session.get(f"{url}/healthz", timeout=limit) as response:
        assert response.status == 200
    return time.monotonic() - began


async def test_hundreds_of_half_sent_heads_do_not_make_an_engine_unreachable(small_engine: EngineProcess) -> None:
    event = small_engine.wait_for("engine.listening")
    url, most = event["address"], event["max_connections"]
    assert most < FILES
    parts = urlsplit(url)
    async with AsyncExitStack() as stack:
        for number in range(FLOOD):
            slow = stack.enter_context(closing(socket.create_connection((parts.hostname, parts.port), timeout=5)))
            with suppress(OSError):  # the engine may have closed it already
                slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: ")
            if number % 50 == 0:
                await asyncio.sleep(0)
        assert await healthy(url) < HEALTHY_S, "amid the flood"
        await asyncio.sleep(connections.HEAD_S)
        assert await healthy(url) < HEALTHY_S, "after the deadline"
    assert "Too many open files" not in small_engine.stderr


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/healthz"])
async def test_bodies_that_drip_without_a_key_are_no_flood(small_engine: EngineProcess, path: str) -> None:
    event = small_engine.wait_for("engine.listening")
    parts = urlsplit(event["address"])
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{{".encode()
    async with AsyncExitStack() as stack:
        for _ in range(event["max_connections"] + 20):
            slow = stack.enter_context(closing(socket.create_connection((parts.hostname, parts.port), timeout=5)))
            with suppress(OSError):
                slow.sendall(head)
            await asyncio.sleep(0)
        await asyncio.sleep(0.5)
        assert await healthy(event["address"]) < HEALTHY_S


@pytest.mark.full
async def test_who_asks_on_and_on_without_a_key_keeps_nobody_from_the_engine(small_engine: EngineProcess) -> None:
    """None of these waits for a head: each has its next requests sent already, and reads no answer."""
    event = small_engine.wait_for("engine.listening")
    parts = urlsplit(event["address"])
    async with AsyncExitStack() as stack:
        for _ in range(event["max_connections"] + 20):
            asking = stack.enter_context(closing(socket.create_connection((parts.hostname, parts.port), timeout=5)))
            with suppress(OSError):
                asking.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 200)
            await asyncio.sleep(0)
        await asyncio.sleep(0.5)
        assert await healthy(event["address"]) < HEALTHY_S


# One protocol, in this process, with shortened times.


@asynccontextmanager
async def serving(limit: ConnectionLimit) -> AsyncIterator[int]:
    async def read(request: Request) -> Response:
        await asyncio.sleep(float(request.query_params.get("sleep", "0")))
        return Response(str(len(await request.body())).ljust(int(request.query_params.get("bytes", "0"))))

    app = Starlette(routes=[Route("/", read, methods=["GET", "POST"])])
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, http=limit.protocol(), ws="none", lifespan="off", log_config=None)
    )
    with socket.create_server(("127.0.0.1", 0)) as sock:
        running = asyncio.create_task(server.serve([sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield sock.getsockname()[1]
        finally:
            server.should_exit = True
            await running


async def closed_after(reader: asyncio.StreamReader) -> float:
    began = time.monotonic()
    with suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), 10) is not None
    return time.monotonic() - began


@pytest.fixture
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 0.3)
    monkeypatch.setattr(connections, "BODY_S", 0.6)
    monkeypatch.setattr(connections, "STALL_S", 0.6)


POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
HEAD = POST + b"Content-Length: 4\r\n\r\n"


@pytest.mark.usefixtures("short_times")
@pytest.mark.parametrize(
    ("sent", "after"),
    [
        (b"", 0.3),
        (b"GET / HTTP/1.1\r\nHo", 0.3),
        (HEAD + b"ab", 0.6),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", 0.6),
        (POST + b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n", 0.6),
        (HEAD + b"abcd", 0.3),
    ],
    ids=["nothing", "head", "body", "chunks", "expecting", "the next head"],
)
async def test_what_does_not_arrive_in_time_is_cut_off(sent: bytes, after: float) -> None:
    async with serving(ConnectionLimit(1_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert after - 0.1 <= await closed_after(reader) < after + 3
        writer.close()


@pytest.mark.usefixtures("short_times")
async def test_dripping_does_not_extend_a_head() -> None:
    async with serving(ConnectionLimit(1_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n")

        async def drip() -> None:
            while True:
                writer.write(b"X: y\r\n")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await closed_after(reader) < 3
        dripping.cancel()


@pytest.mark.usefixtures("short_times")
async def test_who_asks_on_and_on_and_reads_no_answer_is_cut_off() -> None:
    async with serving(ConnectionLimit(1_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)  # which reads no more than a little
        writer.write(b"GET /?bytes=1000000 HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
        async with asyncio.timeout(15):
            with pytest.raises(ConnectionError):
                while True:
                    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.05)
        assert not reader.at_eof()


@pytest.mark.usefixtures("short_times")
async def test_a_slow_answer_and_the_next_request_on_its_connection_are_not_cut_off() -> None:
    async with serving(ConnectionLimit(1_000)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(HEAD.replace(b"POST /", b"POST /?sleep=0.5") + b"abcd")
            client = h11.Connection(h11.CLIENT)
            client.send(h11.Request(method="POST", target="/", headers=[("Host", "a"), ("Content-Length", "4")]))
            client.send(h11.Data(data=b"abcd"))
            client.send(h11.EndOfMessage())
            while not isinstance(event := client.next_event(), h11.Data):
                if event is h11.NEED_DATA:
                    client.receive_data(await asyncio.wait_for(reader.read(1000), 5))
            assert event.data == b"4"
            await asyncio.sleep(0.1)
        writer.close()


async def test_a_new_connection_takes_the_place_of_the_slowest_head_and_none_of_a_running_request() -> None:
    limit = ConnectionLimit(connections.FILES_PER_CONNECTION * 3)
    async with serving(limit) as port:
        busy = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for _, writer in busy:
            writer.write(b"GET /?sleep=2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await asyncio.sleep(0.1)
        first, _ = await asyncio.open_connection("127.0.0.1", port)
        second, second_writer = await asyncio.open_connection("127.0.0.1", port)
        assert await closed_after(first) < 1, "the older one of those without a head"
        second_writer.write(b"GET /?sleep=2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await asyncio.sleep(0.1)
        refused, _ = await asyncio.open_connection("127.0.0.1", port)
        assert await closed_after(refused) < 1, "all others are at work"
        for reader in (busy[0][0], busy[1][0], second):
            assert b"200 OK" in await asyncio.wait_for(reader.read(), 10)


@pytest.mark.parametrize(("key", "answers"), [(KEY, 3), ("another", 1)])
async def test_requests_sent_ahead_are_for_those_with_the_key(key: str, answers: int) -> None:
    async with serving(ConnectionLimit(1_000, KEY)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n"
        writer.write(f"{head}\r\n{head}\r\n{head}Connection: close\r\n\r\n".encode())
        assert (await asyncio.wait_for(reader.read(), 10)).count(b"200 OK") == answers


async def test_who_never_showed_the_key_gives_way_and_who_did_stays() -> None:
    async with serving(ConnectionLimit(connections.FILES_PER_CONNECTION * 3, KEY)) as port:
        asked = b"GET /?sleep=1.5 HTTP/1.1\r\nHost: a\r\n"
        known = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for _, writer in known:
            writer.write(asked + f"Authorization: Bearer {KEY}\r\nConnection: close\r\n\r\n".encode())
        stranger, stranger_writer = await asyncio.open_connection("127.0.0.1", port)
        stranger_writer.write(asked + b"Authorization: Bearer another\r\n\r\n")
        await asyncio.sleep(0.1)
        _, newest_writer = await asyncio.open_connection("127.0.0.1", port)
        assert await closed_after(stranger) < 1, "amid its request"
        newest_writer.write(asked + f"Authorization: Bearer {KEY}\r\n\r\n".encode())
        await asyncio.sleep(0.1)
        refused, _ = await asyncio.open_connection("127.0.0.1", port)
        assert await closed_after(refused) < 1, "all others are known, and at work"
        for reader, _ in known:
            assert b"200 OK" in await asyncio.wait_for(reader.read(), 10)


def test_the_limit_of_files_is_raised_to_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: made.append(limits))
    for limits, expected in (((1_024, 4_096), 4_096), ((1_024, resource.RLIM_INFINITY), 65_536), ((256, 256), 256)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, limits=limits: limits)
        assert raise_file_limit() == expected
    assert made == [(4_096, 4_096), (65_536, resource.RLIM_INFINITY)]
