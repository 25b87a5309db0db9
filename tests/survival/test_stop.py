"""A bot that is told to stop while it is on Discord: newcomers are told, and so are those who wait."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.services.orders import Orders
from tests.survival.conftest import Wire


async def one_on_its_way(wire: Wire, **options: Any) -> asyncio.Event:
    painted = asyncio.Event()
    wire.engine.hold = painted.wait
    await wire.imagine(**options)
    await wire.until(lambda: wire.engine.painted, "the painting")
    wire.engine.hold = None
    return painted


async def test_newcomers_are_told_by_themselves_and_cost_nothing(wire: Wire) -> None:
    painted = await one_on_its_way(wire)
    draining = asyncio.create_task(wire.connection.drain(60))
    await asyncio.sleep(0)
    outcome = await wire.imagine("a blue boat")
    (told,) = [message for message in await wire.seen("Ada") if message["id"] == outcome["message_id"]]
    assert told["content"] == "Limner is being restarted; please ask again in a minute."
    assert told["flags"] & 64, "for nobody else's eyes"
    painted.set()
    await draining
    await wire.drawn_once()


async def test_an_order_that_is_just_being_taken_is_answered_and_drawn(wire: Wire) -> None:
    with closing(sqlite3.connect(wire.home / "limner.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asking = asyncio.create_task(wire.imagine())
        (client,) = wire.clients
        await wire.until(lambda: client.services.orders._taking, "the order")
        draining = asyncio.create_task(wire.connection.drain(60))
        await asyncio.sleep(0.2)
        assert not draining.done()
        other.execute("ROLLBACK")
    outcome = await asking
    (told,) = [message for message in await wire.seen("Ada") if message["id"] == outcome["message_id"]]
    assert told["content"].startswith("On its way")
    await draining
    await wire.drawn_once()


async def test_a_picture_that_is_just_being_picked_is_posted(wire: Wire) -> None:
    await wire.imagine(count=2)
    await wire.settled(("done", "spent"))
    (post,) = await wire.seen()
    pick = next(item["custom_id"] for row in post["components"] for item in row["components"] if item["label"] == "2")
    await wire.trouble("slow", r"^POST /channels/\d+/messages$", seconds=0.5)
    await wire.act("click", message_id=post["id"], custom_id=pick)
    await wire.connection.drain(60)
    assert [len(post["attachments"]) for post in await wire.seen()] == [2, 1]


@pytest.mark.parametrize("private", [False, True])
async def test_what_is_left_says_so_and_goes_on_at_the_next_start(wire: Wire, private: bool) -> None:
    await one_on_its_way(wire, private=private)
    await wire.connection.drain(0.1)
    assert await wire.ends() == [("painting", "held")]
    (post,) = [message for message in await wire.seen("Ada") if "boat" in message["content"]]
    assert "I am being restarted. This goes on by itself when I am back" in post["content"]
    assert "Cancel" in str(post["components"])
    await wire.end()
    wire.connection = wire.stay(wire.sandbox.token)
    wire.begin()
    await wire.settled(("done", "spent"))
    (post,) = [message for message in await wire.seen("Ada") if "boat" in message["content"]]
    assert len(post["attachments"]) == 1
    assert "being restarted" not in post["content"]


async def test_a_discord_that_takes_no_word_holds_no_stop_up(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.orders.TELL_S", 0.3)
    await one_on_its_way(wire)
    await wire.trouble("slow", "^PATCH /channels/", times=99, seconds=30)
    async with asyncio.timeout(20):
        await wire.connection.drain(0.1)
    assert await wire.ends() == [("painting", "held")]


async def test_no_client_is_made_any_more_once_it_is_to_leave(wire: Wire) -> None:
    painted = await one_on_its_way(wire)
    draining = asyncio.create_task(wire.connection.drain(60))
    (connection,) = wire.sandbox.gateway.connections
    await connection.socket.close(code=4012)  # discord.py's client ends by that
    await draining
    assert wire.running
    await wire.running
    assert len(wire.clients) == 1
    painted.set()
    assert await wire.ends() == [("painting", "held")]


async def test_a_closed_service_begins_nothing(wire: Wire) -> None:
    made: Orders = wire.clients[-1].services.orders
    await one_on_its_way(wire)
    (job,) = await wire.clients[-1].services.jobs.unfinished()
    await made.close()
    made.start(job)
    assert made.running == 0
