"""What takes over the picture decoder reaches nothing; what reads /proc finds nothing of the bot's."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bot.workers import jail
from bot.workers.picture_process import PictureProcess
from tests.pictures import encoded, plain

TRIED = subprocess.run([sys.executable, "-P", jail.__file__], capture_output=True, text=True, check=False)
pytestmark = pytest.mark.skipif(TRIED.stdout.strip() != "", reason=f"this kernel has no {TRIED.stdout.strip()}")

EVIL = """
    import ctypes, json, os, socket, subprocess, sys
    from bot.workers import jail, picture_decoder

    home, port = {home!r}, {port}
    libc, parameters = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(256)

    def syscall(*arguments):
        if libc.syscall(*map(ctypes.c_long, arguments)) < 0:
            raise OSError(ctypes.get_errno(), "syscall")

    def connect(family, address):
        with socket.socket(family) as line:
            line.connect(address)

    ACTS = {{
        "read .env": lambda: open(home + "/.env").read(),
        "read the database": lambda: open(home + "/limner.sqlite3", "rb").read(),
        "write the database": lambda: open(home + "/limner.sqlite3", "r+b").close(),
        "empty a file": lambda: os.truncate(home + "/limner.sqlite3", 0),
        "make a file": lambda: open(home + "/new", "w").close(),
        "list the home": lambda: os.listdir(home),
        "read the bot's environment": lambda: open(f"/proc/{{os.getppid()}}/environ", "rb").read(),
        "read the bot's memory": lambda: open(f"/proc/{{os.getppid()}}/mem", "rb").close(),
        "trace the bot": lambda: syscall({ptrace}, 0x4206, os.getppid(), 0, 0),  # which, unlike an attach, stops nobody
        "signal the bot": lambda: os.kill(os.getppid(), 0),
        "limit the bot": lambda: syscall({prlimit}, os.getppid(), 7, 0, 0),
        "connect by TCP": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
        "connect to a socket": lambda: connect(socket.AF_UNIX, home + "/engine.sock"),
        "use io_uring": lambda: syscall(425, 8, ctypes.addressof(parameters)),
        "run a program": lambda: subprocess.run(["/bin/true"], check=True),
        "fork": lambda: os.fork() or os._exit(0),
        "rename": lambda: os.rename(home + "/.env", home + "/env"),
        "link": lambda: os.symlink(home, home + "/link"),
        "make a folder": lambda: os.mkdir(home + "/folder"),
        "open to all": lambda: os.chmod(home, 0o777),
        "unlink the database": lambda: os.unlink(home + "/limner.sqlite3"),
    }}

    def evil(data):
        reached = []
        for name, act in ACTS.items():
            try:
                act()
                reached.append(name)
            except Exception:
                pass
        return json.dumps(reached).encode() + b" "

    if not {jailed}:
        jail.enter = lambda _: []
    warm_up = picture_decoder._warm_up
    picture_decoder._warm_up = lambda: (warm_up(), setattr(picture_decoder, "clean", evil))
    sys.exit(picture_decoder.main(["clean"]))
"""
NUMBERS = {"x86_64": (101, 302), "aarch64": (117, 261)}
WITHOUT = {
    "read .env", "read the database", "write the database", "list the home", "read the bot's environment",
    "signal the bot", "connect by TCP", "connect to a socket", "run a program", "fork", "rename", "link",
    "make a folder", "open to all", "unlink the database",
}  # fmt: skip
"""What works in the same process without the jail, so that each is a real attempt; its limits forbid writing anyway."""


async def reached(tmp_path: Path, *, jailed: bool) -> set[str]:
    """Return what hostile code in the decoder's place could do."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".env").write_text("DISCORD_TOKEN=s3cret")
    (home / "limner.sqlite3").write_bytes(b"SQLite")
    ptrace, prlimit = NUMBERS[os.uname().machine]
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(home / "engine.sock"))
        unix.listen()
        body = textwrap.dedent(EVIL).format(
            home=str(home), port=tcp.getsockname()[1], jailed=jailed, ptrace=ptrace, prlimit=prlimit
        )
        script = tmp_path / "evil.py"
        script.write_text(body)
        answer = await PictureProcess(script=script).clean(encoded(plain()))
    if jailed:
        assert sorted(path.name for path in home.iterdir()) == [".env", "engine.sock", "limner.sqlite3"]
        assert (home / "limner.sqlite3").read_bytes() == b"SQLite"
    return set(json.loads(answer))


async def test_hostile_code_in_the_decoder_reaches_nothing(tmp_path: Path) -> None:
    assert await reached(tmp_path, jailed=True) == set()


async def test_each_attempt_is_a_real_one(tmp_path: Path) -> None:
    assert await reached(tmp_path, jailed=False) >= WITHOUT


UNDUMPABLE = """
    import ctypes, os, sys
    from bot.host.undumpable import forbid_dumps
    from engine.api.metrics_registry import MetricsRegistry

    if os.geteuid() == 0:
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # a change of user forbids dumps as well

    def read_by_a_child():
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if b"s3cret" in open(f"/proc/{os.getppid()}/environ", "rb").read() else 2)
            except PermissionError:
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    before = read_by_a_child()
    forbid_dumps()
    print(before, read_by_a_child())
    print(MetricsRegistry("x_").render().decode())
"""


def test_a_child_reads_no_environment_and_metrics_go_on_without_root() -> None:
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(UNDUMPABLE)],
        env={**os.environ, "DISCORD_TOKEN": "s3cret"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, _, metrics = run.stdout.partition("\n")
    assert first == "0 1", "readable before, and not after"
    assert all(f"process_{what} " in metrics for what in ("resident_memory_bytes", "open_fds", "cpu_seconds_total"))
