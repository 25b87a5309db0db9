"""/imagine from the command to the picture, as members see it."""

from __future__ import annotations

import discord
import pytest

from bot.domain.jobs import JobState
from engine.api.errors import BadRequest, ContentBlocked, EngineError, Internal, OutOfMemory, Unavailable
from tests.integration.conftest import World


async def test_a_request_becomes_a_picture_in_one_message(world: World) -> None:
    result = await world.ada.slash(world.channel, "imagine", prompt="  a red boat ", seed=7)

    assert result.ephemeral
    assert result.response.content == "On its way: your picture appears in this channel. 2 of 3 left this hour."
    assert len(await world.messages()) == 1, "one message, edited from queued to picture"
    assert world.message.content == f"{world.ada.mention} · Understood as: a red boat"
    assert [attachment.description for attachment in world.message.attachments] == ["a red boat (picture 1 of 1)"]
    assert world.labels() == ["Refine", "Again", "Vary", "Upscale", "★", "More"]
    request, key = world.engine.painted[0]
    assert (request.prompt, request.seed) == ("a red boat on a calm lake", 7)
    job = await world.jobs.by_message(world.message.id)
    assert job is not None
    assert (job.id, job.state, job.order.words) == (key, JobState.DONE, "a red boat")
    assert await world.used(world.ada) == 1


async def test_every_option_reaches_the_engine(world: World) -> None:
    options = {"prompt": "two cats", "shape": "wide", "count": 3, "seed": 5, "exact": True}
    await world.ada.slash(world.channel, "imagine", **options)

    request, _ = world.engine.painted[0]
    assert (request.prompt, request.n, request.size, request.seed) == ("two cats", 3, "1536x1024", 5)
    assert world.engine.chats == [], "exact asks no language model"
    assert "Drawn as written: two cats" in world.message.content
    assert len(world.message.attachments) == 3
    assert await world.used(world.ada) == 3


async def test_the_message_shows_the_queue_then_the_picture(world: World) -> None:
    painted = world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert "Queued, 1 before it, ready <t:1800000004:R>" in world.message.content
    assert world.labels() == ["Cancel"]
    assert await world.used(world.ada) == 1, "held while it is painted"
    painted.set()
    await world.env.settle()
    assert len(world.message.attachments) == 1


async def test_a_preview_that_comes_before_the_first_step_is_shown(world: World) -> None:
    world.engine.drafts, painted = True, world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert [attachment.filename for attachment in world.message.attachments] == ["preview.png"]
    assert world.message.content.endswith("Painting …")
    assert world.labels() == ["Cancel"]
    painted.set()
    await world.env.settle()
    assert [attachment.description for attachment in world.message.attachments] == ["a red boat (picture 1 of 1)"]


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("   ", "Say in a few words"),
        ("\u200b", "Say in a few words"),
    ],
)
async def test_words_that_cannot_be_drawn_change_nothing(world: World, prompt: str, sentence: str) -> None:
    result = await world.ada.slash(world.channel, "imagine", prompt=prompt)

    assert result.ephemeral
    assert sentence in result.response.content
    assert await world.messages() == []
    assert await world.jobs.unfinished() == []
    assert await world.used(world.ada) == 0


async def test_two_thousand_characters_are_drawn(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a" * 2000, exact=True)
    assert len(world.message.attachments) == 1


async def test_the_limit_refuses_with_the_next_free_time(world: World) -> None:
    for _ in range(3):
        await world.ada.slash(world.channel, "imagine", prompt="a boat")
    result = await world.ada.slash(world.channel, "imagine", prompt="a boat")

    assert result.ephemeral
    assert result.response.content == "3 of 3 pictures used this hour; the next is free <t:1800003600:R>."
    assert len(await world.messages()) == 3
    other = await world.ben.slash(world.channel, "imagine", prompt="a boat")
    assert "On its way" in other.response.content, "each has limits of their own"
    world.clock.at += 3_600
    again = await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert "On its way" in again.response.content


async def test_only_so_many_at_once(world: World) -> None:
    world.hold()
    for _ in range(2):
        await world.ada.slash(world.channel, "imagine", prompt="a boat")
    result = await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert "2 of 2 requests of yours are on their way; ask again <t:" in result.response.content
    assert await world.used(world.ada) == 2


@pytest.mark.parametrize("missing", ["send_messages", "attach_files", "read_message_history"])
async def test_a_missing_permission_is_named_before_anything_is_counted(world: World, missing: str) -> None:
    bot = world.env.bot.get_guild(world.env.guild.id).me
    overwrites = {bot: discord.PermissionOverwrite(**{missing: False})}
    channel = world.env.guild.create_text_channel("closed", overwrites=overwrites)
    result = await world.ada.slash(channel, "imagine", prompt="a boat")
    name = missing.replace("_", " ").title()
    assert result.response.content.startswith(f"I cannot post a picture here: I lack {name}.")
    assert await world.used(world.ada) == 0


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OutOfMemory("x"), "does not fit into the host's graphics memory"),
        (ContentBlocked("x"), "does not draw this"),
        (BadRequest("size: 1x1 is too small."), "size: 1x1 is too small."),
        (Internal("x"), "Something broke"),
    ],
)
async def test_a_failure_is_one_sentence_and_a_refund(world: World, error: EngineError, sentence: str) -> None:
    world.engine.fails = [error]
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert sentence in world.message.content
    assert "refunded" in world.message.content
    assert world.message.attachments == []
    assert world.message.components == []
    assert await world.used(world.ada) == 0


