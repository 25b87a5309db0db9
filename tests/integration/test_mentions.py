"""Messages to the bot: mentions and direct messages draw, chat does not, what cannot be read is said."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest

from bot.domain.jobs import Job, Kind
from bot.ui.i18n import text
from tests.fakes import PNG, SPEC
from tests.integration.conftest import World

CHAT = json.dumps({"kind": "chat", "understood": "", "keywords": [], "prompt": "", "negative": ""})
NEW = json.dumps({"kind": "new", **SPEC})


def mention(world: World) -> str:
    return f"<@{world.env.bot.user.id}>"


async def jobs(world: World) -> list[Job]:
    return await world.jobs.of_user(world.ada.id, 0, 10)


async def test_a_mention_with_words_draws_once_and_counts_for_the_writer(world: World) -> None:
    world.engine.answer = NEW
    await world.ada.send(world.channel, f"{mention(world)} draw me a cat")
    await world.env.settle()
    (job,) = await jobs(world)
    assert (job.order.words, job.order.kind) == ("draw me a cat", Kind.IMAGINE)
    assert (await world.used(world.ada), await world.used(world.ben)) == (1, 0)
    assert len(await world.pictures()) == 1
    asked = world.engine.chats[-1]
    assert asked.messages[-1].text == "draw me a cat"
    assert "message to you in a chat room" in asked.messages[0].text


async def test_a_mention_of_all_is_no_part_of_the_words(world: World) -> None:
    world.engine.answer = NEW
    await world.ada.send(world.channel, f"@everyone {mention(world)} un gato con sombrero @here")
    await world.env.settle()
    (job,) = await jobs(world)
    assert job.order.words == "un gato con sombrero"


async def test_what_the_model_takes_for_chat_draws_nothing_and_says_nothing(world: World) -> None:
    world.engine.answer = CHAT
    await world.ada.send(world.channel, f"hey did you see {mention(world)} yesterday? lol")
    await world.env.settle()
    assert (await jobs(world), await world.pictures(), await world.used(world.ada)) == ([], [], 0)


async def test_a_bare_mention_gets_one_hint(world: World) -> None:
    for _ in range(3):
        await world.ada.send(world.channel, mention(world))
    await world.env.settle()
    assert [message.content for message in await world.pictures()] == [text("en", "refused-empty")]
    assert world.engine.chats == []


async def test_a_photo_attached_to_a_mention_is_the_start(world: World) -> None:
    world.engine.answer = NEW
    await world.ada.send(world.channel, f"{mention(world)} as an oil painting", attachments=[("me.png", PNG)])
    await world.env.settle()
    (job,) = await jobs(world)
    assert (job.order.kind, job.order.photos_of) == (Kind.START, (world.ada.id,))
    start = world.engine.starts[-1]
    assert start
    assert start.image == PNG


async def test_a_direct_message_draws_in_direct_messages(world: World) -> None:
    world.engine.answer = NEW
    cleo = world.env.create_user("Cleo")
    await cleo.send_dm("우주에 떠 있는 고래")
    await world.env.settle()
    assert cleo.dm_channel.last_message.attachments
    assert await world.pictures() == []


async def test_chat_in_direct_messages_gets_one_hint_and_draws_nothing(world: World) -> None:
    world.engine.answer = CHAT
    cleo = world.env.create_user("Cleo")
    for words in ("hello, who are you?", "and how are you"):
        await cleo.send_dm(words)
        await world.env.settle()
    answers = [message.content for message in cleo.dm_channel.history() if message.author.id == world.env.bot.user.id]
    assert answers == [text("en", "direct-chat")]
    assert await world.jobs.of_user(cleo.id, 0, 10) == []


async def test_a_direct_message_is_answered_in_the_language_of_the_writer_s_newest_request(world: World) -> None:
    world.engine.answer = NEW
    world.speaks[world.ada.id] = "zh-CN"
    for _ in range(2):
        await world.ada.send_dm("a cat")
        await world.env.settle()
        world.clock.at += 1
        await world.ada.slash(world.channel, "imagine", prompt="a boat", private=True)
        world.clock.at += 1
    oldest_first = [job.place.locale for job in reversed(await jobs(world))]
    assert oldest_first == ["en", "zh-CN", "zh-CN", "zh-CN"]


async def test_a_mention_under_someone_s_photo_without_the_intent_names_the_menu(world: World) -> None:
    photo = await world.ben.send(world.channel, "me", attachments=[("me.png", PNG)])
    await world.ada.send(world.channel, f"{mention(world)} give her a moustache", reply_to=photo)
    await world.env.settle()
    assert world.message.content == text("en", "refused-photo-unseen")
    assert (await jobs(world), world.engine.chats, await world.used(world.ada)) == ([], [], 0)


def grant_intent(monkeypatch: pytest.MonkeyPatch, *photos: Any) -> None:
    """Let Discord show these photos to the bot, as to an application with the message-content intent."""
    flags = discord.ApplicationFlags(gateway_message_content_limited=True)
    monkeypatch.setattr(discord.Client, "application_flags", property(lambda _: flags))
    fetched = discord.TextChannel.fetch_message

    async def seen(self: Any, message_id: int, /) -> Any:
        """As REST answers such an application."""
        message = await fetched(self, message_id)
        for photo in photos:
            if message_id == photo.id and not message.attachments:
                message.attachments = list(photo.attachments)
        return message

    monkeypatch.setattr(discord.TextChannel, "fetch_message", seen)


@pytest.mark.parametrize("attached", [0, 1])
@pytest.mark.parametrize("allowed", [True, False])
async def test_with_the_intent_it_starts_from_the_photo_where_its_author_lets_it(
    world: World, monkeypatch: pytest.MonkeyPatch, allowed: bool, attached: int
) -> None:
    if allowed:
        await world.ben.slash(world.channel, "my settings", photos="yes")
    photo = await world.ben.send(world.channel, "me", attachments=[("me.png", PNG)])
    grant_intent(monkeypatch, photo)
    world.engine.answer = NEW
    own = [("hat.png", PNG + b"hat")] * attached
    await world.ada.send(world.channel, f"{mention(world)} as a knight", reply_to=photo, attachments=own)
    await world.env.settle()
    if allowed:
        (job,) = await jobs(world)
        assert job.order.photos_of == (world.ben.id, world.ada.id)[: 1 + attached]
        start = world.engine.starts[-1]
        assert start
        assert start.pictures == (PNG, PNG + b"hat")[: 1 + attached]
    else:
        assert world.message.content == text("en", "barred-photo-not-shared")
        assert (await jobs(world), world.engine.chats) == ([], [])


async def test_other_bots_and_what_does_not_address_it_are_left_alone(world: World) -> None:
    robot = world.env.guild.add_member(world.env.create_user("Robot", bot=True))
    await robot.send(world.channel, f"{mention(world)} a cat")
    await world.ada.send(world.channel, "a cat")
    await world.env.settle()
    assert (world.engine.chats, await world.pictures()) == ([], [])


async def test_it_greets_a_server_once_where_it_may_write(world: World) -> None:
    guild = world.bot.get_guild(world.env.guild.id)
    assert guild
    await world.bot.on_guild_join(guild)
    await world.env.settle()
    assert [message.content for message in await world.pictures()] == [text("en", "greeting")]
