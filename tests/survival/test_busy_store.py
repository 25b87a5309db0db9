"""Another process holds the database: each interaction is acknowledged in time, and what was refused is not charged."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from bot.sandbox.guild import ADA
from bot.storage import group_commit
from bot.storage.ledger import Ledger
from bot.ui.i18n import text
from tests.survival.conftest import Wire

HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""
ACCEPTED, REFUSED = "On its way", "The host's disk takes nothing"


@asynccontextmanager
async def held(wire: Wire, seconds: float) -> AsyncIterator[None]:
    """Let another process keep everybody from writing for so many seconds."""
    command = (sys.executable, "-c", HOLDER, str(wire.database.path), str(seconds))
    holder = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert holder.stdout
    assert await holder.stdout.readline() == b"held\n"
    yield
    await holder.wait()


async def answered(wire: Wire, outcome: Any) -> str:
    """Return what the asker alone is told in the end."""
    assert outcome["outcome"] != "failed", outcome

    async def said() -> str:
        shown = [one for one in await wire.seen("Ada") if one["id"] == outcome["message_id"]]
        return str(shown[0]["content"]) if shown else ACCEPTED  # what needs no word goes away again

    return await wire.till(said, "the answer")


@pytest.mark.parametrize("seconds", [2.0, 4.0, 7.0, 15.0])
async def test_no_interaction_is_left_unanswered_and_nobody_pays_for_a_refusal(wire: Wire, seconds: float) -> None:
    await wire.imagine()
    await wire.drawn_once()
    (picture,) = await wire.seen()
    again = next(
        button["custom_id"] for row in picture["components"] for button in row["components"]
        if button.get("label") == "Again"
    )  # fmt: skip
    async with held(wire, seconds):
        began = time.monotonic()
        usage = await wire.act("command", name="my usage", options={})
        assert time.monotonic() - began < 1.5, "reading waits for nobody who writes"
        asked = await asyncio.gather(
            wire.imagine("a blue boat"), wire.act("click", message_id=picture["id"], custom_id=again)
        )
        assert time.monotonic() - began < 3.0
        answers = [await answered(wire, outcome) for outcome in asked]
    assert await answered(wire, usage)
    accepted = sum(answer.startswith(ACCEPTED) for answer in answers)
    assert accepted + sum(answer.startswith(REFUSED) for answer in answers) == 2, answers
    assert accepted == (2 if seconds < 2.5 else 0)
    await wire.drawn_once(1 + accepted)
    await asyncio.sleep(0.5)
    await wire.drawn_once(1 + accepted)


async def test_what_was_accepted_is_never_told_to_have_failed(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is taken right after a private order was accepted, for longer than a write waits."""
    monkeypatch.setattr(group_commit, "BUSY_TIMEOUT_S", 0.2)
    reserve = Ledger.reserve
    async with AsyncExitStack() as stack:

        async def then_held(self: Ledger, *arguments: Any) -> Any:
            answer = await reserve(self, *arguments)
            await stack.enter_async_context(held(wire, 1.0))
            return answer

        monkeypatch.setattr(Ledger, "reserve", then_held)
        await wire.imagine(private=True)
        await wire.settled(("done", "spent"))
    shown = await wire.seen("Ada")
    assert [(len(one["attachments"]), one["content"].startswith(REFUSED)) for one in shown] == [(1, False)]
    assert await wire.seen("Ada", ADA + 30) == [], "it is in the answer itself"


async def test_a_cancel_that_cannot_be_written_says_so(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "BUSY_TIMEOUT_S", 0.2)
    painted = asyncio.Event()
    wire.engine.hold = painted.wait
    await wire.imagine()
    await wire.until(lambda: wire.engine.painted, "the painting")
    (post,) = await wire.seen()
    cancel = post["components"][0]["components"][0]["custom_id"]

    async def refused() -> bool:
        return any(one["content"] == text("en", "refused-cancel") for one in await wire.seen("Ada"))

    async with held(wire, 1.0):
        await wire.act("click", message_id=post["id"], custom_id=cancel)
        assert await wire.till(refused, "the answer")
    painted.set()
    await wire.drawn_once()
