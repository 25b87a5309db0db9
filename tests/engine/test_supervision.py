"""A model that cannot be loaded: the supervisor knows it after two equal failures, says it once, and sees it mended."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.host import engine_process, load_failures
from bot.host.engine_process import EngineProcess
from bot.host.load_failures import LoadFailures
from engine.api.supervision import MAX_SENTENCE_BYTES, Report, Reporter
from tests.engine.conftest import ROOT


class Child(EngineProcess):
    """Supervises another program in the engine's place."""

    def __init__(self, socket: Path, *program: str) -> None:
        super().__init__(socket)
        self._command = [sys.executable, *program]


@asynccontextmanager
async def running(supervisor: EngineProcess) -> AsyncIterator[None]:
    task = asyncio.create_task(supervisor.run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until_it(supervisor: EngineProcess, cannot_load: bool) -> None:
    async with asyncio.timeout(60):
        while supervisor.cannot_load is not cannot_load:
            await asyncio.sleep(0.02)


def report(data: bytes) -> Report:
    made = Report()
    made.feed(data)
    return made


async def test_an_engine_without_its_model_is_known_told_once_and_resumes_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (("PYTHONPATH", str(ROOT)), ("LIMNER_HOME", "home"), ("LIMNER_MODEL", str(tmp_path / "model"))):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(engine_process, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(load_failures, "FIRST_RETRY_S", 0.01)
    (tmp_path / "model").mkdir()
    path = tmp_path / "engine.sock"
    arguments = ("--socket", str(path), "--until-stdin-closes", "--heartbeat", "--quiet")
    supervisor = Child(path, "-m", "tests.engine.broken_process", *arguments)
    with capture_logs() as lines:
        async with running(supervisor):
            await until_it(supervisor, True)
            (tmp_path / "model/model_index.json").write_text("{}")
            await until_it(supervisor, False)
    (line,) = [line for line in lines if line["event"] == "engine.cannot_load"]
    assert str(line["why"]).endswith("holds no model_index.json, so it is no such model.")
    assert line["remedy"] == "limner doctor"
    assert [line["event"] for line in lines][-1] == "engine.loads_again"


async def test_other_settings_end_a_long_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_process, "FIRST_PAUSE_S", 0.01)
    there = tmp_path / "there"
    program = (
        "import os, sys\n"
        "there = os.path.exists(sys.argv[1])\n"
        "os.write(1, b'.+' if there else b'.!It is not there.\\n')\n"
        "there and sys.stdin.read()\n"
        "sys.exit(1)"
    )
    supervisor = Child(tmp_path / "engine.sock", "-c", program, str(there))
    async with running(supervisor):
        await until_it(supervisor, True)
        there.touch()
        before = supervisor.pid
        supervisor.replace()
        await until_it(supervisor, False)
        async with asyncio.timeout(20):
            while before == supervisor.pid:
                await asyncio.sleep(0.02)


def test_two_equal_failures_in_a_row_are_needed() -> None:
    failures, first, other = LoadFailures(), report(b"..!One.\n"), report(b"!Another.\n")

    def end(run: Report) -> tuple[bool, str | None]:
        return failures.ended(run, 1), failures.why

    assert [end(each) for each in (first, other, first)] == [(False, None)] * 3
    assert end(first) == (True, "One.")
    assert end(other) == (False, "One."), "it stays so until something was loaded"
    failures.loaded()
    assert end(other) == (False, None)


def test_memory_that_runs_out_while_loading_ends_the_process_without_a_word() -> None:
    failures = LoadFailures()
    assert not failures.ended(report(b"...+.."), -9), "it had loaded"
    assert not failures.ended(report(b"..."), 1), "it ended for another reason"
    assert [failures.ended(report(b"..."), -9) for _ in range(2)] == [False, True]
    assert "SIGKILL" in str(failures.why)


def test_attempts_come_ever_more_seldom() -> None:
    failures = LoadFailures()
    pauses = [failures.pause_s() for _ in range(8)]
    assert pauses == sorted(pauses)
    assert pauses[0] == load_failures.FIRST_RETRY_S
    assert pauses[-1] == load_failures.LONGEST_RETRY_S
    failures.forget()
    assert failures.pause_s() == load_failures.FIRST_RETRY_S


def test_what_is_reported_arrives_in_whatever_pieces() -> None:
    read = Report()
    for byte in b"..!No. 1+1\nis..":
        read.feed(bytes([byte]))
    assert (read.loaded, read.failure) == (False, "No. 1+1")


def test_a_sentence_is_one_bounded_line() -> None:
    out, into = os.pipe()
    Reporter(into).failed("a\nb " + "c" * 5_000)
    os.close(into)
    read = report(os.read(out, 1 << 16))
    os.close(out)
    assert read.failure.startswith("a b c")
    assert len(read.failure) <= MAX_SENTENCE_BYTES
