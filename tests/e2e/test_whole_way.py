"""Bot and engine as processes against the sandbox's wire: requests, crashes, clean stops."""

from __future__ import annotations

import asyncio
import base64
import signal
import sys
import time
from typing import Any

import psutil
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, ImageContent

from bot.sandbox.guild import ADA, DRAWING
from bot.ui.i18n import text
from harness.processes import Bot, Discord, environment, running, until

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


def test_an_agent_draws_by_the_running_bot(bot: Bot, discord: Discord) -> None:
    """Processes alone: the official client, limner mcp, the bot and its engine."""
    arguments = ["-m", "bot.cli.main", "mcp", "--user", str(ADA), "--channel", str(DRAWING)]
    settings = environment(bot.home)
    server = StdioServerParameters(command=sys.executable, args=arguments, env=settings, cwd=bot.home)

    async def drawn() -> CallToolResult:
        async with Client(server, read_timeout_seconds=90) as client:
            return await client.call_tool("draw", {"words": "a red boat on a lake", "seed": 9})

    result = asyncio.run(drawn())
    images = [part for part in result.content if isinstance(part, ImageContent)]
    assert [(part.mime_type, base64.b64decode(part.data)[8:12]) for part in images] == [("image/webp", b"WEBP")]
    facts = result.structured_content
    assert facts
    post = discord.posts()[-1]
    assert facts["link"].endswith(f"/{post['id']}")
    assert discord.picture(post)
    spent = "SELECT r.state, r.images FROM reservations r JOIN jobs j ON j.id = r.job_id WHERE j.id = "
    assert bot.rows(f"{spent}'{facts['id']}'") == [("spent", 1)]


def test_a_channel_without_the_right_to_post_costs_nothing(bot: Bot, discord: Discord) -> None:
    before = bot.rows("SELECT count(*) FROM jobs")
    answer = discord.imagine("a boat", channel="read-only")
    assert answer.startswith("I cannot post a picture here: I lack Send Messages")
    assert bot.rows("SELECT count(*) FROM jobs") == before


def test_a_thing_that_the_starter_does_not_know_is_asked_about_and_costs_nothing(bot: Bot, discord: Discord) -> None:
    until(lambda: b"catalog.ready" in bot.log.read_bytes(), "what the models know", 10)
    before = bot.rows("SELECT count(*) FROM jobs")
    assert discord.imagine("a mermaid on the beach") == text("en-US", "thing-doubt", thing="mermaid")
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
        spent = [("spent", 5)]
        until(lambda: again.rows("SELECT state, count(*) FROM reservations GROUP BY state") == spent, "the ledger", 5)
        children = psutil.Process(again.process.pid).children(recursive=True)
        started = time.monotonic()
        assert again.stop(signal.SIGTERM) == 0
        assert time.monotonic() - started < 20
        assert not any(child.is_running() for child in children)
        assert sorted(file.name for file in again.home.iterdir() if file.name != "cache") == LEFT
