"""Replies as fast as one can type: they cost the others nothing, and nothing is shown that a moderator forbade."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.moderation import Action, Block, Entry
from bot.services.understanding_budget import PER_MINUTE
from bot.storage.moderation import Decisions
from tests.integration.conftest import World
from tests.integration.test_moderation import moderator
from tests.integration.test_replies import EMPTY, answer, imagine, reply

LAUGHTER = ("lol", "😂", "so good", "haha")


def typings(world: World) -> int:
    return sum(request.path.endswith("/typing") for request in world.env.backend.http_requests)


async def test_forty_laughs_in_a_minute_are_answered_by_nothing(world: World) -> None:
    job = await imagine(world)
    posts, chats, typed = len(await world.pictures()), len(world.engine.chats), typings(world)
    world.engine.answer = answer(kind="chat", **EMPTY)
    for number in range(40):
        world.clock.at += 1.5
        await reply(world, job, LAUGHTER[number % 4], world.ben)
    assert len(await world.pictures()) == posts
    assert len(world.engine.chats) - chats <= PER_MINUTE + 1
    assert typings(world) - typed <= PER_MINUTE + 1, "what is not read is not typed to either"
    assert await world.used(world.ben) == 0
    world.engine.answer = answer(kind="change", prompt="a red boat at night")
    await reply(world, job, "make it night")
    made = await world.jobs.by_message(world.message.id)
    assert made, "another's wish is read meanwhile"
    assert made.place.user_id == world.ada.id


async def test_who_wishes_too_fast_is_told_when(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = answer(kind="change", prompt="a red boat at night")
    await reply(world, job, "at night", world.ben)
    world.engine.answer = answer(kind="chat", **EMPTY)
    for _ in range(PER_MINUTE):
        await reply(world, job, "and so on", world.ben)
    assert world.message.content.startswith("Your words come faster than I read them")


async def test_a_reply_is_read_in_the_turn_of_whoever_wrote_it(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = answer(kind="chat", **EMPTY)
    names = set()
    for who in (world.ada, world.ben):
        await reply(world, job, "nice", who)
        names.add(world.engine.chats[-1].user)
    assert len(names) == 2
    assert None not in names
    assert world.engine.chats[0].user in names, "as in the requests of /imagine"


@pytest.mark.parametrize("why", ["word", "paused", "limit"])
async def test_what_seems_chat_is_not_asked_about_where_it_could_not_be_drawn(world: World, why: str) -> None:
    job = await imagine(world)
    boss = moderator(world)
    if why == "word":
        await boss.slash(world.channel, "moderation words add", word="zorkslur")
    elif why == "paused":
        await boss.slash(world.channel, "moderation pause")
    else:
        await boss.slash(world.channel, "limits set", target=world.ada, images=0, per="hour")
    world.engine.answer = answer(kind="chat", prompt="a zorkslur boat", understood="a zorkslur boat")
    await reply(world, job, "one of those would be nice too I guess")
    assert world.message.content.startswith("one of those"), "else the word stands in the channel"


async def block(world: World, who: Any, guild_id: int) -> None:
    entry = Entry(world.mo.id, Action.BLOCK, 0.0, who.id, after="always")
    await Decisions(world.database).set_block(guild_id, who.id, Block(), entry)


async def test_a_block_in_the_only_server_is_not_dodged_by_direct_message(world: World) -> None:
    cleo = world.env.create_user("Cleo")
    world.env.guild.add_member(cleo)
    await cleo.slash("imagine", prompt="a red boat")
    first = cleo.dm_channel.last_message
    assert first.attachments
    await block(world, cleo, world.env.guild.id)
    refused = await cleo.slash("imagine", prompt="a red boat")
    assert refused.response.content.startswith("A moderator has blocked you")
    chats = len(world.engine.chats)
    reference = {"channel_id": str(cleo.dm_channel.id), "message_id": str(first.id)}
    await cleo.send_dm("make it blue", reference=reference)
    again = await cleo.click(first, label="Again")
    assert again.response.content.startswith("A moderator has blocked you")
    assert len(world.engine.chats) == chats
    assert len(world.engine.painted) == 1


async def test_who_draws_in_another_server_draws_in_direct_messages_too(world: World) -> None:
    cleo = world.env.create_user("Cleo")
    await world.env.guild.add_member(cleo).slash(world.channel, "imagine", prompt="a red boat")
    await block(world, cleo, 4_242)
    await cleo.slash("imagine", prompt="a green boat")
    assert len(world.engine.painted) == 2
