"""The gateway: who may connect, and that a bot which was cut off misses nothing."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import Any

import aiohttp
import discord
import pytest

from bot.sandbox.connect import point_discord_at
from bot.sandbox.gateway import KEPT_EVENTS, SERVERS_A_SHARD
from bot.sandbox.server import Sandbox
from harness.many_servers import many_servers
from tests.sandbox.stage import BOT, DRAWING, plain_intents, stage

IDENTIFY, RESUME, INVALID_SESSION, HELLO = 2, 6, 9, 10


async def identify(socket: aiohttp.ClientWebSocketResponse, token: str, intents: int = 513) -> Any:
    assert (await socket.receive_json())["op"] == HELLO
    await socket.send_json({"op": IDENTIFY, "d": {"token": token, "intents": intents, "properties": {}}})
    return await socket.receive()


async def test_a_bot_that_was_cut_off_resumes_and_misses_nothing() -> None:
    async with stage() as on:
        await on.act("message", content=f"<@{BOT}> before")
        await on.until(lambda: len(on.bot.messages) == 1)
        await on.act("cut")
        for text in ("while away", "and again"):
            await on.act("message", content=f"<@{BOT}> {text}")
        await on.until(lambda: "resumed" in on.bot.log)
        await on.act("message", content=f"<@{BOT}> after")
        await on.until(lambda: len(on.bot.messages) == 4)
        texts = [message.content.removeprefix(f"<@{BOT}> ") for message in on.bot.messages]
        assert texts == ["before", "while away", "and again", "after"]
        assert len(on.sandbox.gateway.sessions) == 1


async def test_an_interaction_reaches_a_bot_that_comes_back_in_time() -> None:
    def define(bot: Any) -> None:
        @bot.tree.command(description="Go")  # type: ignore[untyped-decorator]
        async def go(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("back in time")

    async with stage(define) as on:
        await on.act("cut")
        assert (await on.command("go"))["outcome"] == "message"


@pytest.mark.parametrize(
    ("kind", "heard"), [("twice", "one one two three"), ("late", "two three one"), ("swapped", "two one three")]
)
async def test_events_come_twice_late_or_swapped(kind: str, heard: str) -> None:
    async with stage() as on:
        await on.act("unrest", kind=kind, times=1, seconds=0.3)
        for text in ("one", "two", "three"):
            await on.act("message", content=f"<@{BOT}> {text}")
        await on.until(lambda: len(on.bot.messages) == len(heard.split()))
        assert [message.content.split()[1] for message in on.bot.messages] == heard.split()


async def test_a_session_that_is_not_known_begins_anew() -> None:
    async with stage() as on:
        on.sandbox.gateway.sessions.clear()
        readied = asyncio.create_task(on.bot.wait_for("ready", timeout=9))
        await on.act("cut")
        await readied
        await on.act("message", content=f"<@{BOT}> hello again")
        await on.until(lambda: bool(on.bot.messages))
        assert "resumed" not in on.bot.log


async def test_a_wrong_token_is_told_so() -> None:
    async with Sandbox(0) as sandbox:
        point_discord_at(sandbox.url)
        async with discord.Client(intents=plain_intents()) as bot:
            with pytest.raises(discord.LoginFailure):
                await asyncio.wait_for(bot.start(sandbox.token + "x"), 5)
        async with aiohttp.ClientSession() as session, session.ws_connect(sandbox.gateway.url) as socket:
            assert (await identify(socket, "wrong")).data == 4004


@pytest.mark.parametrize("privileged", ["members", "presences", "message_content"])
async def test_privileged_intents_are_not_granted(privileged: str) -> None:
    async with Sandbox(0) as sandbox:
        point_discord_at(sandbox.url)
        intents = plain_intents()
        setattr(intents, privileged, True)
        async with discord.Client(intents=intents) as bot:
            with pytest.raises(discord.PrivilegedIntentsRequired):
                await asyncio.wait_for(bot.start(sandbox.token), 5)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4002),
        ('{"op": 99, "d": null}', 4003),
        ('{"op": 3, "d": null}', 4003),
    ],
)
async def test_nonsense_closes_the_connection(frame: str, code: int) -> None:
    async with (
        Sandbox(0) as sandbox,
        aiohttp.ClientSession() as session,
        session.ws_connect(sandbox.gateway.url) as socket,
    ):
        await socket.receive_json()
        await socket.send_str(frame)
        assert (await socket.receive()).data == code


async def test_frames_are_plain_or_one_zlib_stream() -> None:
    async with Sandbox(0) as sandbox, aiohttp.ClientSession() as session:
        async with session.ws_connect(sandbox.gateway.url) as socket:
            ready = json.loads((await identify(socket, sandbox.token)).data)
            assert (ready["t"], ready["s"], ready["d"]["user"]["id"]) == ("READY", 1, str(BOT))
            assert ready["d"]["resume_gateway_url"] == sandbox.gateway.url
            await socket.send_json({"op": 1, "d": 1})
            assert (await socket.receive_json())["t"] == "GUILD_CREATE"
            assert (await socket.receive_json())["op"] == 11
        async with session.ws_connect(f"{sandbox.gateway.url}?compress=zlib-stream") as socket:
            inflate = zlib.decompressobj()
            frame = await socket.receive_bytes()
            assert frame.endswith(b"\x00\x00\xff\xff")
            assert json.loads(inflate.decompress(frame))["op"] == HELLO


async def test_too_long_an_absence_ends_the_session() -> None:
    async with Sandbox(0) as sandbox, aiohttp.ClientSession() as session:
        async with session.ws_connect(sandbox.gateway.url) as socket:
            ready = json.loads((await identify(socket, sandbox.token)).data)
            await socket.close(code=4000)
        for _ in range(KEPT_EVENTS + 1):
            sandbox.world.tell("interaction", {})
        async with session.ws_connect(sandbox.gateway.url) as socket:
            await socket.receive_json()
            again = {"token": sandbox.token, "session_id": ready["d"]["session_id"], "seq": 1}
            await socket.send_json({"op": RESUME, "d": again})
            assert await socket.receive_json() == {"op": INVALID_SESSION, "d": False, "s": None, "t": None}


async def test_a_goodbye_ends_the_session() -> None:
    async with Sandbox(0) as sandbox, aiohttp.ClientSession() as session:
        async with session.ws_connect(sandbox.gateway.url) as socket:
            await identify(socket, sandbox.token)
            assert sandbox.gateway.online
            await socket.close(code=1000)
        async with asyncio.timeout(2):
            while sandbox.gateway.sessions:
                await asyncio.sleep(0.01)
        assert not sandbox.gateway.online


async def test_ephemeral_messages_and_deletions() -> None:
    async with stage() as on:
        message = await on.drawing.send("x")
        await on.act("delete", "Mo", message_id=str(message.id))
        await on.until(lambda: on.bot.log == [f"deleted: {message.id}"])
        assert on.bot.messages[0].channel.id == DRAWING


async def sharded(socket: aiohttp.ClientWebSocketResponse, token: str, shard: Any) -> Any:
    assert (await socket.receive_json())["op"] == HELLO
    await socket.send_json(
        {"op": IDENTIFY, "d": {"token": token, "intents": 1 | 4096, "properties": {}, "shard": shard}}
    )
    return await socket.receive()


async def test_each_shard_is_told_of_its_servers_and_the_first_of_direct_messages() -> None:
    async with Sandbox(0) as sandbox, aiohttp.ClientSession() as session:
        with many_servers(sandbox.world, 6):
            heard: dict[int, set[str]] = {}
            for number in range(2):
                async with session.ws_connect(sandbox.gateway.url) as socket:
                    ready = json.loads((await sharded(socket, sandbox.token, [number, 2])).data)["d"]
                    assert ready["shard"] == [number, 2]
                    told = [(await socket.receive_json())["d"]["id"] for _ in ready["guilds"]]
                    assert told == [guild["id"] for guild in ready["guilds"]]
                    heard[number] = set(told)
                    direct = {"as": "Ada", "channel_id": str(BOT + 31), "content": "hello"}
                    async with session.post(f"{sandbox.url}/page/message", json=direct) as answer:
                        assert answer.status == 200
                    if number == 0:
                        assert (await socket.receive_json())["t"] == "MESSAGE_CREATE"
                    else:
                        with pytest.raises(TimeoutError):
                            async with asyncio.timeout(0.1):
                                await socket.receive_json()
            assert heard[0] | heard[1] == {str(guild_id) for guild_id in sandbox.world.servers}
            assert not heard[0] & heard[1]
            assert len(heard[0]) >= 3 <= len(heard[1])


@pytest.mark.parametrize("shard", [[1, 1], [-1, 2], [0], "0", [True, None]])
async def test_a_shard_that_there_is_not_is_refused(shard: Any) -> None:
    async with (
        Sandbox(0) as sandbox,
        aiohttp.ClientSession() as session,
        session.ws_connect(sandbox.gateway.url) as socket,
    ):
        assert (await sharded(socket, sandbox.token, shard)).data == 4010


async def test_more_servers_than_a_shard_may_have_are_refused() -> None:
    async with Sandbox(0) as sandbox, aiohttp.ClientSession() as session:
        with many_servers(sandbox.world, SERVERS_A_SHARD):  # and the sandbox's own
            async with session.ws_connect(sandbox.gateway.url) as socket:
                assert (await sharded(socket, sandbox.token, [0, 1])).data == 4011
            async with session.ws_connect(sandbox.gateway.url) as socket:
                ready = json.loads((await sharded(socket, sandbox.token, [0, 2])).data)
                assert ready["t"] == "READY"
