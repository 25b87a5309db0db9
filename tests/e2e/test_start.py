"""What keeps Limner from starting is one sentence on stderr and an exit code."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from bot.host.home import locked_home
from bot.sandbox.server import make_token
from harness.commands import run_command
from harness.processes import Bot, Discord, environment, running, until

RESET = make_token()
"""Has a token's form, and no Discord knows it."""


def limner(home: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return run_command(arguments, environment(home, **changes), home.parent)


def only_sentence(result: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in result.stderr
    return [line for line in result.stderr.splitlines() if not line.startswith("20")][-1]


def test_every_wrong_setting_is_named(tmp_path: Path) -> None:
    result = limner(tmp_path / "home", "run", LIMNER_LIMIT="lots", ENGINE_URL="here")
    assert result.returncode == 2
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["ENGINE_URL", "LIMNER_LIMIT"]


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    result = limner(tmp_path / "home", "--version")
    assert (result.returncode, result.stdout) == (0, f"limner {metadata.version('limner')}\n")


def test_a_second_run_on_the_same_home(tmp_path: Path) -> None:
    with locked_home(tmp_path / "home"):
        result = limner(tmp_path / "home", "run")
    assert result.returncode == 1
    assert only_sentence(result).startswith("Another limner run uses LIMNER_HOME")


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = limner(tmp_path / "file", "run")
    assert result.returncode == 1
    assert "cannot be written" in only_sentence(result)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which stands for a full disk")
def test_a_full_disk(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "limner.sqlite3").symlink_to("/dev/full")
    result = limner(home, "run")
    assert result.returncode == 1
    assert only_sentence(result).startswith("The database in LIMNER_HOME")


def test_a_database_from_the_future(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with sqlite3.connect(home / "limner.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    result = limner(home, "run")
    assert result.returncode == 1
    assert only_sentence(result).startswith("The database has version 99")


def test_a_taken_port(tmp_path: Path, discord: Discord) -> None:
    port = discord.url.rpartition(":")[2]
    result = limner(tmp_path / "home", "run", LIMNER_SANDBOX_PORT=port)
    assert result.returncode == 1
    assert only_sentence(result) == f"Port {port} is taken; stop what uses it, or set LIMNER_SANDBOX_PORT to another."


def test_a_wrong_token(tmp_path: Path, discord: Discord) -> None:
    with running(discord, tmp_path / "home", DISCORD_TOKEN=RESET, ENGINE_URL="unix:/nowhere.sock") as bot:
        assert bot.process.wait(60) == 1
    assert "Discord refuses DISCORD_TOKEN" in bot.log.read_text()
    assert "Traceback" not in bot.log.read_text()


def test_a_wrong_token_is_refused_at_once(tmp_path: Path, discord: Discord) -> None:
    """Also while the bot's own engine is still loading its models."""
    with running(discord, tmp_path / "home", DISCORD_TOKEN=RESET) as bot:
        assert bot.process.wait(60) == 1
    told = bot.log.read_text()
    assert "Discord refuses DISCORD_TOKEN" in told
    assert "models.ready" not in told


@pytest.mark.parametrize(
    "token",
    ["Bot MTIz.abc.def", "abcdefghijabcdefghijabcdefghijab", "wrong", f"{RESET} x"],
    ids=["with Bot", "a client's secret", "a word", "with a word behind"],  # the token differs in each worker
)
def test_what_is_no_token_is_refused_before_anything_starts(tmp_path: Path, token: str) -> None:
    result = limner(tmp_path / "home", "run", DISCORD_TOKEN=token)
    assert result.returncode == 2
    (told,) = result.stderr.splitlines()
    assert told.startswith(f"DISCORD_TOKEN ({len(token)} characters) does not have the form of a bot's token")
    assert token not in told
    assert not (tmp_path / "home").exists()


LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z \[info +\] ([\w.]+)")
STEPS = ("engine.started", "engine.listening", "models.loading", "discord.ready", "models.ready", "catalog.ready")
"""What a start says, each once."""


def test_the_log_of_a_healthy_start_reads_healthy(tmp_path: Path, discord: Discord) -> None:
    with running(discord, tmp_path / "home") as bot:
        until(lambda: "catalog.ready" in bot.log.read_text(), "the models", 120.0)
        told = bot.log.read_text()
    lines = [line for line in told.splitlines() if line.startswith("20")]
    events = [found[1] for line in lines if (found := LINE.match(line))]
    assert len(events) == len(lines), f"each line has its time, and none warns: {told}"
    still = sum("models.loading" in line and "seconds=" in line for line in lines)  # one each few seconds of loading
    assert [events.count(step) for step in STEPS] == [1, 1, 1 + still, 1, 1, 1], told
    assert not re.search(r"not_|lack|fail|error|refus|cannot", told), told
    assert re.search(r"catalog\.ready +models=\[.*\] seconds=\d", told), told


def test_no_engine_is_told_and_refunded(tmp_path: Path, discord: Discord) -> None:
    away = {"ENGINE_URL": f"unix:{tmp_path}/nobody.sock", "LIMNER_ENGINE_WAIT": "3"}
    with running(discord, tmp_path / "home", **away) as bot:
        bot.online()
        assert discord.takes("a boat")
        until(lambda: "does not answer yet" in discord.newest(), "the truth", 10)
        until(lambda: "this was refunded" in discord.newest(), "the refund", 30)
        assert bot.rows("SELECT state FROM jobs") == [("failed",)]
        assert bot.rows("SELECT state FROM reservations") == [("released",)]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["imagine", " "], "Say in a few words"),
        (["imagine", "a" * 2001], "at most 2,000"),
        (["imagine", "x", "--count", "5"], "--count: 5 is not a whole number from 1 to 4"),
        (["imagine", "x", "--shape", "round"], "--shape: round is not one of square"),
        (["imagine", "x", "--out", "/nowhere/x.png"], "--out: there is no directory /nowhere"),
        (["imagine", "x", "--out", "x.gif"], "--out: x.gif has an ending that no picture here has; use one of .png, "),
    ],
)
def test_wrong_usage_of_imagine(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    result = limner(tmp_path / "home", *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert sentence in only_sentence(result)


def test_the_bot_runs_as_its_parent_s_child_alone(tmp_path: Path, discord: Discord) -> None:
    """Nothing is forked: the one child is the engine, executed, without the token.

    It leads a process group of its own, so that Ctrl-C reaches the bot alone, which lets it end its work.
    """
    with running(discord, tmp_path / "home") as bot:
        assert isinstance(bot, Bot)
        engine = bot.engine()
        assert engine.cmdline()[1:3] == ["-m", "engine"]
        assert os.getpgid(engine.pid) == engine.pid
        assert "DISCORD_TOKEN" not in engine.environ()
