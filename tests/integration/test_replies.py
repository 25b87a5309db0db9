"""Replies that refine, those that cannot be read, and those that are refused."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest
from simcord.backend.models.channel import Overwrite
from simcord.backend.models.message import AllowedMentions
from simcord.enums import OverwriteType

from bot.cogs.public_refusals import INTERVAL_S, PER_CHANNEL
from bot.domain.jobs import Job, JobState
from bot.domain.moderation import Action, Block, Entry
from bot.services.versions import REFINE_STRENGTH
from bot.storage.moderation import Decisions
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.errors import Internal, Unavailable
from engine.api.messages import ChatRequest, Model, ModelFacts
from tests.fakes import PNG, SPEC
from tests.integration.conftest import World
from tests.integration.test_moderation import moderator


async def imagine(world: World, **options: Any) -> Job:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, **options)
    job = await world.jobs.by_message(world.message.id)
    assert job
    return job


async def reply(world: World, job: Job, words: str, actor: Any = None) -> Any:
    return await (actor or world.ada).send(world.channel, words, reply_to=await world.find(job))


async def jobs(world: World) -> int:
    return len(await world.jobs.of_user(world.ada.id, 0, 10))


async def test_the_bots_own_mention_is_not_part_of_the_words(world: World) -> None:
    job = await imagine(world)
    await reply(world, job, f"<@{world.env.bot.user.id}> make it blue")
    assert world.engine.chats[-1].messages[-1].text == "make it blue"


async def test_a_reply_with_the_ping_off_is_answered_with_a_hint(world: World) -> None:
    job = await imagine(world)
    world.env.backend.create_message(
        world.channel.id,
        world.ada.id,
        "make it blue",
        reference={"channel_id": str(world.channel.id), "message_id": str(job.message_id)},
        allowed_mentions=AllowedMentions(replied_user=False),
    )
    await world.env.settle()
    assert world.message.content.startswith("I cannot read a reply whose ping is off.")
    assert await jobs(world) == 1
    assert await world.used(world.ada) == 1


async def test_a_reply_without_words_says_what_to_do(world: World) -> None:
    job = await imagine(world)
    await reply(world, job, f"<@{world.env.bot.user.id}>")
    assert world.message.content.startswith("Say in a few words")
    assert await jobs(world) == 1


@pytest.mark.parametrize("words", ["a reply to a person", "no reply at all"])
async def test_other_messages_are_left_alone(world: World, words: str) -> None:
    await imagine(world)
    other = await world.ben.send(world.channel, "nice")
    await world.ada.send(world.channel, words, reply_to=other if words.startswith("a") else None)
    assert await jobs(world) == 1
    assert world.message.content == words


async def test_a_reply_over_the_limit_is_refused_with_the_time(world: World) -> None:
    job = await imagine(world, count=3)
    await reply(world, job, "make it blue")
    assert "3 of 3 pictures used this hour" in world.message.content
    assert "<t:" in world.message.content
    assert await jobs(world) == 1
    assert await world.used(world.ada) == 3


async def test_a_reply_to_an_unfinished_picture_waits(world: World) -> None:
    painted = world.hold()
    job = await imagine(world)
    await reply(world, job, "make it blue")
    assert world.message.content.startswith("This picture is not finished")
    painted.set()
    await world.env.settle()
    assert await jobs(world) == 1


async def test_a_reply_where_the_bot_may_not_post_names_the_permission(world: World) -> None:
    job = await imagine(world)
    denied = discord.Permissions(attach_files=True).value
    world.env.backend.set_overwrite(world.channel.id, Overwrite(world.env.bot.user.id, OverwriteType.MEMBER, 0, denied))
    await world.env.settle()
    await reply(world, job, "make it blue")
    assert world.message.content.startswith("I cannot post a picture here: I lack Attach Files.")
    assert await world.used(world.ada) == 1


async def test_a_language_model_that_fails_loses_neither_the_picture_nor_the_change(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = "I would rather not."
    await reply(world, job, "add a lighthouse")
    made = await world.jobs.by_message(world.message.id)
    assert made
    assert made.state is JobState.DONE
    assert made.spec
    assert made.spec.prompt == "a red boat on a calm lake, add a lighthouse"
    assert "your words were added to the description" in world.message.content


async def test_a_failed_picture_is_nothing_to_refine(world: World) -> None:
    world.engine.fails = [Internal("x")]
    job = await imagine(world)
    await reply(world, job, "make it blue")
    assert world.message.content.startswith("This picture is not finished")


async def test_replies_in_direct_messages_refine_too(world: World) -> None:
    user = world.env.create_user("Cleo")
    await user.slash("imagine", prompt="a red boat")
    first = user.dm_channel.last_message
    await user.send_dm("make it blue", reference={"channel_id": str(user.dm_channel.id), "message_id": str(first.id)})
    made = await world.jobs.by_message(user.dm_channel.last_message.id)
    assert made
    assert made.parent_id


NO_SEED = Model("painter", limner=ModelFacts("painter", lacks=["seed"]))
EDITOR = Model("painter", limner=ModelFacts("painter", lacks=["strength"], edits_by_instruction=True))
BOTH = Model("painter", limner=ModelFacts("painter"))


@pytest.mark.parametrize(
    ("painter", "image", "starts"),
    [(BOTH, None, False), (BOTH, ("boat.png", PNG), True), (NO_SEED, None, True), (EDITOR, None, True)],
    ids=["a seed is enough", "the picture came of one", "no seed", "a model that edits pictures"],
)
async def test_a_refinement_starts_from_the_picture_where_a_seed_would_not_keep_it(
    world: World, painter: Model, image: tuple[str, bytes] | None, starts: bool
) -> None:
    world.engine.listed = [painter]
    await world.bot.services.catalog.refresh()
    job = await imagine(world, **({"image": image} if image else {}))
    await reply(world, job, "make it blue")
    start = world.engine.starts[-1]
    assert (start is not None) is starts
    if start:
        assert start.strength == (None if painter is EDITOR else REFINE_STRENGTH)
    request, _ = world.engine.painted[-1]
    assert request.seed == 7


async def test_another_bots_replies_are_left_alone(world: World) -> None:
    job = await imagine(world)
    other = world.env.guild.add_member(world.env.create_user("Robot", bot=True))
    await reply(world, job, "make it blue", other)
    assert len(world.engine.painted) == 1


async def test_refusals_in_direct_messages_are_in_the_language_of_the_picture(
    world: World,
) -> None:
    user = world.env.create_user("Dana")
    world.speaks[user.id] = "zh-CN"
    await user.slash("imagine", prompt="a boat", count=3)
    picture = user.dm_channel.last_message
    world.speaks.clear()
    reference = {"channel_id": str(user.dm_channel.id), "message_id": str(picture.id)}
    await user.send_dm("at night", reference=reference)
    assert user.dm_channel.last_message.content.startswith("本小时已用 3/3 张")


async def refusals(world: World) -> int:
    return sum(message.content.startswith("Say in a few words") for message in await world.pictures())


async def test_a_person_is_refused_in_the_open_once_in_30_seconds(world: World) -> None:
    job, mention = await imagine(world), f"<@{world.env.bot.user.id}>"
    for _ in range(3):
        await reply(world, job, mention)
    assert await refusals(world) == 1
    world.clock.at += INTERVAL_S
    await reply(world, job, mention)
    assert await refusals(world) == 2


async def test_a_channel_is_told_three_refusals_in_30_seconds(world: World) -> None:
    job, mention = await imagine(world), f"<@{world.env.bot.user.id}>"
    people = [world.env.guild.add_member(world.env.create_user(f"P{n}")) for n in range(PER_CHANNEL + 2)]
    for person in people:
        await reply(world, job, mention, person)
    assert await refusals(world) == PER_CHANNEL


async def test_a_blocked_person_gets_no_hint_either(world: World) -> None:
    job = await imagine(world)
    entry = Entry(world.mo.id, Action.BLOCK, 0.0, world.ada.id, after="always")
    await Decisions(world.database).set_block(world.env.guild.id, world.ada.id, Block(), entry)
    for mentions in (True, False):
        world.env.backend.create_message(
            world.channel.id,
            world.ada.id,
            f"<@{world.env.bot.user.id}>" if mentions else "x",
            reference={"channel_id": str(world.channel.id), "message_id": str(job.message_id)},
            allowed_mentions=AllowedMentions(replied_user=mentions),
        )
        await world.env.settle()
    assert [message.id for message in await world.pictures()] == [job.message_id]


def answer(**parts: object) -> str:
    return json.dumps({**SPEC, **parts})


EMPTY = {"understood": "", "keywords": [], "prompt": "", "negative": ""}


@pytest.mark.parametrize("words", ["haha nice", "谢谢，好看", "😂", "what is that?", "xq zzrb frop"])
async def test_chat_draws_nothing_costs_nothing_and_is_only_typed_to(world: World, words: str) -> None:
    job = await imagine(world)
    before = len(await world.messages())
    world.engine.answer = answer(kind="chat", **EMPTY)
    await reply(world, job, words)
    assert len(world.engine.painted) == 1
    assert await world.used(world.ada) == 1
    assert len(await world.messages()) == before + 1, "the reply itself, and nothing from the bot"
    assert any(request.path.endswith("/typing") for request in world.env.backend.http_requests)


async def test_thanks_with_a_wish_is_a_change_that_the_model_reads_once(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = answer(kind="change", prompt="a red boat at night", keywords=["red boat", "night"])
    await reply(world, job, "thanks, now make it night")
    made = await world.jobs.by_message(world.message.id)
    assert made
    assert made.parent_id == job.id
    assert world.engine.painted[-1][0].prompt == "a red boat at night"
    assert len(world.engine.chats) == 2
    assert await world.used(world.ada) == 2


async def test_a_new_picture_in_a_reply_comes_of_nothing(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = answer(kind="new", prompt="a castle")
    await reply(world, job, "draw a castle, something quite different")
    made = await world.jobs.by_message(world.message.id)
    assert made
    assert (made.parent_id, made.order.base) == (None, None)
    assert made.seed != 7


async def test_undo_points_to_the_version_that_is_meant(world: World) -> None:
    first = await imagine(world)
    jobs = [first]
    for prompt in ("a red boat at night", "a red boat at night in the rain"):
        world.engine.answer = answer(kind="change", prompt=prompt)
        await reply(world, jobs[-1], "change it")
        made = await world.jobs.by_message(world.message.id)
        assert made
        jobs.append(made)
    for version, meant in ((-1, jobs[1]), (-2, first), (1, first), (2, jobs[1]), (None, jobs[1])):
        world.engine.answer = answer(kind="undo", version=version, **EMPTY)
        world.clock.at += INTERVAL_S
        await reply(world, jobs[-1], "undo")
        assert meant.link in world.message.content, version
    assert len(world.engine.painted) == 3
    assert await world.used(world.ada) == 3
    world.clock.at += INTERVAL_S
    await reply(world, first, "undo")
    assert world.message.content == "There is no version before this one."


async def test_undo_of_a_version_whose_message_is_gone_says_so(world: World) -> None:
    first = await imagine(world)
    world.engine.answer = answer(kind="change", prompt="a red boat at night")
    await reply(world, first, "at night")
    second = await world.jobs.by_message(world.message.id)
    assert second
    await world.jobs.set_deleted(first.message_id or 0, world.clock.now())
    world.engine.answer = answer(kind="undo", version=-1, **EMPTY)
    await reply(world, second, "undo")
    assert world.message.content.startswith("The message of that version is gone: a red boat")


async def test_chat_that_holds_another_picture_is_asked_about(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = answer(kind="chat", prompt="a blue boat", understood="a blue boat")
    await reply(world, job, "a blue one would be nice too I guess")
    assert world.message.content == "Shall I draw this: a blue boat?"
    assert len(world.engine.painted) == 1
    asked = world.message
    refused = await world.ben.click(asked, label="Draw it")
    assert refused.response.ephemeral
    await world.ada.click(asked, label="Draw it")
    await world.env.settle()
    assert [request.prompt for request, _ in world.engine.painted] == ["a red boat on a calm lake", "a blue boat"]


async def test_chat_that_holds_the_same_picture_is_chat(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = answer(kind="chat")
    await reply(world, job, "nice")
    assert world.message.content == "nice"


async def test_an_answer_of_the_four_fields_alone_is_a_change(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = answer(prompt="a red boat at night")
    await reply(world, job, "at night")
    assert world.engine.painted[-1][0].prompt == "a red boat at night"


async def test_an_engine_that_is_away_is_waited_for_with_the_change(world: World) -> None:
    job = await imagine(world)
    chat, calls = world.engine.chat, 0

    async def away_once(request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise Unavailable("gone")
        return await chat(request)

    world.engine.chat = away_once  # type: ignore[method-assign]
    world.engine.answer = answer(prompt="a red boat at night")
    await reply(world, job, "at night")
    assert world.engine.painted[-1][0].prompt == "a red boat at night"
    assert await world.used(world.ada) == 2


async def test_an_engine_that_loads_is_waited_for_with_the_change(world: World) -> None:
    job = await imagine(world)
    states = [False]

    async def ready() -> bool:
        return not states or states.pop()

    world.engine.ready = ready  # type: ignore[method-assign]
    world.engine.answer = answer(prompt="a red boat at night")
    await reply(world, job, "at night")
    assert states == []
    assert world.engine.painted[-1][0].prompt == "a red boat at night"


async def test_one_person_is_read_ten_times_a_minute_requests_and_replies_together(world: World) -> None:
    began = world.clock.at
    job = await imagine(world)
    world.engine.answer = answer(kind="chat", **EMPTY)
    for _ in range(9):
        await reply(world, job, "nice")
    assert len(world.engine.chats) == 10
    await reply(world, job, "nice")
    assert world.message.content == "nice", "who only chats needs no word about it"
    too_fast = f"Your words come faster than I read them; ask again <t:{began + 60:.0f}:R>."
    refused = await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert refused.response.content == too_fast
    assert len(world.engine.chats) == 10
    assert await world.used(world.ada) == 1, "refused before anything is reserved"
    await world.ada.click(await world.find(job), label="Again")
    await world.ada.slash(world.channel, "imagine", prompt="a boat", exact=True)
    assert await world.used(world.ada) == 3, "what is not read goes on"
    await world.ben.send(world.channel, "nice", reply_to=await world.find(job))
    assert len(world.engine.chats) == 11, "another is read"
    world.clock.at = began + 60
    await reply(world, job, "nice")
    assert len(world.engine.chats) == 12


async def test_moderators_let_only_replies_with_a_mention_count(world: World) -> None:
    job = await imagine(world)
    world.engine.answer = answer(kind="change", prompt="a red boat at night")
    max_ = moderator(world)
    said = await max_.slash(world.channel, "moderation replies", mode="mention")
    assert said.response.content == "Replies count only when their text mentions me."
    await reply(world, job, "at night")
    assert len(world.engine.chats) == 1
    await reply(world, job, f"<@{world.env.bot.user.id}> at night")
    assert len(world.engine.chats) == 2
    await max_.slash(world.channel, "moderation replies", mode="any")
    await reply(world, job, "at night")
    assert len(world.engine.chats) == 3


async def test_a_blocked_persons_reply_is_not_read(world: World) -> None:
    job = await imagine(world)
    entry = Entry(world.mo.id, Action.BLOCK, 0.0, world.ada.id, after="always")
    await Decisions(world.database).set_block(world.env.guild.id, world.ada.id, Block(), entry)
    await reply(world, job, "make it blue")
    assert len(world.engine.chats) == 1


@pytest.mark.parametrize(
    ("painter", "prompt"),
    [(EDITOR, "Make it night; keep the boat."), (BOTH, "a red boat at night")],
    ids=["a model that edits pictures", "any other"],
)
async def test_a_painter_that_edits_pictures_gets_the_change_itself(world: World, painter: Model, prompt: str) -> None:
    world.engine.listed = [painter]
    await world.bot.services.catalog.refresh()
    job = await imagine(world)
    world.engine.answer = answer(
        kind="change", prompt="a red boat at night", instruction="Make it night; keep the boat."
    )
    await reply(world, job, "make it night")
    assert world.engine.painted[-1][0].prompt == prompt
