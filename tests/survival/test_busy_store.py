"""Another process holds the database: each interaction is acknowledged in time, and what was refused is not charged."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

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
