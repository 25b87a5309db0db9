"""Agents over `limner mcp`: the official client and a real server process, on the bot of SimCord's Discord."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, ImageContent, TextContent

from bot.cli import main as command_line
from bot.cogs import agents
from bot.domain.moderation import Action
from bot.host.agent_door import CallLost, DoorClosed, agent_door, ask
from bot.host.agent_wire import SOCKET, Answer, Call, Change, Draw, LookUp, Usage
from bot.storage.audit import Audit
from bot.ui.i18n import text
from bot.ui.moderation_log import entry_line
from engine.api.address import socket_path
from harness.processes import environment
from tests.fakes import PNG
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_moderation import moderator

NOT_RUNNING = "Limner does not run on LIMNER_HOME"


@asynccontextmanager
async def official(world: World, home: Path, who: Any) -> AsyncIterator[Client]:
    """Yield the official client of a `limner mcp` process that acts for this member."""
    command = ["-m", "bot.cli.main", "mcp", "--user", str(who.id), "--channel", str(world.channel.id)]
    server = StdioServerParameters(command=sys.executable, args=command, env=environment(home), cwd=home)
    async with Client(server, read_timeout_seconds=60) as client:
        yield client


@asynccontextmanager
async def door(world: World, home: Path) -> AsyncIterator[Path]:
    path = socket_path(home, SOCKET)
    async with agent_door(path, world.bot.agents.answer):
        yield path


def hold(world: World) -> asyncio.Event:
    """Let the engine wait before it paints: the call comes from outside SimCord, whose own holding needs one of its."""
    painted = asyncio.Event()
    world.engine.hold = painted.wait
    return painted


def call(kind: Any, world: World, who: Any, **given: Any) -> Any:
    return kind(user_id=who.id, channel_id=world.channel.id, **given)


async def answered(world: World, kind: type[Call], who: Any, **given: Any) -> Answer:
    answer = await world.bot.agents.answer(call(kind, world, who, **given))
    await world.env.settle()
    return answer


def says(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def images(result: CallToolResult) -> list[bytes]:
    return [base64.b64decode(part.data) for part in result.content if isinstance(part, ImageContent)]


def block(world: World, monkeypatch: pytest.MonkeyPatch, *users: Any) -> None:
    monkeypatch.setattr(conftest, "RULES", replace(conftest.RULES, blocked_users=frozenset(user.id for user in users)))


async def test_the_official_client_draws_changes_and_looks_up(world: World, tmp_path: Path) -> None:
    async with official(world, tmp_path, world.ada) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"draw", "change", "look_up", "usage"}
        assert all(tool.description for tool in tools.values())

        early = await client.call_tool("draw", {"words": "a red boat"})
        assert early.is_error
        assert says(early).startswith(NOT_RUNNING)

        async with door(world, tmp_path) as path:
            assert path.stat().st_mode & 0o777 == 0o600
            drawn = await client.call_tool("draw", {"words": "a red boat", "seed": 7, "count": 2})
            facts = drawn.structured_content
            assert facts
            assert json.loads(says(drawn)) == facts
            assert images(drawn) == [PNG, PNG]
            assert (facts["state"], facts["seed"], facts["prompt"]) == ("done", 7, "a red boat on a calm lake")
            assert facts["link"] == world.message.jump_url
            assert len(world.message.attachments) == 2

            changed = await client.call_tool("change", {"picture": facts["id"], "words": "at night", "number": 2})
            assert changed.structured_content
            assert changed.structured_content["seed"] == 8
            job = await world.jobs.get(changed.structured_content["id"])
            assert job
            assert (job.parent_id, job.order.words, job.message_id) == (facts["id"], "at night", world.message.id)

            seen = await client.call_tool("look_up", {"picture": facts["id"]})
            assert seen.structured_content == facts
            assert images(seen) == images(drawn)
            shown = await world.ada.slash(world.channel, "my usage")
            assert says(await client.call_tool("usage")) == shown.response.content

            assert await world.used(world.ada) == 3
            refused = await client.call_tool("draw", {"words": "one more"})
            assert refused.is_error
            by_hand = await world.ada.slash(world.channel, "imagine", prompt="one more")
            assert says(refused) == by_hand.response.content
            assert "3 of 3 pictures used" in says(refused)


async def test_a_call_that_the_client_cancels_is_refunded(world: World, tmp_path: Path) -> None:
    painted = hold(world)
    async with door(world, tmp_path), official(world, tmp_path, world.ada) as client:
        with pytest.raises(Exception, match=r"[Tt]imed? ?out"):
            await client.call_tool("draw", {"words": "a red boat"}, read_timeout_seconds=1.5)
        async with asyncio.timeout(10):
            while await world.used(world.ada):
                await asyncio.sleep(0.05)
    assert len(world.engine.painted) == 1, "it was under way"
    painted.set()
    await world.env.settle()
    assert not world.message.attachments
    assert await world.used(world.ada) == 0


async def test_the_agent_of_someone_blocked_is_refused_as_they_are(world: World) -> None:
    await moderator(world).slash(world.channel, "moderation block", user=world.ada, reason="spam")
    await world.ben.slash(world.channel, "imagine", prompt="a hill")
    by_hand = await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    answer = await answered(world, Draw, world.ada, words="a red boat")
    assert answer == Answer(by_hand.response.content, refused=True)
    assert "spam" in answer.says
    assert not (await answered(world, Draw, world.ben, words="a red boat")).refused
    assert await world.used(world.ada) == 0


async def test_the_agent_of_someone_whom_the_host_blocked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    block(world, monkeypatch, world.ada)
    await world.restart()
    answer = await answered(world, Draw, world.ada, words="a red boat")
    assert answer == Answer(text("en", "barred-by-host"), refused=True)
    assert not world.engine.painted


@pytest.mark.parametrize(
    ("command", "options", "key"),
    [
        ("moderation pause", {}, "barred-paused"),
        ("moderation words add", {"word": "boat"}, "barred-word"),
        ("moderation channels deny", {}, "barred-channel"),
    ],
)
async def test_the_gate_is_the_peoples(world: World, command: str, options: dict[str, Any], key: str) -> None:
    if "channels" in command:
        options = {"channel": world.channel}
    await moderator(world).slash(world.channel, command, **options)
    by_hand = await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    answer = await answered(world, Draw, world.ada, words="a red boat")
    assert answer == Answer(by_hand.response.content, refused=True)
    assert answer.says.startswith(text("en", key, why="")[:12])


async def test_a_role_s_limit_counts_for_its_agent(world: World) -> None:
    role = world.env.guild.create_role("Painters")
    painter = world.env.guild.add_member(world.env.create_user("Pia"), roles=[role])
    await moderator(world).slash(world.channel, "limits set", target=role, images=5, per="hour")
    for number in range(4):
        assert not (await answered(world, Draw, painter, words=f"boat {number}")).refused
    assert await world.used(painter) == 4


async def test_what_is_made_of_someone_s_photo_stands_in_the_moderators_log(world: World) -> None:
    room = world.env.guild.create_text_channel("log")
    await moderator(world).slash(world.channel, "moderation photos", mode="everyone")
    await moderator(world).slash(world.channel, "moderation log-channel", channel=room)
    await world.ada.slash(world.channel, "imagine", prompt="as a knight", image=("me.png", PNG))
    await world.ben.click(world.message, label="Again")
    again = await world.jobs.by_message(world.message.id)
    assert again
    before = await Audit(world.database).count(world.env.guild.id, world.ada.id)
    changed = await answered(world, Change, world.ben, picture=again.id, words="in blue")
    assert changed.files, changed.says
    entries = await Audit(world.database).entries(world.env.guild.id, world.ada.id, 0, 99)
    assert len(entries) == before + 1
    assert (entries[0].action, entries[0].actor_id, entries[0].target_id) == (
        Action.PHOTO_USE, world.ben.id, world.ada.id,
    )  # fmt: skip
    mirrored = [message.content async for message in world.env.bot.get_channel(room.id).history(limit=1)]
    assert mirrored == [entry_line("en-US", entries[0])], "the log's channel is told of it as of anyone's"


async def test_an_agent_sees_and_changes_its_own_persons_pictures_alone(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    open_job = await world.jobs.by_message(world.message.id)
    await world.ada.slash(world.channel, "imagine", prompt="a secret", private=True)
    jobs = await world.jobs.of_user(world.ada.id, 0, 9)
    private = next(job for job in jobs if job.order.private)
    assert open_job
    unknown = Answer(text("en", "refused-unknown"), refused=True)
    for who, picture in ((world.ben, open_job.id), (world.ada, private.id), (world.ada, "0" * 32), (world.ada, "'")):
        assert await answered(world, LookUp, who, picture=picture) == unknown
        assert await answered(world, Change, who, picture=picture, words="at night") == unknown
    assert (await answered(world, LookUp, world.ada, picture=open_job.id)).files
    wrong = await answered(world, Change, world.ada, picture=open_job.id, words="at night", number=2)
    assert wrong.says == text("en", "refused-no-such-picture", count="1")
    await world.env.bot.get_channel(world.channel.id).get_partial_message(open_job.message_id).delete()
    await world.env.settle()
    gone = await answered(world, Change, world.ada, picture=open_job.id, words="at night")
    assert gone.says == text("en", "refused-picture-gone")
    assert not (await answered(world, LookUp, world.ada, picture=open_job.id)).files


async def test_who_may_not_write_in_the_channel_has_no_agent_there(world: World) -> None:
    stranger = world.env.create_user("Eve")
    member = Answer(text("en", "refused-agent-member"), refused=True)
    assert await answered(world, Draw, stranger, words="a boat") == member
    assert await answered(world, Usage, stranger) == member
    mute = discord.PermissionOverwrite(send_messages=False)
    silent = world.env.guild.create_text_channel("silent", overwrites={world.env.guild.default_role: mute})
    there = Draw(user_id=world.ada.id, channel_id=silent.id, words="a boat")
    assert await world.bot.agents.answer(there) == member
    nowhere = Draw(user_id=world.ada.id, channel_id=1, words="a boat")
    assert (await world.bot.agents.answer(nowhere)).says == text("en", "refused-agent-channel")


@pytest.mark.parametrize("words", ["", " \u200b ", "x" * 2_001])
async def test_words_are_judged_as_peoples_are(world: World, words: str) -> None:
    answer = await answered(world, Draw, world.ada, words=words)
    assert answer.refused
    key = "refused-long" if len(words) > 99 else "refused-empty"
    assert answer.says == text("en", key, length=len(words), most=2_000)
    assert not world.engine.painted


async def test_a_picture_that_takes_long_is_looked_up_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agents, "WAIT_S", 0.2)
    painted = hold(world)
    answer = await world.bot.agents.answer(call(Draw, world, world.ada, words="a red boat"))
    assert answer.says == text("en", "agent-on-its-way")
    assert answer.picture
    assert answer.picture.state in ("queued", "painting")
    painted.set()
    await world.bot.services.orders.ended(answer.picture.id)
    assert (await answered(world, LookUp, world.ada, picture=answer.picture.id)).files == (PNG,)
    assert await world.used(world.ada) == 1


async def test_a_picture_that_fails_says_what_its_message_says(world: World) -> None:
    world.engine.answer = json.dumps({"understood": "x", "keywords": [], "prompt": "a boat", "negative": ""})
    await moderator(world).slash(world.channel, "moderation words add", word="boat")
    answer = await answered(world, Draw, world.ada, words="a ship")
    assert answer.refused
    assert answer.says == world.message.content
    assert "refunded" in answer.says
    assert await world.used(world.ada) == 0


async def test_at_once_counts_and_open_calls_are_bounded(world: World, tmp_path: Path) -> None:
    painted = hold(world)
    async with door(world, tmp_path) as path:
        many = [
            asyncio.create_task(ask(path, call(Draw, world, world.ada, words=f"boat {number}"))) for number in range(12)
        ]
        async with asyncio.timeout(10):
            while sum(task.done() for task in many) < 10:
                await asyncio.sleep(0.05)
        refused = [task.result().says for task in many if task.done()]
        assert refused.count(text("en", "refused-agent-busy")) == 12 - agents.OPEN_CALLS
        assert sum(says.startswith("2 of 2 requests of yours") for says in refused) == agents.OPEN_CALLS - 2
        painted.set()
        drawn = await asyncio.gather(*many)
    await world.env.settle()
    assert sum(bool(answer.files) for answer in drawn) == 2
    assert await world.used(world.ada) == 2


NOBODY = b'{"type":"Draw","user_id":0,"channel_id":1,"words":"x"}\n'
SEEDLESS = b'{"type":"Draw","user_id":1,"channel_id":1,"words":"x","seed":-1}\n'


@pytest.mark.parametrize(
    "line", [b"hello\n", NOBODY, SEEDLESS, b"", b"x" * 300_000], ids=["text", "nobody", "seed", "nothing", "long"]
)
async def test_what_is_no_request_is_not_answered(world: World, tmp_path: Path, line: bytes) -> None:
    async with door(world, tmp_path) as path:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        if not line:
            writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        assert (await ask(path, call(Usage, world, world.ada))).says


async def test_a_door_that_closes_ends_its_calls_and_leaves_no_socket(world: World, tmp_path: Path) -> None:
    painted = hold(world)
    async with door(world, tmp_path) as path:
        waiting = asyncio.create_task(ask(path, call(Draw, world, world.ada, words="a red boat")))
        while not world.engine.painted:
            await asyncio.sleep(0.01)
    with pytest.raises(CallLost):
        await waiting
    painted.set()
    await world.env.settle()
    assert await world.used(world.ada) == 0
    assert not path.exists()
    with pytest.raises(DoorClosed):
        await ask(path, call(Usage, world, world.ada))


def test_without_the_extra_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "find_spec", lambda name: None)
    assert command_line.main(["mcp", "--user", "1", "--channel", "2"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("limner mcp needs the package mcp")
    assert err.rstrip().endswith("'.[mcp]'")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "given", [[], ["--user", "1"], ["--user", "Ada", "--channel", "2"], ["--user", "0", "--channel", "2"]]
)
def test_whom_it_acts_for_is_named_at_the_start(given: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line.main(["mcp", *given])
    assert ended.value.code == 2
