"""What can go wrong on Discord's side while a picture is on its way: one sentence, a refund where due, nothing left."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from bot.domain.jobs import Job, JobState
from bot.ui.i18n import text
from tests.integration.conftest import World

TWENTY_MINUTES = 20 * 60


async def imagine(world: World, **options: Any) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", **options)


async def only_job(world: World) -> Job:
    rows = await world.database.read(lambda connection: connection.execute("SELECT id FROM jobs").fetchall())
    (row,) = rows
    job = await world.jobs.get(row["id"])
    assert job
    return job


async def wait(world: World, seconds: float) -> None:
    world.clock.at += seconds
    await world.env.advance_time(seconds)


async def test_a_queue_of_twenty_minutes_ends_in_the_same_message_and_one_ping(world: World) -> None:
    painted = world.hold()
    await imagine(world)
    await wait(world, TWENTY_MINUTES)
    painted.set()
    await world.env.settle()
    ping, picture = await world.messages()
    assert len(picture.attachments) == 1
    assert ping.content == f"{world.ada.mention} your picture is ready."
    assert (await only_job(world)).state is JobState.DONE


async def test_a_private_one_after_twenty_minutes_with_closed_direct_messages_is_refunded(world: World) -> None:
    painted = world.hold()
    await imagine(world, private=True)
    await wait(world, TWENTY_MINUTES)
    world.env.inject_error("POST", "/users/@me/channels", status=403, code=50007, times=None)
    painted.set()
    await world.env.settle()
    assert (await only_job(world)).state is JobState.FAILED
    assert await world.used(world.ada) == 0
    assert await world.messages() == []


async def test_a_restart_within_a_private_wait_goes_on_in_the_answer(world: World) -> None:
    world.hold()
    result = await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)
    await world.restart()
    job = await only_job(world)
    assert (job.state, job.message_id) == (JobState.DONE, result.response.id)
    assert len(world.engine.painted) == 2
    assert await world.used(world.ada) == 1


async def test_a_restart_after_a_private_wait_goes_on_by_direct_message(world: World) -> None:
    world.hold()
    await imagine(world, private=True)
    await wait(world, TWENTY_MINUTES)
    await world.restart()
    job = await only_job(world)
    assert job.state is JobState.DONE
    assert job.place.channel_id != world.channel.id
    assert await world.messages() == []


async def test_a_channel_that_is_closed_meanwhile_is_told_by_direct_message(world: World) -> None:
    painted = world.hold()
    await imagine(world)
    denied = discord.Permissions(view_channel=True).value
    world.env.backend.set_overwrite(world.channel.id, Overwrite(world.env.bot.user.id, OverwriteType.MEMBER, 0, denied))
    painted.set()
    await world.env.settle()
    assert (await only_job(world)).state is JobState.FAILED
    assert await world.used(world.ada) == 0
    told = world.env.backend.get_dm_channel(world.ada.id)
    assert (
        f"I may not write in <#{world.channel.id}> any more" in world.env.backend.messages[told.id].popitem()[1].content
    )


async def test_a_message_deleted_meanwhile_stops_the_engine_at_once(world: World) -> None:
    world.hold()
    await imagine(world)
    await world.mo.delete(world.message)
    job = await only_job(world)
    assert (job.state, world.engine.cancelled) == (JobState.CANCELLED, [job.id])
    assert await world.used(world.ada) == 0


async def test_a_member_who_leaves_gets_their_picture_all_the_same(world: World) -> None:
    painted = world.hold()
    await imagine(world)
    world.env.backend.remove_member(world.env.guild.id, world.ada.id)
    painted.set()
    await world.env.settle()
    assert len(world.message.attachments) == 1
    assert (await only_job(world)).state is JobState.DONE


async def test_models_that_cannot_be_loaded_refuse_at_once_and_count_nothing(world: World) -> None:
    await imagine(world)
    picture = world.message
    world.engine.alive, world.engine.broken = False, True
    refused = text("en", "refused-cannot-load")
    assert "limner doctor" in refused
    result = await world.ada.slash(world.channel, "imagine", prompt="a boat")
    assert (result.response.content, result.response.ephemeral) == (refused, True)
    assert (await world.ada.click(picture, label="Again")).response.content == refused
    await world.ada.send(world.channel, "make it blue", reply_to=picture)
    assert world.message.content == refused
    assert await world.used(world.ada) == 1
    world.engine.alive, world.engine.broken = True, False
    await imagine(world)
    assert await world.used(world.ada) == 2


async def test_who_waits_is_told_once_the_models_are_known_to_be_broken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_ready() -> bool:
        world.engine.broken = True
        return False

    monkeypatch.setattr(world.engine, "ready", not_ready)
    await imagine(world)
    assert text("en", "failed-unloaded") in world.message.content
    assert (await only_job(world)).state is JobState.FAILED
    assert await world.used(world.ada) == 0
