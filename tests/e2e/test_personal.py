"""What people asked for is taken along, erased and sealed by real processes; every file is searched, logs too."""

from __future__ import annotations

import base64
import io
import json
import re
import signal
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.guild import ADA, BEN, BOT, DRAWING, GUILD
from harness.processes import Bot, Discord, running, until
from tests.e2e.test_start import limner, only_sentence
from tests.e2e.test_stops import Engine
from tests.e2e.test_whole_way import ask, painted

MARK = "zebrafinch"
KEY = base64.b64encode(bytes(range(32))).decode()


def files_with(folder: Path, words: str) -> list[str]:
    """Return the files that hold the words, in UTF-8, UTF-16 or base64."""
    forms = [words.encode(), words.encode("utf-16-le"), words.encode("utf-16-be")]
    forms += [base64.b64encode(b"x" * skip + words.encode())[4:10] for skip in range(3)]
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    ]


def command(discord: Discord, name: str, member: str = "Ada") -> dict[str, Any]:
    """Give a command and return its answer once it says something."""
    outcome = discord.act("command", member, name=name, options={})

    def answer() -> dict[str, Any] | None:
        found = next(one for one in discord.state(member)["messages"] if one["id"] == outcome["message_id"])
        return found if found["content"] else None

    found: dict[str, Any] = until(answer, f"the answer to /{name}", 30)
    return found


def direct(discord: Discord, member: str = "Ada") -> list[dict[str, Any]]:
    """Return what the bot wrote to a member directly."""
    state = discord.state(member)
    dms = [channel["id"] for channel in state["channels"] if channel["dm"]]
    return [message for message in state["messages"] if message["channel_id"] in dms]


@contextmanager
def online(discord: Discord, home: Path, **changes: str) -> Iterator[Bot]:
    with running(discord, home, **changes) as bot:
        yield bot.online()
    until(lambda: not discord.state()["online"], "the bot's end")


def is_for_one(message: Any) -> bool:
    """Whether one member alone sees the message, until their page is loaded again; no bot can delete it later."""
    return bool(message.get("flags", 0) & 64)


def erased(discord: Discord, member: str = "Ada") -> str:
    """Erase and return the summary."""
    asked = command(discord, "my data erase", member)
    button = asked["components"][0]["components"][0]
    discord.act("click", member, message_id=asked["id"], custom_id=button["custom_id"])

    def summary() -> str | None:
        found = next(one for one in discord.state(member)["messages"] if one["id"] == asked["id"])
        return str(found["content"]) if "What stays" in found["content"] else None

    return until(summary, "the summary", 60)


def test_a_member_takes_all_along_and_then_erases_it(bot: Bot, discord: Discord) -> None:
    post = ask(discord, f"a red boat with a {MARK}")
    picture = painted(discord, post)
    before = len(discord.posts())
    discord.act("message", "Ben", content="make it night", reply_to=post["id"])
    until(lambda: len(discord.posts()) > before + 1, "the version", 10)
    painted(discord, discord.posts()[-1])
    until(lambda: bot.rows("SELECT count(*) FROM jobs WHERE state <> 'done'") == [(0,)], "the end on disk", 5)

    answer = command(discord, "my data export")
    assert answer["content"].startswith("I sent you a file by direct message: one request and one picture.")
    (sent,) = direct(discord)
    with urllib.request.urlopen(sent["attachments"][0]["url"]) as response:
        packed = zipfile.ZipFile(io.BytesIO(response.read()))
    (job,) = json.loads(packed.read("data.json"))["jobs"]
    assert job["words"] == f"a red boat with a {MARK}"
    assert packed.read(f"pictures/{job['id']}-1.png") == picture

    folder = bot.home.parent
    assert files_with(folder, MARK), "the search finds what is there"
    summary = erased(discord)
    assert "one request" in summary
    assert files_with(folder, MARK) == []
    shown = [found for found in discord.state()["messages"] if found["author"].get("bot") and not is_for_one(found)]
    assert not any(MARK in json.dumps(found) for found in shown)
    assert [len(found["attachments"]) for found in shown if found["attachments"]] == [1], "Ben's stays"
    assert direct(discord) == []
    assert command(discord, "my data export")["content"].startswith("I keep nothing about you")
    assert bot.rows("SELECT words, spec, parent_id FROM jobs") == [("make it night", None, None)]


