"""A process that hangs is noticed: by itself, by systemd, and by the bot that runs it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bot.host import engine_process
from bot.host.engine_process import EngineProcess as Supervisor
from engine.api import loop_watchdog
from engine.api.address import Address
from engine.api.client import EngineClient
from engine.api.errors import EngineError
from engine.api.messages import Completed, ImageRequest
from engine.api.sd_notify import sd_notify
from tests.engine.conftest import ROOT, EngineProcess

STUCK_LOOP = """
import asyncio, sys, time
from engine.api import loop_watchdog
loop_watchdog.ROUND_S, loop_watchdog.STUCK_ROUNDS = 0.02, 20

async def main():
    with loop_watchdog.watched_loop():
        await asyncio.sleep(0.1)
        print("well", flush=True)
        time.sleep(float(sys.argv[1]))
        await asyncio.sleep(0.1)
        print("turned", flush=True)

asyncio.run(main())
"""


def run_loop(seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STUCK_LOOP, str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_an_event_loop_that_stands_still_ends_its_process_and_says_where() -> None:
    process = run_loop(60)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == loop_watchdog.EXIT_STUCK
    assert "well" in output
    assert "turned" not in output
    assert "event_loop.stuck" in output, "where an unconfigured log goes"
    assert 'File "<string>", line 10 in main' in errors, "the stack of the thread that stands still"


def test_a_pause_and_a_stop_of_the_whole_process_end_nothing() -> None:
    process = run_loop(0.1)
    assert process.stdout
    assert process.stdout.readline() == "well\n"
    process.send_signal(signal.SIGSTOP)
    time.sleep(1.5)  # more than the stuck rounds take
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=30)[0] == "turned\n"
    assert process.returncode == 0


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket at which systemd listens to a service."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening


def states(listening: socket.socket, until: bytes) -> list[bytes]:
    """Return what a service says up to this state."""
    found = [listening.recv(100)]
    while found[-1] != until:
        found.append(listening.recv(100))
    return found


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_each_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    address = f"@limner-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listening:
        listening.bind(address.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        sd_notify("READY=1")
        assert listening.recv(100) == b"READY=1"
    sd_notify("WATCHDOG=1")  # to nobody, which is no error
    monkeypatch.delenv("NOTIFY_SOCKET")
    sd_notify("READY=1")


def test_an_engine_tells_systemd_that_it_is_ready_well_and_stopping(systemd: socket.socket, tmp_path: Path) -> None:
    engine = EngineProcess(
        tmp_path / "engine",
        ["--socket", "engine.sock"],
        module="tests.engine.fake_process",
        NOTIFY_SOCKET=str(systemd.getsockname()),
    )
    try:
        assert set(states(systemd, b"READY=1")) <= {b"WATCHDOG=1", b"READY=1"}
        assert states(systemd, b"WATCHDOG=1") == [b"WATCHDOG=1"]
        assert engine.stop() == 0
        assert b"STOPPING=1" in states(systemd, b"STOPPING=1")
    finally:
        engine.process.kill()


async def test_a_late_loop_is_not_called_well(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    rounds: list[None] = []
    monkeypatch.setattr(loop_watchdog, "ROUND_S", 0.005)
    monkeypatch.setattr(loop_watchdog, "STUCK_ROUNDS", 10**6)
    monkeypatch.setattr(loop_watchdog, "sd_notify", said.append)
    dog = loop_watchdog.LoopWatchdog(lambda: rounds.append(None))
    dog.watch(asyncio.get_running_loop())
    dog.start()
    while len(said) < 3:
        await asyncio.sleep(0.01)
    before, began = len(said), len(rounds)
    while len(rounds) - began < 5 * loop_watchdog.LATE_ROUNDS:
        time.sleep(0.01)  # noqa: ASYNC251 - the loop is to stand still
    late = len(said)
    assert late - before <= loop_watchdog.LATE_ROUNDS
    while len(said) == late:
        await asyncio.sleep(0.01)  # it turns again
    dog.stop()
    assert set(said) == {"WATCHDOG=1"}


@pytest.fixture
async def supervised(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Supervisor, EngineClient]]:
    """The bot's supervisor with an engine of tiny models, and a client of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("LIMNER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LIMNER_SAFETY", "off")
    monkeypatch.setenv("LIMNER_MODEL", str(models / "painter"))
    monkeypatch.setenv("LIMNER_PLANNER", str(models / "planner"))
    monkeypatch.setattr(engine_process, "SILENCE_S", 5.0)
    socket_path = tmp_path / "engine.sock"
    supervisor = Supervisor(socket_path, quiet=True)
    running = asyncio.create_task(supervisor.run())
    async with EngineClient(Address("http://engine", socket_path), None) as client:
        yield supervisor, client
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def paint(client: EngineClient, seconds: float = 120) -> Completed:
    """Ask until a picture comes."""
    end = time.monotonic() + seconds
    while True:
        try:
            async for event in client.images(ImageRequest("a boat", num_inference_steps=2)):
                if isinstance(event, Completed):
                    return event
        except EngineError:
            assert time.monotonic() < end
        await asyncio.sleep(0.2)


async def test_a_stopped_engine_is_killed_and_replaced_and_the_next_request_painted(
    supervised: tuple[Supervisor, EngineClient],
) -> None:
    supervisor, client = supervised
    assert (await paint(client)).b64_json
    first = supervisor.pid
    assert first
    os.kill(first, signal.SIGSTOP)
    began = time.monotonic()
    while supervisor.pid == first:
        assert time.monotonic() - began < 30, "it was not killed"
        await asyncio.sleep(0.1)
    assert time.monotonic() - began > engine_process.SILENCE_S / 2
    assert (await paint(client)).b64_json
    assert supervisor.pid not in (None, first)
