"""A picture passes the bot without base64 between the two processes, and without a second copy, as is measured."""

from __future__ import annotations

import asyncio
import json
import re
import tracemalloc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import discord
import pytest

from bot.ui.cards import Card
from engine.api.address import parse_engine_url
from engine.api.client import EngineClient
from engine.api.messages import Completed, ImageRequest, PartialImage
from engine.api.sse import COMMENT, WITH_FILES, EventReader, TooLong, format_event, format_file_event

SIZE = 8 << 20
PIECE = 1 << 16
LITTLE = SIZE // 4
"""For buffers on the way, whose size does not depend on the picture's."""
REQUEST = ImageRequest("a red boat", stream=True, x_progress=True, partial_images=1)


@asynccontextmanager
async def answering(kind: str, *parts: bytes) -> AsyncIterator[tuple[str, list[str]]]:
    """Serve one answer, in pieces; lend the address, and the heads of what was asked."""
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heads.append(head)
        length = re.search(r"Content-Length: (\d+)", head)
        left = int(length[1]) if length else 0
        while left:
            left -= len(await reader.read(min(left, PIECE)))
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())
        for part in parts:
            for at in range(0, len(part), PIECE):
                writer.write(part[at : at + PIECE])
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


@contextmanager
def at_most(size: int, what: str) -> Iterator[None]:
    """Fail where more than so many bytes are allocated at a time meanwhile."""
    tracemalloc.start(1)
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before <= size, f"{what}: {(peak - before) / SIZE:.2f} times the picture"


def framed(*pictures: bytes) -> Sequence[bytes]:
    preview = PartialImage(b"")
    done = [
        format_file_event(Completed(b"", index), "image_generation.completed", file)[: -len(file)]
        for index, file in enumerate(pictures)
    ]
    first = COMMENT + format_file_event(preview, "image_generation.partial_image", b"a preview\n\nin\r\nlines")
    return [first, *(part for pair in zip(done, pictures, strict=True) for part in pair)]


async def test_a_picture_comes_from_the_engine_as_it_is_and_is_held_once() -> None:
    picture = bytes(range(256)) * (SIZE // 256)
    async with answering(WITH_FILES, *framed(picture)) as (url, heads), EngineClient(parse_engine_url(url)) as client:
        with at_most(SIZE + LITTLE, "from the engine"):
            preview, done = [event async for event in client.images(REQUEST)]
    assert isinstance(preview, PartialImage)
    assert preview.b64_json == b"a preview\n\nin\r\nlines"
    assert isinstance(done, Completed)
    assert done.b64_json == picture
    assert WITH_FILES in heads[0]


async def test_a_server_that_knows_only_base64_is_read_as_before() -> None:
    event = format_event(Completed(b"a picture"), "image_generation.completed")
    async with answering("text/event-stream", event) as (url, _), EngineClient(parse_engine_url(url)) as client:
        [done] = [event async for event in client.images(REQUEST)]
    assert isinstance(done, Completed)
    assert done.b64_json == b"a picture"


async def test_a_picture_goes_to_discord_without_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Card("here it is", None, (("a.png", bytes(SIZE), "a boat"),))
    author = {"id": "1", "username": "limner", "discriminator": "0", "avatar": None}
    lists: dict[str, object] = {
        name: [] for name in ("attachments", "embeds", "mentions", "mention_roles", "components")
    }
    message = {"id": "3", "channel_id": "2", "author": author, "content": "", "type": 0, "flags": 0, **lists}
    message |= {"timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False, "pinned": False}
    told = json.dumps({**message, "mention_everyone": False}).encode()
    async with answering("application/json", told) as (url, heads), aiohttp.ClientSession() as session:
        monkeypatch.setattr(discord.http.Route, "BASE", url)
        client = discord.Client(intents=discord.Intents.none())
        monkeypatch.setattr(client.http, "_HTTPClient__session", session)
        monkeypatch.setattr(client.http, "_global_over", asyncio.Event())
        client.http._global_over.set()
        with at_most(LITTLE, "to Discord"):
            await client.get_partial_messageable(2).send(shown.content, files=shown.discord_files())
    assert "multipart/form-data" in heads[0]


@pytest.mark.parametrize("size", [1, 7, 64, 4_096])
def test_files_arrive_in_whatever_pieces(size: int) -> None:
    pictures = [b"one\n\ntwo", b"\r\n" * 50, b"x"]
    stream, reader = b"".join(framed(*pictures)) + COMMENT, EventReader(10_000, files=True)
    found = [event for at in range(0, len(stream), size) for event in reader.feed(stream[at : at + size])]
    assert [event.file for event in found] == [b"a preview\n\nin\r\nlines", *pictures]
    assert all(json.loads(event.data)["type"].startswith("image_generation.") for event in found)


def test_a_file_that_is_too_large_or_was_not_asked_for_is_not_waited_for() -> None:
    with pytest.raises(TooLong):
        EventReader(1_000, files=True).feed(b"file: 5000\ndata: {}\n\n")
    [event] = EventReader(1_000).feed(b"file: 5000\ndata: {}\n\n")
    assert event.file == b""
