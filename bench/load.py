"""A busy server: 1,000 requests of 200 members, a few of whom ask for far more than the others, and one engine.

All are processes: the sandbox, the bot, its engine with tiny models. The baseline is a bare discord.py bot that only
answers the same commands at the same times; for fairness, the same pictures handed out first come, first served.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import aiohttp
import psutil

from bench.crowd import MEMBERS, member
from bench.result import Result
from bot.sandbox.guild import DRAWING
from harness.processes import ROOT, Bot, Discord, environment, until
from harness.tiny_models import Models

REQUESTS, HEAVY, HEAVY_REQUESTS = 1_000, 10, 43
"""All requests; the members who ask for many, and for how many each. The others share the rest."""
A_SECOND = 10.0
HEAVY_WITHIN_S = 10.0
ENDED_S = 3_600.0
ANSWERED_WITHIN_MS = 3_000.0
"""What Discord allows."""
ACKNOWLEDGED = ("message", "deferred")
"""An answer in words, and one whose picture in the channel says enough."""

BARE = """
import sys, discord
from discord import app_commands
from bot.sandbox.connect import point_discord_at
point_discord_at(sys.argv[1])
client = discord.Client(intents=discord.Intents(guilds=True))
tree = app_commands.CommandTree(client)
@tree.command(description="-")
async def imagine(interaction: discord.Interaction, prompt: str, steps: int, guidance: float, exact: bool) -> None:
    await interaction.response.send_message("On its way", ephemeral=True)
client.setup_hook = tree.sync
client.run(sys.argv[2], log_handler=None)
"""


@dataclass(frozen=True)
class Use:
    """A picture: whose, when it was asked for, and when it was there."""

    user: int
    asked: float
    ended: float


def load(_: int) -> list[Result]:
    """Measure once: it takes minutes."""
    return measure(REQUESTS, HEAVY, HEAVY_REQUESTS)


def measure(requests: int, heavy: int, heavy_requests: int) -> list[Result]:
    """Measure so many requests of all members, of whom some are heavy."""
    times = arrivals(requests, heavy, heavy_requests)
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        bare_ms, bare_mb = _bare(folder, times)
        discord = Discord(module="bench.crowd")
        models = Models(folder / "models").variables
        bot = Bot(discord, folder / "home", LIMNER_AT_ONCE="1000", LIMNER_LIMIT="10000/hour", **models).ready()
        try:
            waits, refused = asyncio.run(_ask_all(discord, times))
            until(lambda: bot.rows("SELECT count(*) FROM jobs WHERE ended_at IS NULL") == [(0,)], "all ends", ENDED_S)
            megabytes = psutil.Process(bot.process.pid).memory_info().rss / 1e6
        finally:
            bot.stop()
            discord.stop()
        uses, ends = _uses(folder / "home" / "limner.sqlite3")
        locked = bot.log.read_text().count("locked")
    spent = max(use.ended for use in uses) - min(use.asked for use in uses)
    return [
        Result(
            "load: answered, p99", "ms", [_p99(waits)], [_p99(bare_ms)], "a bot that only answers", ANSWERED_WITHIN_MS
        ),
        Result("load: the bot's memory afterwards", "MB", [megabytes], [bare_mb], "a bot that only answers"),
        Result("load: pictures another got meanwhile, worst", "", [lag(uses)], [lag(in_turn(uses))], "in turn"),
        Result("load: pictures", "1/s", [len(uses) / spent]),
        Result("load: requests not answered, refused, failed", "", [refused + requests - ends["done"]], ceiling=0.0),
        Result("load: database found locked", "times", [locked], ceiling=0.0),
    ]


def arrivals(requests: int, heavy: int, heavy_requests: int) -> list[tuple[float, int]]:
    """Return (second, member) in order: the heavy ones ask for all at the beginning, the others over the whole time."""
    chance = random.Random(5)
    times = [(chance.uniform(0, HEAVY_WITHIN_S), user) for user in range(heavy) for _ in range(heavy_requests)]
    others = requests - len(times)
    times += [(chance.uniform(0, requests / A_SECOND), heavy + n % (MEMBERS - heavy)) for n in range(others)]
    return sorted(times)


def lag(uses: Sequence[Use]) -> float:
    """Return by how many pictures someone fell behind another, who got more than they did while a request waited.

    Where the engine's time is shared equally, nobody falls behind by more than what is painted together.
    """
    worst = 0
    by_end = sorted(uses, key=lambda use: use.ended)
    for mine in uses:
        got = Counter(use.user for use in by_end if mine.asked < use.ended <= mine.ended)
        own = got.pop(mine.user, 0)
        worst = max(worst, max(got.values(), default=0) - own)
    return float(worst)


def in_turn(uses: Sequence[Use]) -> list[Use]:
    """Return the same pictures, each at the same moments, handed out to whoever asked first."""
    asked = sorted(uses, key=lambda use: use.asked)
    ends = sorted(use.ended for use in uses)
    return [Use(use.user, use.asked, end) for use, end in zip(asked, ends, strict=True)]


def _bare(folder: Path, times: list[tuple[float, int]]) -> tuple[list[float], float]:
    """Return how long the bare bot took to answer each, and its memory."""
    discord = Discord(module="bench.crowd")
    command = [sys.executable, "-c", BARE, discord.url, discord.token]
    bare = subprocess.Popen(command, env=environment(folder / "bare"), cwd=ROOT)
    try:
        until(lambda: discord.state()["commands"], "the bare bot")
        waits, _ = asyncio.run(_ask_all(discord, times))
        return waits, psutil.Process(bare.pid).memory_info().rss / 1e6
    finally:
        bare.terminate()
        bare.wait()
        discord.stop()


async def _ask_all(discord: Discord, times: list[tuple[float, int]]) -> tuple[list[float], int]:
    """Type every request at its time; return how many milliseconds each answer took, and how many were refused."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(discord.url, connector=connector) as session:

        async def ask(number: int, at: float, user: int) -> tuple[float, bool]:
            await asyncio.sleep(at)
            options = {"prompt": f"boat {number}", "steps": 1, "guidance": 1.0, "exact": True}
            body = {"as": str(member(user)), "channel_id": str(DRAWING), "name": "imagine", "options": options}
            began = time.perf_counter()
            async with session.post("/page/command", json=body) as answer:
                outcome = await answer.json()
            return 1000 * (time.perf_counter() - began), outcome.get("outcome") in ACKNOWLEDGED

        found = await asyncio.gather(*(ask(number, *request) for number, request in enumerate(times)))
    return [took for took, _ in found], sum(not answered for _, answered in found)


def _uses(file: Path) -> tuple[list[Use], Counter[str]]:
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT user_id, created_at, ended_at, state FROM jobs").fetchall()
    uses = [Use(user, asked, ended) for user, asked, ended, state in rows if state == "done"]
    return uses, Counter(state for *_, state in rows)


def _p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100)[98]
