"""Real processes: the sandbox's Discord, the bot, its engine; and a member who acts over HTTP."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
READY_S = 120.0
LOADING = 1 << 7
"""The flag of a message that says that the bot is thinking."""
OWN = ("DISCORD_TOKEN", "LIMNER_", "ENGINE_", "PLANNER_", "HF_HUB_OFFLINE", "PYTHONDONTWRITEBYTECODE")
"""Prefixes of the variables that no process inherits; HF_HUB_OFFLINE is set by loading models."""
MODELS = ("LIMNER_MODEL", "LIMNER_PLANNER")


STEADY = {"LIMNER_CHANNELS_LAST": "off"}
"""Nothing is measured that would change the last bits of a picture: tests compare pictures of one seed."""


def environment(home: Path, **changes: str) -> dict[str, str]:
    """Return an environment without the operator's own settings, but for the models to test with."""
    kept = {name: value for name, value in os.environ.items() if name in MODELS or not name.startswith(OWN)}
    return {**kept, **STEADY, "LIMNER_HOME": str(home), "PYTHONPATH": str(ROOT), **changes}


def until(found: Callable[[], T | None], what: str, seconds: float = READY_S) -> T:
    """Wait for something that is neither None nor False."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {seconds:.0f} s")


class Discord:
    """The sandbox in a process of its own, which outlives the bot's."""

    def __init__(self, port: int = 0, module: str = "bot.sandbox", *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments, "--port", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        told = json.loads(self.process.stdout.readline())
        self.url, self.token = told["url"], told["token"]

    def state(self, member: str = "Ada") -> Any:
        return self.call(f"/page/state?as={member}")

    def act(self, what: str, member: str = "Ada", channel: str = "drawing", **body: object) -> Any:
        channel_id = next(found["id"] for found in self.state(member)["channels"] if found["name"] == channel)
        return self.call(f"/page/{what}", {"as": member, "channel_id": channel_id, **body})

    def imagine(self, words: str, channel: str = "drawing", **options: object) -> Any:
        """Ask for a picture and return the ephemeral answer's text; empty where that went away again, as accepted."""
        outcome = self.act("command", channel=channel, name="imagine", options={"prompt": words, **options})
        assert outcome["outcome"] in ("message", "deferred"), outcome
        return until(lambda: self._answered(outcome["message_id"]), "the answer", 30)[0]

    def _answered(self, message_id: str) -> tuple[str] | None:
        """Return what a message says, empty where it is gone; None while it says that the bot is thinking."""
        found = next((each for each in self.state()["messages"] if each["id"] == message_id), None)
        return None if found and found["flags"] & LOADING else (found["content"] if found else "",)

    def takes(self, words: str, **options: Any) -> bool:
        """Ask for a picture; return whether the request was accepted."""
        answer = self.imagine(words, **options)
        return not answer or answer.startswith("On its way")

    def posts(self) -> list[Any]:
        """Return what all can see in the channel, oldest first."""
        return [found for found in self.state("Ben")["messages"] if not found.get("flags", 0) & 64]

    def newest(self) -> str:
        """Return the text of the newest post, empty while there is none."""
        posts = self.posts()
        return str(posts[-1]["content"]) if posts else ""

    def picture(self, post: Any) -> bytes | None:
        """Return the bytes of the post's first picture once it is finished."""
        now = next((found for found in self.posts() if found["id"] == post["id"]), None)
        if not now or not now["attachments"] or "Cancel" in json.dumps(now["components"]):
            return None
        with urllib.request.urlopen(now["attachments"][0]["url"]) as answer:
            return bytes(answer.read())

    def calm(self) -> int:
        """End what `act("trouble", …)` began; return how many calls had not met it."""
        request = urllib.request.Request(self.url + "/page/trouble", method="DELETE")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(json.loads(answer.read())["left"])

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def call(self, path: str, body: object = None) -> Any:
        """Ask the sandbox's page, and return its answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


class Bot:
    """`python -m bot` as a process, its stderr in a file; `launch` is the script that starts it."""

    launch = ROOT / "harness" / "launch.py"

    def __init__(self, discord: Discord, home: Path, **changes: str) -> None:
        self.discord, self.home = discord, home
        self.log = home.with_suffix(".log")
        settings = environment(home, **{"DISCORD_TOKEN": discord.token, **changes})
        with self.log.open("a") as log:
            self._begins = log.tell()  # an earlier process of the same home wrote what is before
            self.process = subprocess.Popen(
                [sys.executable, str(self.launch), discord.url],
                env=settings,
                stderr=log,
                cwd=home.parent,
            )

    def online(self, seconds: float = READY_S) -> Bot:
        """Wait until this very process is on Discord: the sandbox may still show the one before."""
        self._logged("discord.ready", "the bot on Discord", seconds)
        return self

    def ready(self, seconds: float = READY_S) -> Bot:
        self.online()
        self._logged("models.ready", "the models", seconds)
        return self

    def engine(self) -> psutil.Process:
        children = psutil.Process(self.process.pid).children
        return until(lambda: next(iter(children()), None), "the engine's process", 30)

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        with suppress(ProcessLookupError):
            self.process.send_signal(with_signal)
        return self.process.wait(60)

    def _logged(self, event: str, what: str, seconds: float = READY_S) -> None:
        until(lambda: event.encode() in self.log.read_bytes()[self._begins :], what, seconds)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.home / "limner.sqlite3")) as connection:
            return connection.execute(sql).fetchall()

    def dicts(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return rows by the names of their columns."""
        with closing(sqlite3.connect(self.home / "limner.sqlite3")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]


@contextmanager
def running(discord: Discord, home: Path, **changes: str) -> Iterator[Bot]:
    bot = Bot(discord, home, **changes)
    try:
        yield bot
    finally:
        if bot.process.poll() is None:
            bot.stop()
