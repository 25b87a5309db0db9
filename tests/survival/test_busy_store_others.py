"""Another process holds the database in other ways: other things that members and moderators do are answered too."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.sandbox.guild import BEN
from tests.survival.conftest import Wire
from tests.survival.test_busy_store import REFUSED

HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[3])
if sys.argv[3] == "BEGIN":
    connection.execute("SELECT count(*) FROM jobs").fetchone()
    print("held", flush=True)
    until = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < until:
        with sqlite3.connect(sys.argv[1], timeout=0.1) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        time.sleep(0.05)
else:
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""
LIMIT = {"target": str(BEN), "images": 5, "per": "day"}


@asynccontextmanager
async def held(wire: Wire, seconds: float, how: str) -> AsyncIterator[None]:
    """Let another process hold the database for so many seconds, in this way."""
    command = (sys.executable, "-c", HOLDER, str(wire.database.path), str(seconds), how)
    holder = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout
    assert await holder.stdout.readline() == b"held\n"
    yield
    await holder.wait()


def button(message: Any, label: str) -> str:
    found: str = next(
        item["custom_id"] for row in message["components"] for item in row["components"] if item.get("label") == label
    )
    return found


@pytest.mark.parametrize("how", ["BEGIN EXCLUSIVE", "BEGIN"])
@pytest.mark.parametrize("seconds", [3.5, pytest.param(7.0, marks=pytest.mark.full)])
async def test_all_that_is_done_meanwhile_is_answered_and_paid_for_once(wire: Wire, how: str, seconds: float) -> None:
    """A lock for writing alone, and a long reading beside checkpoints, which keeps nobody from writing."""
    await wire.imagine(count=2)
    await wire.settled(("done", "spent"))
    (post,) = await wire.seen()
    painting = asyncio.Event()
    wire.engine.hold = painting.wait
    await wire.imagine("a green boat")
    await wire.until(lambda: len(wire.engine.painted) == 2, "the painting")
    going = (await wire.seen())[-1]
    async with held(wire, seconds, how):
        began = time.monotonic()
        outcomes = await asyncio.gather(
            wire.act("click", message_id=going["id"], custom_id=button(going, "Cancel")),
            wire.act("click", message_id=post["id"], custom_id=button(post, "2")),
            wire.act("click", message_id=post["id"], custom_id=button(post, "Again")),
            wire.act("command", name="limits set", options=LIMIT, **{"as": "Mo"}),
        )
        assert time.monotonic() - began < 3.0
        assert all(outcome["outcome"] != "failed" for outcome in outcomes), outcomes
    painting.set()
    drawn = how == "BEGIN"
    again = [("done", "spent")] if drawn else []
    await wire.settled(("done", "spent"), ("cancelled", "released"), *again)
    refused = [one for one in await wire.seen("Ada") if one["content"].startswith(REFUSED)]
    assert len(refused) == (0 if drawn else 1)

    async def picked() -> bool:
        return sorted(len(one["attachments"]) for one in await wire.seen()) == ([0, 1, 2, 2] if drawn else [0, 1, 2])

    assert await wire.till(picked, "the picture", 10)
