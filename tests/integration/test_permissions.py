"""Each permission that Limner uses is named, where it is lacking, before anything is reserved; no other is needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.builders import ChannelHandle
from simcord.enums import ChannelType
from simcord.http.router import RequestContext
from structlog.testing import capture_logs

from bot.cogs import bot_permissions
from bot.cogs.double_press import SAME_S
from bot.cogs.public_refusals import INTERVAL_S
from bot.domain.quota import Limit
from bot.host.permissions import USED, invite_link, to_install
from bot.services.orders import Rules
from bot.ui.i18n import text
from tests.integration import conftest
from tests.integration.conftest import World

HOSTS = Path(__file__).parents[2] / "docs" / "hosts.md"
ALL = ("view_channel", "attach_files", "read_message_history")
PLACES = {
    "text channel": (*ALL, "send_messages"),
    "voice chat": (*ALL, "send_messages", "connect"),
    "thread": (*ALL, "send_messages_in_threads"),
    "post of a forum": (*ALL, "send_messages_in_threads"),
}


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(50, "hour"),), at_once=9))


def channel_of(world: World, where: str) -> tuple[Any, int]:
    """Return a channel, and the id of the one whose overwrites count there."""
    guild, backend = world.env.guild, world.env.backend
    match where:
        case "text channel":
            return world.channel, world.channel.id
        case "voice chat":
            found = guild.create_voice_channel("Lounge")
            return found, found.id
        case _:
            parent = world.channel if where == "thread" else guild.create_forum_channel("Forum")
            thread = backend.create_thread(parent.id, "a thread", world.ada.id)
            return ChannelHandle(world.env, guild, thread), parent.id


async def lacking(world: World, where: int, *names: str) -> None:
    """Take the permissions from the bot there, and let discord.py know."""
    deny = discord.Permissions(**dict.fromkeys(names, True)).value
    world.env.backend.set_overwrite(where, Overwrite(target_id=world.env.bot.user.id, type=1, allow=0, deny=deny))
    await world.env.settle()


async def imagine(world: World, channel: Any, picture: Any, who: Any) -> str:
    return str((await who.slash(channel, "imagine", prompt="a boat")).response.content)


async def again(world: World, channel: Any, picture: Any, who: Any) -> str:
    return str((await who.click(picture, label="Again")).response.content)


async def refine(world: World, channel: Any, picture: Any, who: Any) -> str:
    return str((await who.click(picture, label="Refine")).response.content)


async def upscale(world: World, channel: Any, picture: Any, who: Any) -> str:
    return str((await who.click(picture, label="Upscale")).response.content)


async def refine_menu(world: World, channel: Any, picture: Any, who: Any) -> str:
    return str((await who.context_menu(channel, "Refine picture", picture)).response.content)


async def start_menu(world: World, channel: Any, picture: Any, who: Any) -> str:
    return str((await who.context_menu(channel, "Start from this picture", picture)).response.content)


async def reply(world: World, channel: Any, picture: Any, who: Any) -> str:
    """Whoever replies is answered in the channel or, where the bot cannot write there, directly."""
    said = []
    await who.send(channel, "at night", reply_to=picture)
    last = channel.last_message
    if last.author.id == world.env.bot.user.id and last.id != picture.id:
        said.append(last.content)
    for private in world.env.backend.dm_channels.values():
        said += [message.content for message in world.env.backend.messages.get(private, {}).values()]
    assert len(said) == 1
    return str(said[0]).partition("\n")[0]


Way = Callable[[World, Any, Any, Any], Awaitable[str]]
WAYS: dict[str, Way] = {
    way.__name__: way for way in (imagine, again, refine, upscale, refine_menu, start_menu, reply)
}  # fmt: skip


async def rows(world: World) -> list[int]:
    names = ("jobs", "reservations", "starts", "start_pictures")
    return await world.database.read(
        lambda connection: [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names]
    )


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("way", WAYS)
async def test_what_is_missing_is_named_and_nothing_is_reserved(world: World, way: str, where: str) -> None:
    channel, id_ = channel_of(world, where)
    await world.ada.slash(channel, "imagine", prompt="a red boat")
    picture, before = channel.last_message, await rows(world)
    assert picture.attachments
    for name in PLACES[where]:
        if way == "reply" and name == "view_channel":
            continue  # Discord lets the bot hear nothing there
        await lacking(world, id_, name)
        world.env.backend.dm_channels.clear()
        world.env.backend.advance_clock(SAME_S)  # else it were a double click, or a refusal too soon
        world.clock.at += INTERVAL_S
        said = await WAYS[way](world, channel, picture, world.ada)
        lacked = [name]
        if way == "reply" and "send" in name:
            lacked.append("attach_files")  # implied, as discord.py works it out
        shown = ", ".join(text("en", f"permission-{each}") for each in lacked)
        assert said == text("en", "refused-permissions", permissions=shown), name
        assert await rows(world) == before, name


async def test_it_is_named_in_the_persons_language(world: World) -> None:
    world.speaks[world.ada.id] = "zh-CN"
    await lacking(world, world.channel.id, "attach_files", "send_messages")
    said = await imagine(world, world.channel, None, world.ada)
    assert said == "我不能在这里发图：缺少权限 发送消息, 附加文件。管理员可以在频道设置里授予。"


def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SimCord refuse what Discord refuses too: files without Attach Files, voice chats without Connect."""
    lenient = RequestContext.require_channel_permissions

    def require(self: RequestContext, channel_id: int, *names: str) -> Any:
        channel = self.backend.get_channel(channel_id)
        more = ["attach_files"] if self.files else []
        more += ["connect"] if channel.type == ChannelType.VOICE else []
        return lenient(self, channel_id, *names, *more)

    monkeypatch.setattr(RequestContext, "require_channel_permissions", require)


@pytest.mark.parametrize("name", USED)
async def test_each_is_used(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Without it, and without our looking first, something that Limner does is refused by Discord."""
    where = {"connect": "voice chat", "send_messages_in_threads": "thread"}.get(name, "text channel")
    strict(monkeypatch)
    channel, id_ = channel_of(world, where)
    await world.ada.slash(channel, "imagine", prompt="a red boat", count=1)
    picture = channel.last_message
    assert picture.attachments
    monkeypatch.setattr(bot_permissions, "_check", lambda *_: None)
    await lacking(world, id_, name)
    if name == "read_message_history":
        assert "is gone" in (await world.ada.click(picture, label="Upscale")).response.content
        return
    await world.ada.slash(channel, "imagine", prompt="a red boat")
    assert not [found for found in channel.history() if found.id > picture.id and found.attachments]
    assert await world.used(world.ada) == 1


def test_the_invite_asks_for_these_and_the_readme_tells_the_number() -> None:
    assert to_install() == discord.Permissions(
        view_channel=True, send_messages=True, send_messages_in_threads=True, attach_files=True,
        read_message_history=True, connect=True,
    )  # fmt: skip
    link = invite_link(77)
    assert link.startswith("https://discord.com/oauth2/authorize?client_id=77&")
    assert "scope=bot+applications.commands" in link
    assert f"permissions={to_install().value}" in link
    assert f"`{to_install().value}`" in HOSTS.read_text()


async def test_a_bot_in_no_server_logs_the_link(simcord_env: Any) -> None:
    with capture_logs() as logged:
        await simcord_env.bot.on_ready()
    (line,) = [entry for entry in logged if entry["event"] == "discord.no_server"]
    assert line["invite"] == invite_link(simcord_env.bot.application_id)
