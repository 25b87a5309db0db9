"""The server itself: where it listens, whom it turns away, and that it runs alone."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import socket
import sys
import time
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.sandbox.connect import point_discord_at
from bot.sandbox.file_store import image_size
from bot.sandbox.guild import BOT
from bot.sandbox.page_view import language
from bot.sandbox.server import Sandbox, make_token
from bot.sandbox.snowflake import Snowflakes, timestamp_of
from tests.sandbox.stage import PNG, stage

ROOT = Path(__file__).parents[2]


async def test_it_runs_alone_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "bot.sandbox", "--port", "0", "--token", "a.b.c"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        said = json.loads(await process.stdout.readline())
        assert said["token"] == "a.b.c"
        async with aiohttp.ClientSession() as session, session.get(said["url"]) as response:
            assert "Limner" in await response.text()
        process.send_signal(signal.SIGTERM)
        rest, _ = await asyncio.wait_for(process.communicate(), 5)
        assert (process.returncode, rest) == (0, b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_taken_port_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError):
            await Sandbox(taken.getsockname()[1]).start()


async def test_it_stops_and_starts_again_on_the_same_port() -> None:
    async with Sandbox(0) as first:
        port = first.port
    async with Sandbox(port) as second:
        assert second.url == f"http://127.0.0.1:{port}"


def test_the_token_has_the_form_of_a_real_one() -> None:
    first, second, third = make_token().split(".")
    assert int(base64.b64decode(first + "==")) == BOT
    assert (len(second), len(third)) == (6, 38)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8300"},
    ],
)
@pytest.mark.parametrize("path", ["/page/state?as=Ada", "/page/events?as=Ada", "/gateway", "/"])
async def test_other_sites_cannot_drive_it(path: str, headers: dict[str, str]) -> None:
    async with Sandbox(0) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        async with session.get(path, headers=headers) as response:
            assert response.status == 403
        async with session.post("/page/message", headers=headers, json={}) as response:
            assert response.status == 403


async def test_its_own_page_may() -> None:
    async with stage() as on:
        for origin in (on.sandbox.url, on.sandbox.url.replace("127.0.0.1", "localhost")):
            async with on.session.get("/page/state?as=Ada", headers={"Origin": origin}) as response:
                assert response.status == 200


@pytest.mark.parametrize(
    ("name", "kind", "inline"),
    [("a.png", "image/png", True), ("a.html", "text/html", False), ("a.svg", "image/svg+xml", False)],
)
async def test_files_come_back_as_they_were_and_cannot_act(name: str, kind: str, inline: bool) -> None:
    async with stage() as on:
        async with on.session.post(f"/page/upload?as=Ada&name={name}", data=PNG) as response:
            upload = await response.json()
        message = await on.act("message", content="", attachments=[upload["id"]])
        assert message["attachments"][0]["url"] == upload["url"]
        async with on.session.get(upload["url"]) as response:
            assert await response.read() == PNG
            assert response.headers["Content-Type"] == kind
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response.headers["Content-Security-Policy"]
            assert ("Content-Disposition" in response.headers) is not inline
        async with on.session.get(upload["url"] + "x") as response:
            assert response.status == 404


async def test_the_page_hears_what_concerns_its_member() -> None:
    async with stage() as on, on.session.ws_connect("/page/events?as=Ben") as ben:
        assert (await ben.receive_json())["event"] == "state"
        await on.act("message", channel=1100000000000000031, content="Ada's own")
        await on.act("message", "Mo", channel=1100000000000000022, content="moderators")
        message = await on.drawing.send("for all")
        await message.edit(content="for everyone")
        await on.drawing.typing()
        await message.delete()
        heard = [await ben.receive_json() for _ in range(4)]
        assert [change["event"] for change in heard] == ["create", "update", "typing", "delete"]
        assert heard[1]["message"]["content"] == "for everyone"
        await on.act("cut")
        assert await ben.receive_json() == {"event": "online", "online": False}
        assert await ben.receive_json() == {"event": "online", "online": True}


@pytest.mark.parametrize("body", ["", "[]", '{"as": "Ada"}', '{"as": "Ada", "channel_id": "x"}'])
async def test_nonsense_is_answered(body: str) -> None:
    async with (
        Sandbox(0) as sandbox,
        aiohttp.ClientSession(sandbox.url) as session,
        session.post("/page/message", data=body) as response,
    ):
        assert response.status == 400
    async with (
        Sandbox(0) as sandbox,
        aiohttp.ClientSession(sandbox.url) as session,
        session.get("/page/state?as=Eve") as response,
    ):
        assert response.status == 400


def test_ids_grow_and_tell_their_time() -> None:
    source = Snowflakes()
    ids = [source.next() for _ in range(1000)]
    assert ids == sorted(set(ids))
    time.sleep(0.002)
    assert Snowflakes().next() > ids[-1]  # as after a restart
    assert timestamp_of(175928847299117063) == "2016-04-30T11:18:25.796000+00:00"  # Discord's own example


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (PNG, (3, 2)),
        (b"GIF89a\x05\x00\x07\x00", (5, 7)),
        (b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x11\x08\x00\x07\x00\x05", (5, 7)),
        (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x04\0\0\x06\0\0", (5, 7)),
        (b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 5 + (4 | 6 << 14).to_bytes(4, "little"), (5, 7)),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + b"\x05\0\x07\0", (5, 7)),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8\xff", None),
        (b"words", None),
    ],
)
def test_the_size_of_pictures(data: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(data) == size


def test_discord_py_is_pointed_at_it() -> None:
    point_discord_at("http://127.0.0.1:8300")
    assert discord.http.Route("GET", "/gateway").url == "http://127.0.0.1:8300/api/v10/gateway"
    assert str(discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY) == "ws://127.0.0.1:8300/gateway"
    assert discord.Asset.BASE == "http://127.0.0.1:8300"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("zh-CN", "zh-CN"),
        ("zh", "zh-CN"),
        ("zh-TW", "zh-TW"),
        ("de-AT", "de"),
        ("en", "en-US"),
        ("xx", "en-US"),
        (None, "en-US"),
    ],
)
def test_a_member_s_language_is_one_of_discord_s(wanted: str | None, found: str) -> None:
    assert language(wanted) == found
