"""Bot and engine as processes that are told to stop: nothing is lost, and people are told the truth.

The engine's models are scripted, so that a picture takes as long as a test needs: "slow 0.2" is seconds a step.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.processes import ROOT, Bot, Discord, environment, running, until
from tests.e2e.test_whole_way import painted

STEPS, STEP_S = 100, 0.2


class Engine:
    """The engine's process with scripted models, on a socket of its own."""

    def __init__(self, folder: Path, **changes: str) -> None:
        self.socket, self.log = folder / "engine.sock", folder / "engine.log"
        command = [sys.executable, "-m", "tests.engine.fake_process", "--socket", str(self.socket)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, env=environment(folder, **changes), stderr=log, cwd=ROOT)
        until(lambda: "engine.listening" in self.log.read_text(), "the engine")

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    started = Engine(tmp_path, LIMNER_GRACE_SECONDS="0")
    yield started
    if started.process.poll() is None:
        started.stop()


def bot_with(engine: Engine, discord: Discord, home: Path, grace: int = 0) -> Any:
    return running(discord, home, ENGINE_URL=f"unix:{engine.socket}", LIMNER_GRACE_SECONDS=str(grace))


def ask(bot: Bot, words: str = f"slow {STEP_S}", steps: int = STEPS) -> Any:
    """Ask for a picture and return its post once it is being painted."""
    discord = bot.discord
    bot.online()
    before = {post["id"] for post in discord.posts()}
    assert discord.takes(words, exact=True, steps=steps, seed=9)

    def begun() -> Any:
        return next((p for p in discord.posts() if p["id"] not in before and "Painting" in p["content"]), None)

    return until(begun, "the painting")


def tell_to_stop(bot: Bot) -> None:
    bot.process.send_signal(signal.SIGTERM)
    until(lambda: "bot.draining" in bot.log.read_text(), "the stop")


def shown(bot: Bot, post: Any) -> str:
    return next(str(found["content"]) for found in bot.discord.posts() if found["id"] == post["id"])


def ends(bot: Bot) -> list[tuple[str, str]]:
    return bot.rows("SELECT jobs.state, reservations.state FROM jobs JOIN reservations ON id = job_id")


def test_a_stop_lets_a_picture_be_finished_and_takes_no_new_request(
    engine: Engine, discord: Discord, tmp_path: Path
) -> None:
    with bot_with(engine, discord, tmp_path / "home", grace=300) as bot:
        post = ask(bot)
        tell_to_stop(bot)
        assert discord.imagine("a green boat") == "Limner is being restarted; please ask again in a minute."
        assert bot.process.wait(200) == 0
        assert discord.picture(post)
        assert ends(bot) == [("done", "spent")]


def test_what_a_stop_does_not_wait_for_goes_on_at_the_next_start(
    engine: Engine, discord: Discord, tmp_path: Path
) -> None:
    with bot_with(engine, discord, tmp_path / "home", grace=1) as bot:
        post = ask(bot, steps=40)
        tell_to_stop(bot)
        assert bot.process.wait(60) == 0
        assert "I am being restarted. This goes on by itself" in shown(bot, post)
        assert "Cancel" in str(post["components"])
        assert ends(bot) == [("painting", "held")]
    with bot_with(engine, discord, tmp_path / "home") as again:
        assert painted(discord, post)
        until(lambda: ends(again) == [("done", "spent")], "the ledger")
        assert "being restarted" not in shown(again, post)


def test_a_second_signal_ends_the_bot_at_once(engine: Engine, discord: Discord, tmp_path: Path) -> None:
    with bot_with(engine, discord, tmp_path / "home", grace=300) as bot:
        post = ask(bot, steps=60)
        tell_to_stop(bot)
        began = time.monotonic()
        bot.process.send_signal(signal.SIGTERM)
        assert bot.process.wait(60) == 128 + signal.SIGTERM
        assert time.monotonic() - began < STEP_S * 60 / 2, "it waited for no picture"
    with bot_with(engine, discord, tmp_path / "home") as again:
        assert painted(discord, post), "what was on disk goes on"
        until(lambda: ends(again) == [("done", "spent")], "the ledger")


def test_an_engine_that_is_told_to_stop_is_waited_for(engine: Engine, discord: Discord, tmp_path: Path) -> None:
    with bot_with(engine, discord, tmp_path / "home") as bot:
        post = ask(bot, steps=40)
        assert engine.stop() == 0
        waiting = ("The engine does not answer yet", "The models are being loaded")
        until(lambda: any(words in shown(bot, post) for words in waiting), "the truth")
        assert discord.takes("another boat", exact=True), "requests wait, and are not refused"
        engine = Engine(tmp_path, LIMNER_GRACE_SECONDS="0")
        assert painted(discord, post)
        until(lambda: ends(bot) == [("done", "spent"), ("done", "spent")], "the ledger")
        engine.stop()
