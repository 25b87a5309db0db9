"""Runs `limner` commands in processes that are forked from one that has imported the bot, so that none imports it anew.

Each has its own environment, folder, output and exit code, as a process that a shell starts has.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path

IMPORTED = ["harness.commands", "bot.cli.main", "bot.cli.doctor", "bot.cli.backup", "bot.cli.run"]
"""What each command would otherwise spend most of its time on."""


def run_command(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, timeout_s: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run `limner ARGUMENTS` in the folder and return what it printed. Raises subprocess.TimeoutExpired."""
    with tempfile.TemporaryDirectory() as printed:
        files = Path(printed, "stdout"), Path(printed, "stderr")
        process = _forks().Process(target=_become, args=(list(arguments), dict(environment), str(folder), *files))
        process.start()
        process.join(timeout_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["limner", *arguments], timeout_s)
        return subprocess.CompletedProcess(
            ["limner", *arguments], process.exitcode, *(file.read_text("utf-8") for file in files)
        )


def _forks() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context


def _become(arguments: list[str], environment: dict[str, str], folder: str, stdout: Path, stderr: Path) -> None:
    from bot.cli.main import main

    for number, file in (0, os.devnull), (1, stdout), (2, stderr):
        opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["limner", *arguments]
    sys.exit(main(arguments))
