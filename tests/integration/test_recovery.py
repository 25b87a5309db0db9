"""What a stop or a crash left unfinished is resumed, or refunded, exactly once."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
import stamina
from structlog.testing import capture_logs

from bot.domain.account import Account
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.progress import Reason
from bot.services.ports.messaging import Posted
from bot.services.ports.storage import StoreUnavailable
from bot.storage.ledger import Ledger
from bot.ui import discord_retry
from bot.ui.messenger import DiscordMessenger
from engine.api.errors import OutOfMemory
from tests.integration.conftest import RULES, World
from tests.integration.test_moderation import moderator


async def left_behind(world: World, message_id: int | None = None, job_id: str = "ab" * 16) -> Job:
    """Put a job on disk as a crash right after its acceptance leaves it."""
    place = Place(world.ada.id, world.channel.id, world.env.guild.id)
    job = Job(job_id, Order("a red boat", seed=7), place, 7, JobState.QUEUED, world.clock.now())
    assert isinstance(await Ledger(world.database).reserve(job, RULES.host), Account)
    if message_id is not None:
        await world.jobs.set_posted(job.posted(world.channel.id, message_id))
    return job


async def test_an_accepted_job_without_message_is_drawn_once(world: World) -> None:
    await left_behind(world)
    await world.restart()
    await world.restart()
    assert len(await world.messages()) == 1
    assert len(world.message.attachments) == 1
    assert len(world.engine.painted) == 1
    assert world.engine.painted[0][0].seed == 7
    assert await world.used(world.ada) == 1


async def test_a_running_job_goes_on_in_its_message(world: World) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7)
    before = world.message.id
    await world.restart()
    assert [message.id for message in await world.messages()] == [before]
    assert len(world.message.attachments) == 1
    (first, key), (second, same_key) = world.engine.painted
    assert (first, key) == (second, same_key)
    assert len(world.engine.chats) == 1, "what was understood was on disk"
    assert await world.used(world.ada) == 1


async def test_a_message_that_was_posted_but_not_written_down_is_found(world: World) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    await world.database.write(lambda connection: connection.execute("UPDATE jobs SET message_id = NULL").rowcount)
    await world.restart()
    assert len(await world.messages()) == 1
    assert len(world.message.attachments) == 1


async def test_a_private_answer_that_was_not_written_down_takes_its_picture(world: World) -> None:
    world.hold()
    result = await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)
    await world.database.write(lambda connection: connection.execute("UPDATE jobs SET message_id = NULL").rowcount)
    await world.restart()
    (job,) = await world.jobs.of_user(world.ada.id, 0, 5)
    assert (job.state, job.message_id, job.place.channel_id) == (JobState.DONE, result.response.id, world.channel.id)


async def test_pictures_that_were_delivered_are_not_painted_again(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")

    def undo_the_end(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE jobs SET state = 'painting', ended_at = NULL")
        connection.execute("UPDATE reservations SET state = 'held'")

    await world.database.write(undo_the_end)
    await world.restart()
    assert len(world.engine.painted) == 1
    job = await world.jobs.by_message(world.message.id)
    assert job
    assert job.state is JobState.DONE
    assert await world.used(world.ada) == 1


async def test_one_that_is_cancelled_while_recovery_looks_is_not_resumed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await left_behind(world)
    find = DiscordMessenger.find

    async def cancelled_meanwhile(self: DiscordMessenger, job: Job) -> tuple[Posted, bool] | None:
        found = await find(self, job)
        assert await Ledger(world.database).settle(job.id, JobState.CANCELLED, world.clock.now())
        return found

    monkeypatch.setattr(DiscordMessenger, "find", cancelled_meanwhile)
    await world.restart()
    assert world.engine.painted == []
    assert await world.messages() == []
    assert await ends(world) == [("cancelled", "released")]
    assert await world.jobs.untold() == []
    assert job.id not in world.bot.services.orders.on_their_way


async def test_a_message_that_was_not_written_down_tells_that_it_was_cancelled(world: World) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    await world.database.write(lambda connection: connection.execute("UPDATE jobs SET message_id = NULL").rowcount)
    await world.ada.click(world.message, label="Cancel")
    assert "refunded" in world.message.content
    assert world.message.components == []
    assert await ends(world) == [("cancelled", "released")]


async def test_what_a_block_did_not_come_to_stop_is_refunded(world: World) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    block = "INSERT INTO blocks (guild_id, user_id, reason) VALUES (?, ?, '')"
    values = world.env.guild.id, world.ada.id
    await world.database.write(lambda connection: connection.execute(block, values).rowcount)
    await world.restart()
    assert "Cancelled and refunded." in world.message.content
    assert not world.message.attachments
    assert await world.used(world.ada) == 0


async def test_a_block_stops_what_is_on_its_way_once_the_disk_takes_that(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    settle, failures = Ledger.settle, [StoreUnavailable("disk I/O error")]

    async def fail_once(ledger: Ledger, *arguments: Any, **named: Any) -> bool:
        if failures:
            raise failures.pop()
        return await settle(ledger, *arguments, **named)

    monkeypatch.setattr(Ledger, "settle", fail_once)
    told = await moderator(world).slash(world.channel, "moderation block", user=world.ada)
    await world.env.settle()
    assert "One request" in told.response.content
    assert "Cancelled and refunded." in world.message.content
    assert (failures, await ends(world)) == ([], [("cancelled", "released")])


async def test_a_picture_that_is_ready_before_a_block_could_stop_it_is_shown_to_nobody(world: World) -> None:
    painted = world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    block = "INSERT INTO blocks (guild_id, user_id, reason) VALUES (?, ?, '')"
    values = world.env.guild.id, world.ada.id
    await world.database.write(lambda connection: connection.execute(block, values).rowcount)
    painted.set()
    await world.env.settle()
    assert "Cancelled and refunded." in world.message.content
    assert not world.message.attachments
    assert await ends(world) == [("failed", "released")]


async def test_a_deleted_message_is_a_refund(world: World) -> None:
    job = await left_behind(world, message_id=12345)
    await world.restart()
    found = await world.jobs.get(job.id)
    assert found
    assert found.state is JobState.FAILED
    assert await world.used(world.ada) == 0
    assert await world.messages() == []


async def ends(world: World) -> list[tuple[str, str]]:
    """Return the states of the jobs and of their reservations."""
    sql = "SELECT jobs.state, reservations.state FROM jobs JOIN reservations ON jobs.id = job_id ORDER BY created_at"
    rows = await world.database.read(lambda connection: connection.execute(sql).fetchall())
    return [(row[0], row[1]) for row in rows]


async def test_an_end_that_a_crash_kept_from_being_told_is_told_once(world: World) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    job = await world.jobs.by_message(world.message.id)
    assert job
    assert await Ledger(world.database).settle(job.id, JobState.FAILED, world.clock.now(), untold=Reason.MEMORY)
    await world.restart()
    await world.env.settle()
    assert "graphics memory; this was refunded" in world.message.content
    assert world.message.components == []
    assert await world.jobs.untold() == []
    assert await ends(world) == [("failed", "released")]


async def test_an_end_that_was_told_is_not_told_again(world: World) -> None:
    world.engine.fails = [OutOfMemory("no")]
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    assert await world.jobs.untold() == []
    assert await ends(world) == [("failed", "released")]


async def test_a_discord_that_is_unwell_ends_no_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord_retry, "patiently", stamina.AsyncRetryingCaller(attempts=1))
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    world.env.inject_error("GET", f"/channels/{world.channel.id}/messages/{world.message.id}", status=503, times=2)
    await world.restart()
    assert await ends(world) == [("painting", "held")]
    assert await world.bot._recovery.round()
    while world.bot.services.orders.running:
        await asyncio.sleep(0.01)
    assert await ends(world) == [("done", "spent")]
    assert len(world.message.attachments) == 1


async def test_one_that_cannot_be_recovered_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await left_behind(world)
    world.clock.at += 1.0
    await left_behind(world, job_id="cd" * 16)
    find = DiscordMessenger.find

    async def broken(self: DiscordMessenger, job: Job) -> tuple[Posted, bool] | None:
        if job.id == "ab" * 16:
            raise RuntimeError
        return await find(self, job)

    monkeypatch.setattr(DiscordMessenger, "find", broken)
    await world.restart()
    assert await ends(world) == [("failed", "released"), ("done", "spent")]


DAMAGED = {
    "no JSON": "UPDATE jobs SET options = '{zebrafinch' WHERE id = ?",
    "another JSON": "UPDATE jobs SET options = '[\"zebrafinch\"]' WHERE id = ?",
    "a type of another version": "UPDATE jobs SET options = json_set(options, '$.kind', 'zebrafinch') WHERE id = ?",
    "a spec of another version": """UPDATE jobs SET spec = '{"prompt": "zebrafinch"}' WHERE id = ?""",
    "sealed with a key that is lost": "UPDATE jobs SET sealed = 1, words = 'zebrafinch==' WHERE id = ?",
    "no UTF-8": "UPDATE jobs SET options = CAST(x'7B22FF7A6562726166696E6368' AS TEXT) WHERE id = ?",
}


@pytest.mark.parametrize("damage", DAMAGED)
async def test_a_row_that_cannot_be_read_is_refunded_once_and_keeps_no_other_from_it(world: World, damage: str) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    job = await world.jobs.by_message(world.message.id)
    assert job
    world.clock.at += 1.0
    await left_behind(world)
    await world.database.write(lambda connection: connection.execute(DAMAGED[damage], (job.id,)).rowcount)
    with capture_logs() as logged:
        await world.restart()
    assert await ends(world) == [("failed", "released"), ("done", "spent")]
    message = await world.find(job)
    assert "refunded" in message.content
    assert message.components == []
    assert await world.jobs.untold() == []
    assert await world.used(world.ada) == 1
    assert job.id in [line["job_id"] for line in logged if line["event"] == "job.unreadable"]
    assert "zebrafinch" not in str(logged)
    posted = len(await world.messages())
    await world.restart()
    assert await ends(world) == [("failed", "released"), ("done", "spent")]
    assert len(await world.messages()) == posted


async def test_an_end_that_cannot_be_told_keeps_no_other_from_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [await left_behind(world, job_id=job_id * 16) for job_id in ("ab", "cd")]
    for job in jobs:
        assert await Ledger(world.database).settle(job.id, JobState.FAILED, world.clock.now(), untold=Reason.MEMORY)
    find = DiscordMessenger.find

    async def broken(self: DiscordMessenger, job: Job) -> tuple[Posted, bool] | None:
        if job.id == jobs[0].id:
            raise RuntimeError
        return await find(self, job)

    monkeypatch.setattr(DiscordMessenger, "find", broken)
    await world.restart()
    await world.env.settle()
    assert [job.id for job, _ in await world.jobs.untold()] == [jobs[0].id]


@pytest.mark.parametrize(("age", "painted"), [(3_599, 1), (3_601, 0)])
async def test_nobody_waits_for_an_hour(world: World, age: int, painted: int) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    world.clock.at += age
    world.engine.painted.clear()
    await world.restart()
    assert len(world.engine.painted) == painted
    picture = (await world.messages())[-1]
    assert len(picture.attachments) == painted
    assert ("stopped for too long" in picture.content) == (not painted)
    rows = await world.database.read(lambda connection: connection.execute("SELECT state FROM reservations").fetchall())
    assert [row["state"] for row in rows] == ["spent" if painted else "released"]
