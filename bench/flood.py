"""Floods of replies that make no picture: how long another member waits amid them, beside the same without a flood.

All are processes: the sandbox with Discord's limit on posts, the bot, its engine with the starter's models.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from bench.crowd import member
from bench.result import Result
from bot.sandbox.guild import BOT, DRAWING, GUILD
from harness.processes import Bot, Discord, until

FLOOD_S = 60.0
PAUSE_S = 7.0
"""Between two pictures of the member who waits, of whose requests ten a minute are understood."""
MOST = 1.5
BLOCKED, LAUGHING = (0, 1), (2,)
"""Members by their number."""


def flood(_: int) -> list[Result]:
    """Measure once: each flood takes a minute."""
    with tempfile.TemporaryDirectory() as directory:
        discord = Discord(module="bench.strict_discord")
        bot = Bot(discord, Path(directory) / "home", LIMNER_LIMIT="1000/hour", LIMNER_AT_ONCE="9").ready()
        try:
            _drawn(discord)
            with closing(sqlite3.connect(bot.home / "limner.sqlite3")) as connection, connection:
                for number in BLOCKED:
                    connection.execute("INSERT INTO blocks VALUES (?, ?, NULL, '')", (GUILD, member(number)))
            alone = _for_a_minute(discord)
            with _flood(discord, BLOCKED, "make it blue", 2.0):
                blocked = _for_a_minute(discord)
            with _flood(discord, LAUGHING, "haha", 1.0):
                laughing = _for_a_minute(discord)
        finally:
            bot.stop()
            discord.stop()
    beside = "without a flood"
    return [
        Result("flood: Enter to picture, two blocked members reply", "s", blocked, alone, beside, ratio_at_most=MOST),
        Result("flood: Enter to picture, one member laughs", "s", laughing, alone, beside, ratio_at_most=MOST),
    ]


def _for_a_minute(discord: Discord) -> list[float]:
    end, waits = time.monotonic() + FLOOD_S, list[float]()
    while time.monotonic() < end:
        waits.append(_drawn(discord))
        time.sleep(PAUSE_S)
    return waits


def _drawn(discord: Discord) -> float:
    """Ask for a picture; return after how many seconds it is there."""
    before, began = _newest(discord), time.monotonic()
    discord.imagine("a red boat")
    until(lambda: _newest(discord) > before, "the picture")
    return time.monotonic() - began


def _newest(discord: Discord) -> int:
    """Return the id of the newest picture: the page shows the last messages alone, so counting them tells nothing."""
    return max((int(post["id"]) for post in discord.posts() if "Again" in str(post["components"])), default=0)


@contextmanager
def _flood(discord: Discord, numbers: tuple[int, ...], words: str, per_second: float) -> Iterator[None]:
    """Let members reply to the newest picture meanwhile."""
    over, picture = threading.Event(), str(_newest(discord))
    body = {"channel_id": str(DRAWING), "content": f"<@{BOT}> {words}", "reply_to": picture}

    def reply(number: int) -> None:
        while not over.wait(1 / per_second):
            discord.call("/page/message", {**body, "as": str(member(number))})

    threads = [threading.Thread(target=reply, args=[number]) for number in numbers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