async def test_a_lost_engine_is_asked_once_more_with_the_same_seed_and_key(world: World) -> None:
    world.engine.fails = [Unavailable("cut")]
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    (first, key), (second, same_key) = world.engine.painted
    assert key
    assert (first, key) == (second, same_key)
    assert len(world.engine.chats) == 1, "what was understood is kept"
    assert len(world.message.attachments) == 1
    assert await world.used(world.ada) == 1


async def test_an_engine_lost_thrice_is_a_refund(world: World) -> None:
    world.engine.fails = [Unavailable("cut")] * 3
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert "stopped answering; this was refunded" in world.message.content
    assert await world.used(world.ada) == 0


async def test_a_language_model_that_fails_never_blocks_a_picture(world: World) -> None:
    world.engine.answer = "I am sorry, but"
    await world.ada.slash(world.channel, "imagine", prompt="ein rotes Boot")
    assert world.engine.painted[0][0].prompt == "ein rotes Boot"
    assert "your words were drawn as you wrote them" in world.message.content
    assert len(world.message.attachments) == 1


async def test_words_take_no_effect_in_the_channel(world: World) -> None:
    hostile = "@everyone <@1> **bold** https://example.com `x` \u202e||x||"
    await world.ada.slash(world.channel, "imagine", prompt=hostile, exact=True)
    assert not world.message.mention_everyone
    for live in ("@everyone", "<@1>", "**bold**", "https://", "`x`", "\u202e", "||x||"):
        assert live not in world.message.content.removeprefix(world.ada.mention)
    bodies = [request.json for request in world.env.backend.http_requests if request.path.endswith("/messages")]
    assert all(body["allowed_mentions"] == {"parse": []} for body in bodies if body), bodies


async def test_a_long_wait_is_pinged_once_for_the_asker_alone(world: World) -> None:
    painted = world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    world.clock.at += 61
    painted.set()
    await world.env.settle()
    picture, ping = sorted(await world.messages(), key=lambda message: int(message.id))
    assert ping.content == f"{world.ada.mention} your picture is ready."
    assert ping.reference.message_id == picture.id
    assert [member.id for member in ping.mentions] == [world.ada.id]


async def test_a_deleted_message_refunds(world: World) -> None:
    painted = world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    await world.mo.delete(world.message)
    painted.set()
    await world.env.settle()
    assert await world.jobs.unfinished() == []
    assert await world.used(world.ada) == 0


async def test_the_bot_draws_in_direct_messages_with_limits_of_their_own(world: World) -> None:
    user = world.env.create_user("Eve")
    result = await user.slash("imagine", prompt="a boat", count=3)
    assert "0 of 3 left this hour" in result.response.content
    picture = user.dm_channel.last_message
    assert len(picture.attachments) == 3
    assert "Queued" not in picture.content
    asked = await user.click(picture, label="Delete")
    await user.select(asked.response, values=["all"])
    assert picture.id not in [message.id for message in user.dm_channel.history()]


@pytest.mark.parametrize("allowed", [True, False])
async def test_in_a_thread_the_right_for_threads_counts(world: World, allowed: bool) -> None:
    bot = world.env.bot.get_guild(world.env.guild.id).me
    overwrites = {bot: discord.PermissionOverwrite(send_messages_in_threads=allowed, create_public_threads=True)}
    channel = world.env.guild.create_text_channel("threads", overwrites=overwrites)
    await world.env.bot.get_channel(channel.id).create_thread(name="t", type=discord.ChannelType.public_thread)
    (thread,) = channel.threads
    result = await world.ada.slash(thread, "imagine", prompt="a boat")
    if allowed:
        assert len(thread.last_message.attachments) == 1
    else:
        assert "I lack Send Messages in Threads" in result.response.content
    assert await world.used(world.ada) == allowed


async def test_a_disk_that_takes_nothing_is_told_and_costs_nothing(world: World) -> None:
    await world.database.on_writer(lambda connection: connection.execute("PRAGMA query_only = 1"))
    result = await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert "The host's disk takes nothing more" in result.response.content
    await world.database.on_writer(lambda connection: connection.execute("PRAGMA query_only = 0"))
    assert await world.messages() == []
    assert await world.used(world.ada) == 0
