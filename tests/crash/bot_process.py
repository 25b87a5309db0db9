"""The bot as a process that is forked from one that has imported it, armed with a strike before it begins."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.forkserver import ensure_running
from pathlib import Path

from harness.commands import IMPORTED
from tests.crash.shim import Strike

SILENCE = "CRASH_SILENCE_S"
"""A variable of the lab's: after so many seconds without a word of a job it is given up."""
ANSWERS = "answers"
"""A file beside the home whose lines answer what a command asks."""


def prepare(shim: Path) -> None:
    """Start the process that the others are forked from, with the shim in it."""
    os.environ["LD_PRELOAD"] = str(shim)
    _forks()
    ensure_running()
    del os.environ["LD_PRELOAD"]


def start(
    url: str, home: Path, environment: Mapping[str, str], log: Path, strike: Strike | None, *command: str
) -> ForkServerProcess:
    """Start `limner COMMAND` on the Discord at this URL; its output goes to the log."""
    given = (url, str(home), dict(environment), str(log), strike, command)
    process = _forks().Process(target=_become, args=given)
    process.start()
    return process


def _forks() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*IMPORTED, "tests.crash.warm"])
    return context


def _become(
    url: str, home: str, environment: dict[str, str], log: str, strike: Strike | None, command: tuple[str, ...]
) -> None:
    import stamina

    from bot.cli.main import main
    from bot.sandbox.connect import point_discord_at
    from bot.services import job_runner, retry

    # Minutes of patience are a second here.
    retry._until_written = stamina.AsyncRetryingCaller(None, None, wait_initial=0.05, wait_max=0.2)
    if silence := environment.pop(SILENCE, ""):
        job_runner.SILENCE_S, job_runner.FORECASTS = float(silence), 0
    folder = Path(home).parent
    answers = folder / ANSWERS
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    given = os.open(answers if answers.exists() else os.devnull, os.O_RDONLY)
    for number, opened in (0, given), (1, output), (2, output):
        os.dup2(opened, number)
    sys.stdin = os.fdopen(0, closefd=False)  # multiprocessing gave it an empty one
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    point_discord_at(url)
    if strike is not None:
        strike.arm(folder if "rekey" in command else Path(home))  # .env stands beside the home
    sys.exit(main(command))
