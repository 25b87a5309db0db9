"""The buttons under a picture, who may press them, and that they outlive a restart."""

from __future__ import annotations

import pytest

from bot.domain.jobs import JobState
from bot.domain.moderation import Action
from bot.storage.audit import Audit
from bot.ui.moderation_log import entry_line
from tests.integration.conftest import World, under_more


async def imagine(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7)


@pytest.fixture(params=["same process", "after a restart"])
def when(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def maybe_restart(world: World, when: str) -> None:
    if when == "after a restart":
        await world.restart()


async def test_again_draws_the_same_spec_with_a_new_seed(world: World, when: str) -> None:
    await imagine(world)
    first = world.message
    await maybe_restart(world, when)
    result = await world.ben.click(first, label="Again")

    assert result.ephemeral
    assert "On its way" in result.response.content
    (one, _), (two, _) = world.engine.painted
    assert one.prompt == two.prompt
    assert one.seed != two.seed
    assert len(world.engine.chats) == 1, "understood once"
    assert world.message.id != first.id
    assert world.message.content == f"{world.ben.mention} · Understood as: a red boat"
    job = await world.jobs.by_message(world.message.id)
    parent = await world.jobs.by_message(first.id)
    assert job and parent
    assert job.parent_id == parent.id
    assert (await world.used(world.ada), await world.used(world.ben)) == (1, 1)


async def test_details_are_ephemeral_and_complete(world: World, when: str) -> None:
    await imagine(world)
    await maybe_restart(world, when)
    result = await under_more(world.ben, world.message, "Details")

    assert result.ephemeral
    embed = result.response.embeds[0]
    shown = {field.name: field.value for field in embed.fields}
    assert "a red boat on a calm lake" in embed.description
    assert shown["Understood as"] == "a red boat"
    assert shown["Seed"] == "7"
    assert shown["Steps"] == "2"
    assert shown["Size"] == "1024 × 1024"
    assert shown["Model"] == "fake"
    assert shown["Time"].endswith(" s")
    assert not [name for name in shown if name.startswith("Not read")]


async def test_details_tell_what_the_painter_had_no_room_for(world: World, when: str) -> None:
    world.engine.unread = "calm lake"
    await imagine(world)
    await maybe_restart(world, when)
    world.speaks[world.ada.id] = "zh-CN"
    names = {"Not read: the model has no room for so many words": world.ben, "未读到：模型容不下这么多词": world.ada}
    for name, member in names.items():
        result = await under_more(member, world.message, "详情" if member is world.ada else "Details")
        shown = {field.name: field.value for field in result.response.embeds[0].fields}
        assert shown[name] == "calm lake"


async def test_delete_is_for_the_requester_and_moderators(world: World, when: str) -> None:
    await imagine(world)
    await maybe_restart(world, when)
    refused = await under_more(world.ben, world.message, "Delete")
    assert "Only the one who asked" in refused.response.content
    assert len(await world.messages()) == 1
    asked = await under_more(world.mo, world.message, "Delete")
    assert len(await world.messages()) == 1, "a moderator is asked for a reason first"
    await maybe_restart(world, when)
    await world.mo.submit_modal(asked, {"reason": "too *bright*\n@everyone"})
    assert await world.messages() == []
    (entry,) = await Audit(world.database).entries(world.env.guild.id, None, 0, 9)
    assert (entry.action, entry.actor_id, entry.target_id) == (Action.DELETE, world.mo.id, world.ada.id)
    assert entry.reason == "too *bright* @everyone"
    assert "deleted a picture of <@" in entry_line("en", entry)
    assert await world.used(world.ada) == 1, "a deleted picture was painted and counts"


async def test_cancel_refunds_and_stops_the_engine(world: World) -> None:
    world.hold()
    await imagine(world)
    refused = await world.ben.click(world.message, label="Cancel")
    assert "Only the one who asked" in refused.response.content
    await world.ada.click(world.message, label="Cancel")
    assert "Cancelled and refunded." in world.message.content
    job = await world.jobs.by_message(world.message.id)
    assert job
    assert job.state is JobState.CANCELLED
    assert world.engine.cancelled == [job.id]
    assert await world.used(world.ada) == 0
    assert world.message.components == []


async def test_a_button_of_an_unknown_picture_says_so(world: World) -> None:
    await imagine(world)
    await world.database.write(lambda connection: connection.execute("DELETE FROM reservations").rowcount)
    await world.database.write(lambda connection: connection.execute("DELETE FROM jobs").rowcount)
    result = await world.ada.click(world.message, label="More")
    assert result.response.content == "I have no record of this picture any more."


async def test_usage_tells_what_is_left_and_when_it_frees(world: World) -> None:
    await imagine(world)
    result = await world.ada.slash(world.channel, "my usage")
    assert result.ephemeral
    assert "2 of 3 pictures left this hour; the next comes back <t:1800003600:R>" in result.response.content
    other = await world.ben.slash(world.channel, "my usage")
    assert "3 of 3 pictures left this hour" in other.response.content


async def test_help_names_the_command(world: World) -> None:
    result = await world.ada.slash(world.channel, "help")
    assert result.ephemeral
    assert "/imagine" in result.response.content


async def test_a_double_click_is_one_press(world: World) -> None:
    await imagine(world)
    first = world.message
    await world.ada.click(first, label="Again")
    twice = await world.ada.click(first, label="Again")
    assert not [
        message for message in [twice.response] if message and message.content and "On its way" in message.content
    ]
    assert await world.used(world.ada) == 2, "the first picture, and one more"
    await world.ben.click(first, label="Again")
    assert await world.used(world.ben) == 1, "another person's press is another"
    world.env.backend.advance_clock(1.0)
    await world.ada.click(first, label="Again")
    assert await world.used(world.ada) == 3, "so is one a second later"