def test_files_are_their_owners_alone(bot: Bot) -> None:
    assert bot.home.stat().st_mode & 0o777 == 0o700
    until((bot.home / "cache" / "batch_sizes.json").exists, "what the idle engine measures")
    modes = {path.name: (path.is_dir(), oct(path.stat().st_mode & 0o777)) for path in bot.home.rglob("*")}
    assert {"limner.sqlite3", "limner.sqlite3-wal", "limner.sqlite3-shm", "limner.secret", "batch_sizes.json"} <= set(
        modes
    )
    assert set(modes.values()) == {(False, "0o600"), (True, "0o700")}, modes


def test_logs_hold_no_id_of_discord_s(bot: Bot, discord: Discord) -> None:
    discord.act("trouble", kind="500", path=r"^PATCH /channels/\d+/messages/", times=2)
    painted(discord, ask(discord, "a red boat"))
    discord.calm()
    assert bot.stop(signal.SIGTERM) == 0
    logged = bot.log.read_text()
    assert "job.finished" in logged
    for number in (ADA, BEN, BOT, GUILD, DRAWING):
        assert str(number) not in logged
    assert not re.search(r"\d{17,}", re.sub(r"\b[0-9a-f]{32}\b", "", logged))
    assert discord.token not in logged
    assert files_with(bot.home.parent, MARK) == []


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an engine whose models are scripted: no model is needed to seal what people write."""
    started = Engine(tmp_path_factory.mktemp("engine"), LIMNER_GRACE_SECONDS="0")
    yield f"unix:{started.socket}"
    started.stop()


def draw(discord: Discord, words: str) -> None:
    """Wait for a picture that is painted as written."""
    before = {post["id"] for post in discord.posts()}
    assert discord.takes(words, exact=True, steps=2)
    painted(discord, until(lambda: next((p for p in discord.posts() if p["id"] not in before), None), "the post"))


def test_a_sealed_database_starts_with_its_key_alone(tmp_path: Path, discord: Discord, engine: str) -> None:
    home = tmp_path / "home"
    with online(discord, home, ENGINE_URL=engine) as bot:
        draw(discord, f"a {MARK} in the snow")
        until(lambda: bot.rows("SELECT count(*) FROM jobs WHERE state <> 'done'") == [(0,)], "the end on disk", 5)
    assert files_with(tmp_path, MARK) == ["home/limner.sqlite3"]
    with online(discord, home, ENGINE_URL=engine, LIMNER_DATA_KEY=KEY):
        assert files_with(tmp_path, MARK) == [], "what was plain is sealed at start"
        draw(discord, f"a {MARK} at night")
        assert files_with(tmp_path, MARK) == []
        answer = command(discord, "my data export")
        assert "2 requests" in answer["content"], answer["content"]
    assert files_with(tmp_path, MARK) == []
    other = base64.b64encode(bytes(32)).decode()
    before = (home / "limner.sqlite3").read_bytes()
    for changes, sentence in (
        ({}, "is sealed; set LIMNER_DATA_KEY"),
        ({"LIMNER_DATA_KEY": other}, "is sealed with another LIMNER_DATA_KEY"),
        ({"LIMNER_DATA_KEY": "short"}, "LIMNER_DATA_KEY: this is no key"),
    ):
        refused = limner(home, "run", **changes)
        assert refused.returncode == 2
        assert sentence in only_sentence(refused)
        assert (home / "limner.sqlite3").read_bytes() == before
