"""/moderation as moderators use it, and what members then meet."""

from __future__ import annotations

import sqlite3
from operator import methodcaller
from typing import Any

import discord
import pytest

from bot.domain.actor import Actor, NotModerator
from bot.domain.moderation import ChannelRule
from bot.services.moderation import Moderation
from tests.integration.conftest import World


def moderator(world: World) -> Any:
    role = world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return world.env.guild.add_member(world.env.create_user("Max"), roles=[role])


async def imagine(world: World, words: str = "a red boat") -> str:
    return str((await world.ada.slash(world.channel, "imagine", prompt=words)).response.content)


async def rows(world: World) -> list[int]:
    names = ("audit", "blocks", "blocked_words", "channel_rules", "guilds")
    return await world.database.read(
        lambda connection: [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names]
    )


async def test_a_blocked_member_reads_why_and_until_when(world: World) -> None:
    max_ = moderator(world)
    said = await max_.slash(world.channel, "moderation block", user=world.ada, expires="2h", reason="spam")
    assert said.ephemeral
    refused = await imagine(world)
    assert f"<t:{round(world.clock.at) + 7200}:R>" in refused
    assert "spam" in refused
    assert await world.used(world.ada) == 0
    world.clock.at += 7_201
    assert "blocked" not in await imagine(world)
    await max_.slash(world.channel, "moderation unblock", user=world.ada)


async def test_words_in_the_request_and_in_what_was_understood(world: World) -> None:
    max_ = moderator(world)
    await max_.slash(world.channel, "moderation words add", word="lake")
    assert "blocked in this server" in await imagine(world, "a l.a.k.e")
    await imagine(world, "a red boat")  # the model adds a lake
    assert "this was refunded" in world.message.content
    assert await world.used(world.ada) == 0
    await max_.slash(world.channel, "moderation words remove", word="LAKE")
    await imagine(world)
    assert await world.used(world.ada) == 1


async def test_channels_and_pause(world: World) -> None:
    max_ = moderator(world)
    world.speaks[max_.id] = world.speaks[world.ada.id] = "zh-CN"
    await max_.slash(world.channel, "moderation channels deny", channel=world.channel)
    assert "这个频道不能画图" in await imagine(world)
    await max_.slash(world.channel, "moderation channels allow", channel=world.channel)
    await max_.slash(world.channel, "moderation pause", reason="night")
    told = (await world.mo.slash(world.channel, "status")).response.content
    assert "A moderator has paused drawing in this server; what is on its way goes on. Reason: night" in told
    assert "begins at once" not in told
    assert "night" in await imagine(world)
    await max_.slash(world.channel, "moderation resume")
    await imagine(world)
    assert await world.used(world.ada) == 1
    log = (await max_.slash(world.channel, "moderation log")).response
    assert log.embeds[0].description.count("\n") == 3


async def test_the_log_is_mirrored_and_cannot_be_changed(world: World) -> None:
    max_ = moderator(world)
    await max_.slash(world.channel, "moderation log-channel", channel=world.channel)
    await max_.slash(world.channel, "moderation pause")
    assert "paused drawing" in world.message.content
    for sql in (
        "UPDATE audit SET reason = 'x'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            await world.database.write(methodcaller("execute", sql))


WHO = {
    "member": Actor(1, 10, manages=False),
    "member with a role": Actor(5, 10),
    "bot": Actor(2, 10, manages=True, is_bot=True),
    "direct message": Actor(3, None, manages=True),
}


@pytest.mark.parametrize("who", WHO)
async def test_others_are_refused_by_the_service_too(world: World, who: str) -> None:
    moderation: Moderation = world.bot.services.moderation
    actor, before = WHO[who], await rows(world)
    for deed in (
        moderation.block(actor, 5), moderation.unblock(actor, 5), moderation.add_word(actor, "bad"),
        moderation.remove_word(actor, "bad"), moderation.words(actor), moderation.channels(actor),
        moderation.set_channel(actor, 7, ChannelRule.DENIED), moderation.set_log_channel(actor, 7),
        moderation.pause(actor), moderation.resume(actor), moderation.log(actor, None, 0),
    ):  # fmt: skip
        with pytest.raises(NotModerator):
            await deed
    assert await rows(world) == before


async def test_replies_and_buttons_of_a_blocked_member_are_gated_too(world: World) -> None:
    max_ = moderator(world)
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    picture = world.message
    await max_.slash(world.channel, "moderation block", user=world.ada, reason="a rest")
    again = await world.ada.click(picture, label="Again")
    assert "a rest" in again.response.content
    await world.ada.send(world.channel, "make it blue", reply_to=picture)
    assert world.message.content == "make it blue", "in the open, a blocked member is not answered"
    assert await world.used(world.ada) == 1
    await max_.slash(world.channel, "moderation unblock", user=world.ada)
    world.env.backend.advance_clock(1.0)
    assert "On its way" in (await world.ada.click(picture, label="Again")).response.content
