"""Calls that are limited, refused, cut or lost amid a request: one picture in one message, or one refund."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.guild import ADA, BOT
from bot.ui.messenger import HISTORY
from tests.survival.conftest import Wire

ACKS = r"^POST /interactions/\d+/[^/]+/callback$"
POSTS, EDITS = r"^POST /channels/\d+/messages$", r"^PATCH /channels/\d+/messages/\d+$"
ANSWERS, DIRECT = rf"^PATCH /webhooks/{BOT}/", r"^POST /users/@me/channels$"


@pytest.mark.parametrize("path", [POSTS, EDITS], ids=["the post", "the edits"])
@pytest.mark.parametrize("kind", ["429", "banned", "500", "503", "cut", "lost"])
async def test_the_picture_comes_once(wire: Wire, kind: str, path: str) -> None:
    """429 is with a Via header, "banned" without."""
    await wire.trouble(kind, path, times=2, seconds=0.2)
    await wire.imagine()
    await wire.drawn_once()
    assert await wire.untroubled() == 0


@pytest.mark.parametrize(("kind", "times"), [("banned", 1), ("503", 1), ("cut", 1), ("lost", 1), ("cut", 4)])
async def test_an_acknowledgement_that_fails_takes_nothing_back(wire: Wire, kind: str, times: int) -> None:
    await wire.trouble(kind, ACKS, times, seconds=0.2)
    await wire.imagine()
    await wire.drawn_once()
    await wire.untroubled()
    told = [message["content"] for message in await wire.seen("Ada") if not message["attachments"]]
    assert len(told) <= 1
    assert all(text.startswith("On its way") for text in told), "nothing says that it was not counted"


@pytest.mark.parametrize("kind", ["banned", "503", "cut", "lost"])
async def test_a_private_picture_whose_first_answer_fails_comes_once(wire: Wire, kind: str) -> None:
    await wire.trouble(kind, ACKS, seconds=0.2)
    await wire.imagine(private=True)
    await wire.settled(("done", "spent"))
    assert [len(message["attachments"]) for message in await wire.seen("Ada")] == [1], "it is in the answer itself"
    assert await wire.seen("Ada", ADA + 30) == []


@pytest.mark.parametrize("code", [10003, 10008], ids=["channel", "message"])
async def test_what_was_deleted_is_refunded(wire: Wire, code: int) -> None:
    await wire.trouble("404", EDITS, times=99, code=code)
    await wire.imagine()
    await wire.settled(("failed", "released"))
    assert [len(post["attachments"]) for post in await wire.seen()] == [0]


async def test_a_token_that_got_old_sends_the_picture_by_direct_message(wire: Wire) -> None:
    painted = asyncio.Event()
    wire.engine.hold = painted.wait
    await wire.imagine(private=True)
    await wire.until(lambda: wire.engine.painted, "the painting")
    await wire.trouble("401", ANSWERS, times=99, code=50027)
    painted.set()
    await wire.settled(("done", "spent"))
    assert [len(message["attachments"]) for message in await wire.seen("Ada", ADA + 30)] == [1]


async def test_a_discord_that_takes_no_edit_for_long_is_a_refund_told_later(wire: Wire) -> None:
    await wire.trouble("503", EDITS, times=999)
    await wire.imagine()
    await wire.settled(("failed", "released"))
    await wire.untroubled()
    await wire.clients[-1]._recovery.tell_ends()
    (post,) = await wire.seen()
    assert "Discord did not take the picture for a while, so this was refunded" in post["content"]
    assert not post["attachments"]
    assert not post["components"]


async def test_a_post_that_was_not_written_down_is_found_below_many_others(wire: Wire) -> None:
    wire.engine.hold = asyncio.Event().wait
    await wire.imagine()
    await wire.until(lambda: wire.engine.painted, "the painting")
    for number in range(HISTORY + 5):
        await wire.act("message", content=f"message {number}")
    await wire.end()
    await wire.database.write(lambda connection: connection.execute("UPDATE jobs SET message_id = NULL").rowcount)
    wire.engine.hold = None
    wire.connection = wire.stay(wire.sandbox.token)
    wire.begin()
    await wire.settled(("done", "spent"))
    mine = [post for post in await wire.seen() if post["author"]["id"] == str(BOT)]
    assert [len(post["attachments"]) for post in mine] == [1]
