"""Bot and engine as processes that are told to stop: nothing is lost, and people are told the truth."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psutil

from tests.e2e.test_whole_way import ask, painted
from tests.e2e.world import Bot, Discord, running, until


def stop(bot: Bot) -> None:
    bot.process.send_signal(signal.SIGTERM)
    until(lambda: "bot.draining" in bot.log.read_text(), "the stop", 10)


def shown(discord: Discord, post: dict[str, str]) -> str:
    return next(str(found["content"]) for found in discord.posts() if found["id"] == post["id"])


def test_a_stop_lets_a_picture_be_finished_and_takes_no_new_request(discord: Discord, tmp_path: Path) -> None:
    with running(discord, tmp_path / "home", LIMNER_GRACE_SECONDS="120") as bot:
        engine = bot.ready().engine()
        engine.suspend()
        post = ask(discord, "a red boat")
        stop(bot)
        assert discord.imagine("a green boat") == "Limner is being restarted; please ask again in a minute."
        engine.resume()
        assert painted(discord, post)
        assert bot.process.wait(60) == 0
        assert not engine.is_running()
        assert bot.rows("SELECT jobs.state, reservations.state FROM jobs JOIN reservations ON id = job_id") == [
            ("done", "spent")
        ]


def test_what_a_stop_does_not_wait_for_goes_on_at_the_next_start(discord: Discord, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(discord, home, LIMNER_GRACE_SECONDS="1") as bot:
        bot.ready().engine().suspend()
        post = ask(discord, "a red boat")
        stop(bot)
        assert bot.process.wait(60) == 0
        assert "I am being restarted. This goes on by itself" in shown(discord, post)
        assert bot.rows("SELECT ended_at FROM jobs") == [(None,)]
    with running(discord, home) as again:
        assert painted(discord, post)
        until(lambda: again.rows("SELECT state FROM reservations") == [("spent",)], "the ledger", 10)
        assert "being restarted" not in shown(discord, post)


def test_a_second_signal_ends_everything_at_once(discord: Discord, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(discord, home, LIMNER_GRACE_SECONDS="120") as bot:
        engine = bot.ready().engine()
        engine.suspend()
        post = ask(discord, "a red boat")
        stop(bot)
        began = time.monotonic()
        bot.process.send_signal(signal.SIGTERM)
        assert bot.process.wait(20) == 128 + signal.SIGTERM
        assert time.monotonic() - began < 10, "far less than the grace"
        engine.resume()
        gone, _ = psutil.wait_procs([engine], timeout=60)
        assert gone
    with running(discord, home):
        assert painted(discord, post), "what was on disk goes on"


def test_an_engine_that_is_told_to_stop_is_waited_for(discord: Discord, tmp_path: Path) -> None:
    with running(discord, tmp_path / "home", LIMNER_GRACE_SECONDS="1") as bot:
        engine = bot.ready().engine()
        engine.suspend()
        post = ask(discord, "a red boat", seed=9)
        engine.terminate()
        engine.resume()
        gone, _ = psutil.wait_procs([engine], timeout=60)
        assert gone
        assert painted(discord, post)
        until(lambda: bot.rows("SELECT state FROM reservations") == [("spent",)], "the ledger", 10)
