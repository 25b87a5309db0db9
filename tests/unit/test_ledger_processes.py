"""Eight processes on one database file grant exactly the limits, whatever rule decides and whichever is killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import signal
import sqlite3
import time
from functools import partial
from multiprocessing.context import SpawnProcess
from pathlib import Path
from uuid import UUID

import pytest

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Painted, Place
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.quota import Limit
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.limit_rules import LimitRules
from tests.fakes import entry
from tests.unit.test_ledger_property import oddities

HOST, NOW, PROCESSES, TURNS = Host((Limit(40, "hour"), Limit(60, "day")), 10_000), 1_000_000.0, 8, 60
ROOM = {
    Place(1, 1, 7, roles=(101, 102)): 25,  # the more generous of two roles, in its tightest window
    Place(2, 1, 7): 12 + 5,  # everyone's rule, and a grant
    Place(3, 1, 7, roles=(102,)): 7,  # their own, which goes before the role's
    Place(1, 1, None): 40,  # the operator's, in direct messages
    Place(4, 1, 8): 40,  # the operator's, in a server without rules
}
"""Whom the processes order for, and how many pictures these may have."""
BIG = {Place(1, 1, 7, roles=(101, 102)): 9, Place(2, 1, 7): 3}
"""How many of them by the model "big"; its rules hold beside the others, and a grant raises none."""
RULES = [
    Rule(Target(Kind.ROLE, 101), Limit(10, "hour")),
    Rule(Target(Kind.ROLE, 102), Limit(30, "hour")),
    Rule(Target(Kind.ROLE, 102), Limit(25, "day")),
    Rule(Target(Kind.EVERYONE, 7), Limit(12, "week")),
    Rule(Target(Kind.USER, 3), Limit(7, "hour")),
    Rule(Target(Kind.EVERYONE, 7), Limit(3, "day", "big")),
    Rule(Target(Kind.ROLE, 101), Limit(9, "hour", "big")),
    Rule(Target(Kind.ROLE, 102), Limit(5, "hour", "big")),
]


def order_on(path: Path, seed: int) -> None:
    """Order and end at random; every third order fails, and gives back what it held."""

    async def work() -> None:
        database, dice = await Database.open(path), random.Random(seed)
        ledger = Ledger(database)
        for _ in range(TURNS):
            job = made(dice, dice.choice(list(ROOM)), dice.choice([1, 1, 2]))
            if isinstance(await ledger.reserve(job, HOST, model=dice.choice(["big", "small"])), Account):
                end = dice.choice([JobState.DONE, JobState.FAILED, None])
                if end is not None:
                    await ledger.settle(job.id, end, NOW, Painted("1x1", "m", 1.0) if end is JobState.DONE else None)
        await database.close()

    asyncio.run(work())


def made(dice: random.Random, place: Place, count: int) -> Job:
    name = UUID(int=dice.getrandbits(128)).hex
    return Job(name, Order("a boat", count=count), place, 5, JobState.QUEUED, NOW)


def start(path: Path) -> list[SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=order_on, args=(path, number), daemon=True) for number in range(PROCESSES)]
    for worker in workers:
        worker.start()
    return workers


def counted(path: Path) -> int:
    connection = sqlite3.connect(path, timeout=30)
    try:
        return int(connection.execute("SELECT count(*) FROM reservations").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize("killed", [0, 4])
async def test_eight_processes_grant_exactly_the_limits(tmp_path: Path, killed: int) -> None:
    path = tmp_path / "limner.sqlite3"
    database = await Database.open(path)
    limit_rules = LimitRules(database)
    for one in RULES:
        await limit_rules.set(7, one, entry)
    await limit_rules.grant(7, 2, 5, entry)
    workers = await asyncio.to_thread(start, path)
    if killed:
        until = time.monotonic() + 60
        while await asyncio.to_thread(counted, path) < 20 and time.monotonic() < until:
            await asyncio.sleep(0.005)
        for worker in workers[:killed]:
            worker.kill()
    for worker in workers:
        await asyncio.to_thread(worker.join, 90)
    codes = [worker.exitcode for worker in workers]
    assert codes[killed:] == [0] * (PROCESSES - killed)
    assert not killed or -signal.SIGKILL in codes[:killed]
    ledger, dice = Ledger(database), random.Random(99)
    for place, room in ROOM.items():
        there = await pictures(ledger, place)
        assert there <= room
        if most := BIG.get(place):
            big = await database.read(partial(by_big, place=place))
            assert big <= most
            while isinstance(await ledger.reserve(made(dice, place, 1), HOST, model="big"), Account):
                there, big = there + 1, big + 1
            assert big == most or there == room
        while isinstance(await ledger.reserve(made(dice, place, 1), HOST, model="small"), Account):
            there += 1
        assert (place, there) == (place, room), "what the processes left, and not one picture more, was still to be had"
        assert await pictures(ledger, place) == room
    assert await database.read(oddities) == []
    assert await database.read(lambda connection: connection.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"
    await database.close()


def by_big(connection: sqlite3.Connection, place: Place) -> int:
    sql = "SELECT coalesce(sum(images), 0) FROM reservations WHERE user_id = ? AND guild_id = ?"
    count = connection.execute(f"{sql} AND model = 'big' AND state <> 'released'", (place.user_id, place.guild_id))
    return int(count.fetchone()[0])


async def pictures(ledger: Ledger, place: Place) -> int:
    return sum(use.images for use in await ledger.uses(place.user_id, place.guild_id, 0.0))
