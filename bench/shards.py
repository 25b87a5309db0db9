"""A bot in ten thousand servers on four shards: its start, its memory, and what a lost gateway and a kill cost it.

All are processes: the sandbox, the bot, its engine with the starter's models. The baseline is a bare discord.py client
with the same intents on the same sandbox.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.result import Result
from bot.sandbox.guild import BOT
from harness.many_servers import DRAWABLE, server_id
from harness.processes import ROOT, Bot, Discord, environment, until

SERVERS, SHARDS = 10_000, 4
START_S = 900.0
MESSAGES = 2_000
"""How many messages are written between the two looks at the memory."""

BARE = """
import sys, discord
from bot.sandbox.connect import point_discord_at
point_discord_at(sys.argv[1])
client = discord.AutoShardedClient(intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True))
async def before_identify_hook(shard_id, *, initial=False): pass
client.before_identify_hook = before_identify_hook
@client.event
async def on_ready(): print(len(client.guilds), flush=True)
client.run(sys.argv[2], log_handler=None)
"""


@dataclass(frozen=True)
class Start:
    """Seconds to be ready, and megabytes then."""

    seconds: float
    megabytes: float


def shards(_: int) -> list[Result]:
    """Measure once: it takes minutes."""
    return measure(SERVERS, SHARDS, MESSAGES)


def measure(servers: int, count: int, messages: int) -> list[Result]:
    """Measure so many servers on so many shards."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        models = {"OMP_NUM_THREADS": "1"}
        few_bare, few_ours = _both(folder / "few", 0, count, models)
        discord = Discord(0, "harness.many_servers", str(servers), str(count))
        try:
            bare = _bare(discord, folder / "bare")
            bot, ours = _bot(discord, folder / "home", models)
            try:
                flat, lost, away_s = _lives(bot, discord, messages, models)
            finally:
                bot.process.kill()
        finally:
            discord.stop()
    each_ours = 1000 * (ours.megabytes - few_ours.megabytes) / servers
    each_bare = 1000 * (bare.megabytes - few_bare.megabytes) / servers
    beside = "a bare client"
    return [
        Result(f"shards: ready in {servers} servers on {count}", "s", [ours.seconds], [bare.seconds], beside),
        Result("shards: memory when ready", "MB", [ours.megabytes], [bare.megabytes], beside),
        Result("shards: memory for a server", "kB", [each_ours], [each_bare], beside, ratio_at_most=1.0),
        Result(
            f"shards: memory after {messages} messages", "MB", [flat], [ours.megabytes], "when ready", ratio_at_most=1.1
        ),
        Result("shards: requests lost to a gateway that was dropped", "", [lost.gateway], ceiling=0.0),
        Result("shards: requests lost to a kill", "", [lost.kill], ceiling=0.0),
        Result("shards: from a start after the kill to all pictures", "s", [away_s]),
    ]


@dataclass(frozen=True)
class Lost:
    """Requests that came to no picture, or to more than one."""

    gateway: float
    kill: float


def _both(folder: Path, servers: int, count: int, models: dict[str, str]) -> tuple[Start, Start]:
    """Start both in few servers: what is left is the servers' part."""
    discord = Discord(0, "harness.many_servers", str(servers), str(count))
    try:
        bare = _bare(discord, folder / "bare")
        bot, ours = _bot(discord, folder / "home", models)
        bot.stop()
    finally:
        discord.stop()
    return bare, ours


def _bare(discord: Discord, home: Path) -> Start:
    command, began = [sys.executable, "-c", BARE, discord.url, discord.token], time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(home), cwd=ROOT) as process:
        assert process.stdout
        process.stdout.readline()
        start = Start(time.monotonic() - began, _megabytes(process.pid))
        process.terminate()
    until(lambda: not discord.state()["online"], "the bare client's end")
    return start


def _bot(discord: Discord, home: Path, models: dict[str, str]) -> tuple[Bot, Start]:
    home.parent.mkdir(exist_ok=True)
    began = time.monotonic()
    bot = Bot(discord, home, LIMNER_AT_ONCE="1000", LIMNER_LIMIT="10000/hour", **models).online(START_S)
    seconds = time.monotonic() - began
    bot.ready(START_S)
    time.sleep(6)  # what is loaded by then is taken out of garbage collections
    return bot, Start(seconds, _megabytes(bot.process.pid))


def _lives(bot: Bot, discord: Discord, messages: int, models: dict[str, str]) -> tuple[float, Lost, float]:
    """Let the bot read messages, lose a gateway and be killed; return its memory, its losses and its absence."""
    places = [str(server_id(number) + 1) for number in range(DRAWABLE)]
    for number in range(messages):
        _write(discord, places[number % len(places)], f"message {number}")
    flat = _megabytes(bot.process.pid)
    _write(discord, places[1], f"<@{BOT}> a red boat")
    discord.call("/page/cut", {"shard": 1})
    for place in places:  # some of these are told to a shard that is away
        _write(discord, place, f"<@{BOT}> a boat on a lake")
    of_gateway = len(places) + 1
    until(lambda: _ended(bot) == of_gateway, "the pictures", START_S)
    gateway = _lost(bot, discord, of_gateway)
    for place in places:
        _write(discord, place, f"<@{BOT}> a blue boat", "Ben")  # the model reads ten a minute for one member
    until(lambda: _begun(bot) == of_gateway + len(places), "the requests", START_S)
    bot.stop(signal.SIGKILL)
    began = time.monotonic()
    again = Bot(discord, bot.home, LIMNER_AT_ONCE="1000", LIMNER_LIMIT="10000/hour", **models)
    try:
        until(lambda: _ended(again) == of_gateway + len(places), "the pictures", START_S)
        away_s = time.monotonic() - began
        return flat, Lost(gateway, _lost(again, discord, of_gateway + len(places)) - gateway), away_s
    finally:
        again.stop()


def _write(discord: Discord, place: str, words: str, who: str = "Ada") -> None:
    discord.call("/page/message", {"as": who, "channel_id": place, "content": words})


def _begun(bot: Bot) -> int:
    return int(bot.rows("SELECT count(*) FROM jobs")[0][0])


def _ended(bot: Bot) -> int:
    return int(bot.rows("SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL")[0][0])


def _lost(bot: Bot, discord: Discord, asked: int) -> float:
    """Return how many requests have no message with a picture of their own."""
    finished = [post for post in discord.posts() if "Again" in str(post["components"])]
    shown = [str(post["id"]) for post in finished if post["attachments"]]
    done = [str(row[0]) for row in bot.rows("SELECT message_id FROM jobs WHERE state = 'done'")]
    return asked - len(set(done) & set(shown)) + len(set(shown) - set(done))


def _megabytes(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss / 1e6)
