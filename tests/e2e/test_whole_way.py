"""Bot and engine as processes against the sandbox's wire: requests, crashes, clean stops."""

from __future__ import annotations

import signal
import time
from typing import Any

import psutil

from harness.processes import Bot, Discord, running, until

LEFT = ["limner.lock", "limner.secret", "limner.sqlite3"]
"""What a bot that has ended leaves in LIMNER_HOME, besides what its engine measured when it was idle."""


def ask(discord: Discord, words: str, seed: int = 5) -> Any:
    """Ask for a picture and return its post as soon as it stands in the channel."""
    before = {post["id"] for post in discord.posts()}
    assert discord.takes(words, seed=seed)
    return until(lambda: next((post for post in discord.posts() if post["id"] not in before), None), "the post", 10)


def painted(discord: Discord, post: Any) -> bytes:
    return until(lambda: discord.picture(post), "the picture")


def test_a_request_becomes_a_picture(bot: Bot, discord: Discord) -> None:
    post = ask(discord, "夕阳下的海滩", seed=7)
    assert painted(discord, post).startswith(b"\x89PNG")
    shown = discord.posts()[-1]
    assert shown["id"] == post["id"]
    assert "Understood as: " in shown["content"]
    assert shown["attachments"][0]["description"]
    until(lambda: bot.rows("SELECT state FROM jobs") == [("done",)], "the end on disk", 5)
    assert bot.rows("SELECT state, images FROM reservations") == [("spent", 1)]


def test_the_same_seed_gives_the_same_picture_even_when_the_engine_dies(bot: Bot, discord: Discord) -> None:
    whole = painted(discord, ask(discord, "a red boat on a lake", seed=9))
    engine = bot.engine()
    engine.suspend()
    post = ask(discord, "a red boat on a lake", seed=9)
    time.sleep(1)
    engine.kill()
    assert painted(discord, post) == whole
    assert bot.engine().pid != engine.pid
    until(lambda: bot.rows("SELECT count(*) FROM jobs WHERE state <> 'done'") == [(0,)], "the end on disk", 5)


def test_a_channel_without_the_right_to_post_costs_nothing(bot: Bot, discord: Discord) -> None:
    before = bot.rows("SELECT count(*) FROM jobs")
    answer = discord.imagine("a boat", channel="read-only")
    assert answer.startswith("I cannot post a picture here: I lack Send Messages")
    assert bot.rows("SELECT count(*) FROM jobs") == before


def test_a_killed_bot_resumes_and_a_stopped_one_leaves_nothing(bot: Bot, discord: Discord) -> None:
    engine = bot.engine()
    engine.suspend()
    post = ask(discord, "a cat in the snow")
    assert bot.stop(signal.SIGKILL) == -signal.SIGKILL
    engine.resume()
    gone, _ = psutil.wait_procs([engine], timeout=30)
    assert gone, "the engine ends when the bot is gone"

    with running(discord, bot.home) as again:
        assert painted(discord, post)
        assert [found["id"] for found in discord.posts()].count(post["id"]) == 1
        spent = [("spent", 4)]
        until(lambda: again.rows("SELECT state, count(*) FROM reservations GROUP BY state") == spent, "the ledger", 5)
        children = psutil.Process(again.process.pid).children(recursive=True)
        started = time.monotonic()
        assert again.stop(signal.SIGTERM) == 0
        assert time.monotonic() - started < 20
        assert not any(child.is_running() for child in children)
        assert sorted(file.name for file in again.home.iterdir() if file.name != "cache") == LEFT
