"""Real processes: who listens where, and that no secret is on a command line, in a child's environment or in a log."""

from __future__ import annotations

import stat
from pathlib import Path

import psutil
import pytest

from bot.host.engine_process import SECRETS
from bot.workers.child_process import ENVIRONMENT, run_script
from harness.processes import Discord, running, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
DATA_KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
PLANNER_KEY, ENGINE_KEY = "planner-s3cret", "engine-s3cret"


def environ(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_bytes().decode()


def cmdline(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


def listening(process: psutil.Process) -> list[str]:
    """Return the addresses of TCP and UDP that a process listens on."""
    return [found.laddr.ip for found in process.net_connections("inet") if found.status in ("LISTEN", "NONE")]


def test_processes_keep_secrets_and_are_reached_from_this_machine_alone(tmp_path: Path) -> None:
    home, discord = tmp_path / "home", Discord()
    secrets = (discord.token, DATA_KEY, PLANNER_KEY, ENGINE_KEY)
    keys = {"LIMNER_DATA_KEY": DATA_KEY, "PLANNER_API_KEY": PLANNER_KEY, "ENGINE_API_KEY": ENGINE_KEY}
    try:
        with running(discord, home, LIMNER_METRICS_PORT="0", LIMNER_LOG="json", **keys) as bot:
            us = psutil.Process(bot.process.pid)
            engine = until(lambda: next(iter(us.children()), None), "the engine's process")
            until(lambda: "-m\0engine" in cmdline(engine.pid), "the engine's program")
            socket = home / "engine.sock"
            until(socket.exists, "the engine's socket")
            until(lambda: discord.state()["online"], "the bot on Discord")
            everyone = [us, *us.children(recursive=True), psutil.Process(discord.process.pid)]
            for process in everyone:
                assert [secret for secret in secrets if secret in cmdline(process.pid)] == []
                assert set(listening(process)) <= {"127.0.0.1"}, process.cmdline()
            for child in us.children(recursive=True):
                found = environ(child.pid)
                assert [secret for secret in secrets if secret in found] == []
                assert [name for name in SECRETS if f"{name}=" in found] == []
            assert listening(engine) == [], "the engine is on its socket alone"
            assert stat.S_IMODE(socket.stat().st_mode) == 0o600
            assert stat.S_IMODE(home.stat().st_mode) == 0o700
            assert [path.name for path in home.rglob("*") if path.stat().st_mode & 0o077 and not path.is_dir()] == []
        log = bot.log.read_text()
        assert [secret for secret in secrets if secret in log] == []
    finally:
        discord.stop()


async def test_children_that_read_foreign_files_see_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "s3cret")
    spy = tmp_path / "spy.py"
    spy.write_text("import sys\nsys.stdout.buffer.write(open('/proc/self/environ', 'rb').read())\n")
    ended = await run_script(spy, b"", timeout_s=60, most=1 << 20)
    names = {line.partition("=")[0] for line in ended.result.decode().split("\0") if line}
    assert names <= {*ENVIRONMENT, "LC_CTYPE"}
    assert "PATH" in names, "the spy tells what it sees"
