"""Whatever hangs is replaced without a human: each job ends once, and the next request is painted.

Half a minute of silence is some seconds here. Parts of this, quicker: `tests/engine/test_loop_watchdog.py`,
`tests/engine/test_hanging.py`.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from harness.processes import ROOT, Bot, Discord, until
from harness.tiny_models import Models
from tests.e2e.test_stops import Engine, bot_with, ends, shown
from tests.e2e.test_stops import engine as engine  # a fixture
from tests.e2e.test_whole_way import painted

pytestmark = pytest.mark.full


class HastyBot(Bot):
    launch = ROOT / "tests" / "e2e" / "hasty_bot.py"


@pytest.fixture
def models(tmp_path: Path) -> dict[str, str]:
    return Models(tmp_path / "models").variables


@contextmanager
def hasty(discord: Discord, home: Path, **changes: str) -> Iterator[Bot]:
    bot = HastyBot(discord, home, **changes)
    try:
        yield bot.ready()
    finally:
        with suppress(ProcessLookupError):
            bot.engine().resume()
        bot.stop()


def ask(discord: Discord, words: str, **options: object) -> Any:
    """Ask for a picture and return its post; a machine that others use too may need long to say that it comes."""
    before = {post["id"] for post in discord.posts()}
    outcome = discord.act("command", name="imagine", options={"prompt": words, **options})
    assert outcome["outcome"] in ("message", "deferred"), outcome
    return until(lambda: next((post for post in discord.posts() if post["id"] not in before), None), "the post", 30)


def shown_pictures(discord: Discord) -> int:
    """Return how many posts have a picture: who waited long is pinged by another."""
    return sum(bool(post["attachments"]) for post in discord.posts())


def ended_once(bot: Bot, discord: Discord, before: int, pictures: int) -> None:
    """Each job is done and spent, and has one message."""
    end = time.monotonic() + 10
    while set(ends(bot)) != {("done", "spent")} and time.monotonic() < end:
        time.sleep(0.1)
    assert ends(bot) == [("done", "spent")] * pictures
    assert shown_pictures(discord) == before + pictures


def test_a_stopped_engine(discord: Discord, tmp_path: Path, models: dict[str, str]) -> None:
    before = shown_pictures(discord)
    with hasty(discord, tmp_path / "home", **models) as bot:
        first = bot.engine()
        first.suspend()
        began = time.monotonic()
        posts = [ask(discord, "a red boat", exact=True), ask(discord, "a blue boat", exact=True)]
        for post in posts:
            assert painted(discord, post)
        assert time.monotonic() - began > 2, "it was given time"
        assert bot.engine().pid != first.pid
        assert painted(discord, ask(discord, "a green boat", exact=True))
        ended_once(bot, discord, before, 3)
        assert bot.log.read_text().count("engine.hung") == 1


def test_a_model_thread_that_never_returns(discord: Discord, tmp_path: Path, models: dict[str, str]) -> None:
    before, hung = shown_pictures(discord), tmp_path / "hung"
    with hasty(discord, tmp_path / "home", HANG_ONCE=str(hung), **models) as bot:
        first = bot.engine().pid
        post = ask(discord, "a red boat", exact=True)
        assert painted(discord, post)
        assert hung.exists()
        assert bot.engine().pid != first
        assert "engine.hangs" in bot.log.read_text()
        assert painted(discord, ask(discord, "a green boat", exact=True))
        ended_once(bot, discord, before, 2)


def test_a_stopped_bot(engine: Engine, discord: Discord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under systemd, which ends and starts anew what no longer says that it is well."""
    before = shown_pictures(discord)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, monkeypatch.context() as patched:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        patched.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with bot_with(engine, discord, tmp_path / "home") as bot:
            bot.online()
            post = ask(discord, "slow 0.2", exact=True, steps=40)
            until(lambda: "Painting" in shown(bot, post), "the painting")
            bot.process.send_signal(signal.SIGSTOP)
            with suppress(TimeoutError):
                while True:
                    assert systemd.recv(100) in (b"READY=1", b"WATCHDOG=1")
            bot.process.kill()
            bot.process.wait(30)
    with bot_with(engine, discord, tmp_path / "home") as again:
        again.online()
        assert painted(discord, post)
        assert painted(discord, ask(discord, "slow 0.2", exact=True, steps=2))
        ended_once(again, discord, before, 2)
