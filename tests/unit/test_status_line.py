"""What a command is at is told again while it lasts, also where there is no terminal."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from bot.cli import status_line
from bot.cli.status_line import StatusLine


@pytest.fixture(autouse=True)
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_line, "TOLD_EVERY_S", 0.05)
    monkeypatch.setattr(status_line, "SHOWN_EVERY_S", 0.01)


@pytest.mark.parametrize("live", [False, True])
async def test_a_state_that_lasts_is_told_again_with_its_seconds(
    live: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: live)
    line = StatusLine("en-US")
    line.show("cli-loading-model", model="owner/painter")
    assert bool(capsys.readouterr().err) is live
    async with line.ticking():
        await asyncio.sleep(0.3)
        told = capsys.readouterr().err
        assert told.count("Loading owner/painter … 0 s") >= (10 if live else 3)
        assert ("\r" in told) is live
        line.say("cli-saved", file="a.png")
        capsys.readouterr()
        await asyncio.sleep(0.15)
        assert capsys.readouterr().err == "", "a state that has ended is told no more"


async def test_its_seconds_count_from_the_first_of_such_states(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(status_line, "time", SimpleNamespace(monotonic=lambda: now[0]))
    line = StatusLine("zh-CN")
    line.show("cli-loading")
    now[0] += 16
    line.show("cli-loading-model", model="owner/painter")
    async with line.ticking():
        await asyncio.sleep(0.05)
    assert capsys.readouterr().err.splitlines()[0] == "正在载入 owner/painter…… 16 秒"


async def test_a_state_that_is_shown_again_keeps_its_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    line = StatusLine("en-US")
    for _ in range(3):
        line.show("cli-loading")
    assert capsys.readouterr().err.count("Loading") == 1
