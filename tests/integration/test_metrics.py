"""What the bot counts of what members and moderators do: each thing once, and nothing about anyone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.account import Account
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.progress import Reason
from bot.services.ports.storage import StoreUnavailable
from bot.storage.database import Database
from bot.watch.exposition import Exposition
from bot.watch.meters import Meters
from bot.watch.storage_metrics import WatchedLedger
from engine.api.errors import OutOfMemory
from engine.api.messages import Model, ModelFacts
from tests.figures import Figures
from tests.integration.conftest import RULES, World, under_more

Scrape = Callable[[], Awaitable[Figures]]


@pytest.fixture
def scrape(world: World, tmp_path: Path) -> Scrape:
    """Ask the bot for its figures as Prometheus does."""
    exposition = Exposition(world.bot.meters, world.database, tmp_path / "limner.sqlite3", world.engine, world.clock)
    exposition.watch(world.bot, world.bot.services.orders)

    async def ask() -> Figures:
        return Figures(await exposition(), "limner_bot_")

    return ask


async def imagine(world: World, **options: Any) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", **options)


async def test_a_picture_is_counted_from_its_command_to_its_end(world: World, scrape: Scrape) -> None:
    painted = world.hold()
    await imagine(world)
    world.clock.at += 50
    found = await scrape()
    assert found.value("interactions_total", command="imagine", outcome="ok") == found.value("interactions_total") == 1
    assert found.value("interaction_seconds_count", command="imagine") == 1
    assert found.value("jobs_accepted_total") == found.value("jobs_running") == found.value("reservations_held") == 1
    assert found.value("job_age_seconds") == 50
    assert found.value("jobs_ended_total") == found.value("jobs_adrift") == found.value("ledger_difference") == 0
    painted.set()
    await world.env.settle()
    found = await scrape()
    assert found.value("jobs_ended_total", end="done") == found.value("jobs_ended_total") == 1
    assert found.value("job_seconds_count") == 1
    assert found.value("jobs_running") == found.value("reservations_held") == found.value("job_age_seconds") == 0
    assert found.value("refunds_total") == found.value("failures_total") == 0
    assert found.value("engine_up") == 1
    world.engine.alive = False
    assert (await scrape()).value("engine_up") == 0


async def test_refusals_failures_and_refunds_are_told_apart(world: World, scrape: Scrape) -> None:
    world.engine.fails = [OutOfMemory("none left")]
    await imagine(world)
    await imagine(world, count=3)
    await imagine(world)
    found = await scrape()
    assert found.value("interactions_total", command="imagine", outcome="ok") == 2
    assert found.value("interactions_total", command="imagine", outcome="refused") == 1
    assert found.value("refusals_total", why="limit") == found.value("refusals_total") == 1
    assert found.value("jobs_ended_total", end="failed") == found.value("refunds_total") == 1
    assert found.value("failures_total", reason="memory") == found.value("failures_total") == 1


async def test_a_refusal_in_direct_messages_counts_too(world: World, scrape: Scrape) -> None:
    eve = world.env.create_user("Eve")
    for _ in range(4):
        await eve.slash("imagine", prompt="a boat")
    assert (await scrape()).value("refusals_total", why="limit") == 1


async def test_a_fault_is_no_refusal(world: World, scrape: Scrape, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr("bot.storage.ledger.Ledger.reserve", broken)
    await imagine(world)
    monkeypatch.undo()
    found = await scrape()
    assert found.value("store_failures_total") == 1
    assert found.value("jobs_accepted_total") == 0


async def test_buttons_replies_and_cancelling(world: World, scrape: Scrape) -> None:
    world.hold()
    await imagine(world)
    await world.ben.click(world.message, label="Cancel")
    await world.ada.click(world.message, label="Cancel")
    await world.ada.send(world.channel, "hello, all")
    world.engine.hold = None
    await imagine(world)
    await world.ada.send(world.channel, "make it night", reply_to=world.message)
    found = await scrape()
    assert found.value("interactions_total", command="button cancel", outcome="refused") == 1
    assert found.value("interactions_total", command="button cancel", outcome="ok") == 1
    assert found.value("interactions_total", command="reply") == 1, "what is said beside the pictures is not counted"
    assert found.value("jobs_ended_total", end="cancelled") == found.value("refunds_total") == 1


async def test_what_discord_does_not_take_is_counted(world: World, scrape: Scrape) -> None:
    painted = world.hold()
    await imagine(world)
    world.env.inject_error("PATCH", f"/channels/{world.channel.id}/messages/{world.message.id}", status=403, times=None)
    painted.set()
    await world.env.settle()
    found = await scrape()
    assert found.value("delivery_failures_total", what="finish") == found.value("delivery_failures_total") == 1
    assert found.value("failures_total", reason="undeliverable") == 1
    assert found.value("jobs_ended_total", end="failed") == 1


async def test_a_held_picture_is_seen_until_moderators_remove_it(world: World, scrape: Scrape) -> None:
    world.engine.listed = [Model("fake", limner=ModelFacts("painter", check="on"))]
    world.engine.scores = [0.9]
    managers = world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    max_ = world.env.guild.add_member(world.env.create_user("Max"), roles=[managers])
    await max_.slash(world.channel, "moderation nsfw", policy="hold")
    await imagine(world)
    found = await scrape()
    assert found.value("jobs_held") == found.value("reservations_held") == 1
    assert found.value("jobs_running") == found.value("jobs_adrift") == found.value("ledger_difference") == 0
    review = await max_.slash(world.channel, "moderation review")
    await max_.click(review.response, label="Remove")
    found = await scrape()
    assert found.value("jobs_held") == 0
    assert found.value("jobs_ended_total", end="failed") == found.value("refunds_total") == 1
    assert found.value("failures_total", reason="removed") == 1
    assert found.value("interactions_total", command="button remove", outcome="ok") == 1


async def test_a_job_counts_as_ended_once_however_often_it_is_settled(database: Database) -> None:
    meters = Meters()
    ledger = WatchedLedger(database, meters)
    jobs = [Job(2 * name, Order("a boat"), Place(1, 2, 3), 5, JobState.QUEUED, 1e9) for name in ("ab" * 8, "cd" * 8)]
    for job in jobs:
        assert isinstance(await ledger.reserve(job, RULES.host), Account)
    assert await ledger.settle(jobs[0].id, JobState.DONE, 1e9) is True
    assert await ledger.settle(jobs[0].id, JobState.FAILED, 1e9, untold=Reason.MEMORY) is False
    assert await ledger.settle(jobs[0].id, JobState.DONE, 1e9) is False
    await database.on_writer(lambda connection: connection.execute("PRAGMA query_only = 1"))
    with pytest.raises(StoreUnavailable):
        await ledger.settle(jobs[1].id, JobState.CANCELLED, 1e9)
    found = Figures(meters.registry.render(), "limner_bot_")
    assert found.value("jobs_ended_total", end="done") == found.value("jobs_ended_total") == 1
    assert found.value("job_seconds_count") == 1
    assert found.value("failures_total") == found.value("refunds_total") == 0
    assert found.value("store_failures_total") == 1


LEDGER_FAULTS = {
    "a reservation is lost": "DELETE FROM reservations",
    "a reservation was let go": "UPDATE reservations SET state = 'released'",
    "a job ended by itself": "UPDATE jobs SET state = 'failed', ended_at = 1.0",
}


@pytest.mark.parametrize("fault", LEDGER_FAULTS)
async def test_a_ledger_out_of_balance_shows(world: World, scrape: Scrape, fault: str) -> None:
    painted = world.hold()
    await imagine(world)
    assert (await scrape()).value("ledger_difference") == 0
    await world.database.write(lambda connection: connection.execute(LEDGER_FAULTS[fault]).rowcount)
    assert (await scrape()).value("ledger_difference") == 1
    painted.set()
    await world.env.settle()


async def test_a_job_that_nothing_carries_is_adrift(world: World, scrape: Scrape) -> None:
    painted = world.hold()
    await imagine(world)
    [job_id] = world.bot.services.orders.on_their_way
    task = world.bot.services.orders._tasks.pop(job_id)
    found = await scrape()
    assert found.value("jobs_adrift") == found.value("jobs_running") == 1
    assert found.value("ledger_difference") == 0
    painted.set()
    await task


async def test_nobody_s_id_and_no_words_are_among_the_figures(world: World, scrape: Scrape) -> None:
    await imagine(world)
    await world.ada.slash(world.channel, "my pictures")
    await under_more(world.ada, world.message, "Details")
    text = (await scrape()).text
    [job] = await world.jobs.of_user(world.ada.id, 0, 5)
    secrets = (world.ada.id, world.channel.id, world.env.guild.id, job.id, job.message_id, "boat", "calm lake")
    assert [secret for secret in secrets if str(secret) in text] == []
