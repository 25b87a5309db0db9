"""A gateway that is cut, or sends what no one can read: the picture comes once, and the bot goes on hearing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.sandbox.gateway import INVALID_SESSION
from tests.survival.conftest import Wire

RECONNECT = 7
ACKNOWLEDGED = ("message", "deferred")
"""In words, or by the picture in the channel alone."""


async def amid_a_painting(wire: Wire) -> asyncio.Event:
    """Ask for a picture; it is painted until the returned event is set."""
    painted = asyncio.Event()
    wire.engine.hold = painted.wait
    await wire.imagine()
    await wire.until(lambda: wire.engine.painted, "the painting")
    wire.engine.hold = None
    return painted


async def goes_on(wire: Wire, painted: asyncio.Event) -> None:
    """The picture comes, and another can be asked for."""
    painted.set()
    await wire.drawn_once()
    assert (await wire.imagine("a blue boat"))["outcome"] in ACKNOWLEDGED
    await wire.drawn_once(2)


@pytest.mark.parametrize(
    ("op", "data", "resumed"),
    [
        pytest.param(INVALID_SESSION, True, True, id="invalid session, to be resumed"),
        pytest.param(INVALID_SESSION, False, False, id="invalid session"),
        pytest.param(RECONNECT, None, True, id="told to reconnect"),
    ],
)
async def test_a_session_that_ends(wire: Wire, op: int, data: Any, resumed: bool) -> None:
    painted = await amid_a_painting(wire)
    before, (connection,) = set(wire.sandbox.gateway.sessions), wire.sandbox.gateway.connections
    wire.send(op, data)
    await wire.until(lambda: connection not in wire.sandbox.gateway.connections, "the end")
    await wire.until(lambda: wire.sandbox.gateway.online, "the bot")
    assert (set(wire.sandbox.gateway.sessions) == before) == resumed
    assert len(wire.clients) == 1
    await goes_on(wire, painted)


async def test_a_gateway_that_is_cut(wire: Wire) -> None:
    painted = await amid_a_painting(wire)
    await wire.act("cut")
    await goes_on(wire, painted)
    assert len(wire.clients) == 1


@pytest.mark.parametrize(
    "event", ["MESSAGE_CREATE", "MESSAGE_UPDATE", "INTERACTION_CREATE", "GUILD_CREATE", "CHANNEL_UPDATE"]
)
@pytest.mark.parametrize("data", [{}, {"id": "no number"}, [], None], ids=str)
async def test_events_that_cannot_be_read_are_passed_over(wire: Wire, event: str, data: Any) -> None:
    wire.dispatch(event, data)
    wire.dispatch("NOBODY_KNOWS_THIS", {"a": 1})
    assert (await wire.imagine())["outcome"] in ACKNOWLEDGED
    await wire.drawn_once()
    assert len(wire.clients) == 1
    assert len(wire.sandbox.gateway.sessions) == 1


async def test_a_frame_that_is_no_json_costs_the_connection_and_no_picture(wire: Wire) -> None:
    painted = await amid_a_painting(wire)
    (connection,) = wire.sandbox.gateway.connections
    connection.outbox.put("{no json")
    await wire.until(lambda: len(wire.clients) == 2, "another client")
    await wire.ready()
    await goes_on(wire, painted)
