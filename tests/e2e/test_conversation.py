"""The whole conversation with the starter pair, as processes: say it, change it, branch, vary, enlarge, delete."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from harness.processes import ROOT, Bot, Discord, environment, until


class Walk:
    """Ada's steps; with `restarts` the bot is stopped and started anew before each."""

    def __init__(self, discord: Discord, home: Path, engine: str, *, restarts: bool) -> None:
        self.discord, self.home, self.engine, self.restarts = discord, home, engine, restarts
        self.bot: Bot | None = None

    def step(self) -> None:
        if self.bot is not None and self.restarts:
            self.stop()
        if self.bot is None:
            self.bot = Bot(self.discord, self.home, ENGINE_URL=self.engine)
            self.bot.online()

    def stop(self) -> None:
        if self.bot is not None:
            assert self.bot.stop() == 0
            until(lambda: not self.discord.state()["online"], "the bot's end")
            self.bot = None

    def after(self, before: set[str]) -> dict[str, Any]:
        """Return the job of the post that was not there before, once its picture is there."""
        assert self.bot
        new = until(lambda: next((post for post in self.posts() if post["id"] not in before), None), "the post", 10)
        until(lambda: self.discord.picture(new), "the picture")
        sql = "SELECT * FROM jobs WHERE message_id = ? AND state = 'done'"
        row = until(lambda: next(iter(self.bot_rows(sql, int(new["id"]))), None), "the end on disk", 5)
        return {**row, "spec": json.loads(row["spec"]), "options": json.loads(row["options"])}

    def bot_rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        assert self.bot
        return self.bot.dicts(sql, *values)

    def posts(self) -> list[Any]:
        return [post for post in self.discord.posts() if post["author"].get("bot")]

    def ids(self) -> set[str]:
        return {post["id"] for post in self.posts()}

    def imagine(self, words: str, **options: Any) -> dict[str, Any]:
        self.step()
        before = self.ids()
        assert self.discord.takes(words, **options)
        return self.after(before)

    def reply(self, to: dict[str, Any], words: str) -> dict[str, Any]:
        self.step()
        before = self.ids()
        self.discord.act("message", content=words, reply_to=str(to["message_id"]))
        return self.after(before)

    def click(self, job: dict[str, Any], action: str) -> Any:
        self.step()
        button = f"limner:{action}:{job['id']}"
        return self.discord.act("click", message_id=str(job["message_id"]), custom_id=button)

    def select(self, message_id: str, custom_id: str, value: str) -> dict[str, Any]:
        self.step()
        before = self.ids()
        self.discord.act("select", message_id=message_id, custom_id=custom_id, values=[value])
        return self.after(before)

    def size(self, job: dict[str, Any]) -> tuple[int, int]:
        post = next(post for post in self.posts() if post["id"] == str(job["message_id"]))
        picture = self.discord.picture(post)
        assert picture
        return Image.open(io.BytesIO(picture)).size


@contextmanager
def engine_at(home: Path) -> Iterator[str]:
    """Run an engine of its own, which the bot's restarts leave alone."""
    home.mkdir()
    socket, log = home / "engine.sock", home / "engine.log"
    command = [sys.executable, "-m", "engine", "--socket", str(socket)]
    with log.open("w") as file:
        process = subprocess.Popen(command, env=environment(home), stderr=file, cwd=ROOT)
    try:
        until(lambda: "models.ready" in log.read_text(), "the models")
        yield f"unix:{socket}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(
    "restarts",
    [
        pytest.param(False, id="one process"),
        pytest.param(True, id="a restart between every two steps", marks=pytest.mark.full),
    ],
)
def test_every_version_keeps_what_was_not_mentioned(tmp_path: Path, restarts: bool) -> None:
    discord = Discord()
    try:
        with engine_at(tmp_path / "engine") as engine:
            walk = Walk(discord, tmp_path / "home", engine, restarts=restarts)
            take_the_walk(walk)
            walk.stop()
    finally:
        discord.stop()


def take_the_walk(walk: Walk) -> None:
    beach = walk.imagine("夕阳下的海滩", seed=7, shape="wide")
    assert set(beach["spec"]["keywords"]) == {"beach", "sunset"}

    night = walk.reply(beach, "改成夜晚，加一条船")
    assert set(night["spec"]["keywords"]) == {"beach", "night", "sailboat"}
    assert "sunset" not in night["spec"]["prompt"]

    watercolor = walk.reply(night, "and make it watercolor")
    assert set(watercolor["spec"]["keywords"]) == {"beach", "night", "sailboat", "watercolor"}

    branch = walk.reply(beach, "add a castle")
    assert set(branch["spec"]["keywords"]) == {"beach", "sunset", "castle"}

    lines = [(job["parent_id"], job["seed"], job["shape"]) for job in (beach, night, watercolor, branch)]
    assert lines == [(None, 7, "wide"), (beach["id"], 7, "wide"), (night["id"], 7, "wide"), (beach["id"], 7, "wide")]
    for job in (night, watercolor, branch):
        assert all(word in job["spec"]["prompt"] for word in job["spec"]["keywords"]), job["spec"]

    asked = walk.click(branch, "vary")
    varied = walk.select(asked["message_id"], f"limner:strength:{branch['id']}:0", "strong")
    assert (varied["parent_id"], varied["spec"], varied["options"]["kind"]) == (branch["id"], branch["spec"], "vary")
    assert varied["seed"] != branch["seed"]

    walk.step()
    before = walk.ids()
    walk.click(varied, "upscale")
    large = walk.after(before)
    assert (large["parent_id"], large["options"]["kind"]) == (varied["id"], "upscale")
    assert walk.size(varied) == (640, 384)
    assert walk.size(large) == (1280, 768)

    more = walk.click(large, "more")
    walk.discord.act("click", message_id=more["message_id"], custom_id=f"limner:delete:{large['id']}")
    until(lambda: str(large["message_id"]) not in walk.ids(), "the deletion", 5)
    sql = "SELECT deleted_at IS NOT NULL AS gone FROM jobs WHERE id = ?"
    until(lambda: walk.bot_rows(sql, large["id"]) == [{"gone": 1}], "the deletion on disk", 5)
    assert len(walk.ids()) == 5
    held = "SELECT count(*) AS held FROM reservations WHERE state = 'held'"
    assert walk.bot_rows(held) == [{"held": 0}]
