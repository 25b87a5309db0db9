"""The health checks of both containers, against a real bot, and against engines that answer or do not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from bot.host.heartbeat import ALIVE, STALE_S
from bot.sandbox.server import make_token
from harness.processes import ROOT, Discord, environment, running, until


@pytest.fixture
def discord() -> Iterator[Discord]:
    started = Discord()
    yield started
    started.stop()


def bot_health(home: Path) -> int:
    command = [sys.executable, "-m", "bot.host.heartbeat"]
    return subprocess.run(command, env=environment(home), cwd=home.parent).returncode


def test_the_bot_is_well_from_when_discord_has_it_until_it_stops(discord: Discord, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert bot_health(home) == 1
    with running(discord, home, ENGINE_URL="unix:/nowhere/engine.sock") as bot:
        bot.online()
        until(lambda: bot_health(home) == 0, "its first heartbeat", 10)
        past = time.time() - STALE_S - 1
        os.utime(home / ALIVE, (past, past))  # as after that long without a beat
        assert bot_health(home) == 1
        until(lambda: bot_health(home) == 0, "its next heartbeat", 20)
        bot.stop(signal.SIGTERM)
    assert not (home / ALIVE).exists()
    assert bot_health(home) == 1


def test_a_bot_that_discord_does_not_have_is_not_well(discord: Discord, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(discord, home, ENGINE_URL="unix:/nowhere/engine.sock", DISCORD_TOKEN=make_token()) as bot:
        bot.process.wait(30)
    assert bot_health(home) == 1


def test_systemd_hears_when_the_bot_is_ready_well_and_stopping(discord: Discord, tmp_path: Path) -> None:
    said: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        variables = {"ENGINE_URL": "unix:/nowhere/engine.sock", "NOTIFY_SOCKET": str(tmp_path / "notify")}
        with running(discord, tmp_path / "home", **variables) as bot:
            while said[-1:] != [b"WATCHDOG=1"]:
                said.append(systemd.recv(100))
            bot.process.send_signal(signal.SIGSTOP)
            systemd.settimeout(3)
            with pytest.raises(TimeoutError):
                while True:
                    assert systemd.recv(100) == b"WATCHDOG=1", "what was sent before the stop"
            bot.process.send_signal(signal.SIGCONT)
            assert systemd.recv(100) == b"WATCHDOG=1", "it runs again"
            bot.stop(signal.SIGTERM)
            while said[-1] != b"STOPPING=1":
                said.append(systemd.recv(100))
    assert said[0] == b"READY=1"


@pytest.mark.parametrize(("status", "code"), [("200 OK", 0), ("500 Internal Server Error", 1), ("", 1)])
def test_the_engine_is_well_when_it_answers(status: str, code: int, tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                assert connection.recv(4096).startswith(b"GET /healthz ")
                connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode() if status else b"")

        Thread(target=answer, daemon=True).start()
        assert engine_health(path) == code
    assert engine_health(path) == engine_health(tmp_path / "none") == 1


def engine_health(path: Path) -> int:
    return subprocess.run([sys.executable, "-m", "engine.health", str(path)], cwd=ROOT).returncode
