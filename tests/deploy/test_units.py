"""The systemd units: valid, hardened, and with commands that do what they say."""

from __future__ import annotations

import asyncio
import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.storage.database import Database
from engine.api.loop_watchdog import LATE_ROUNDS, ROUND_S
from engine.http.connections import MAX_FILES
from harness.processes import ROOT, environment

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60)


@needs_systemd
def test_the_units_are_valid() -> None:
    units = [*SERVICES, *UNITS.glob("*.timer")]
    assert len(units) == 4
    result = analyze("verify", "--man=no", *units)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_the_units_are_hardened(unit: Path) -> None:
    result = analyze("security", "--offline=yes", "--no-pager", "--threshold=29", unit)
    if "not supported" in result.stderr or "unrecognized" in result.stderr:
        pytest.skip("this systemd-analyze cannot look at files")
    exposure = re.search(r"exposure level for .*: ([\d.]+)", result.stdout)
    assert exposure, result.stderr
    assert float(exposure[1]) < 3
    assert result.returncode == 0


def settings(unit: Path) -> dict[str, list[str]]:
    """Return all values of each setting, from every section."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        name, equal, value = line.partition("=")
        if equal and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("name", ["limner", "limner-engine"])
def test_a_stop_waits_for_longer_than_pictures_are_given(name: str) -> None:
    [seconds] = settings(UNITS / f"{name}.service")["TimeoutStopSec"]
    assert int(seconds) >= Settings().grace_s + 30


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_no_unit_runs_as_root_or_holds_a_secret(unit: Path) -> None:
    found = settings(unit)
    assert found["User"] == ["limner"]
    assert not any(name in " ".join(found["Environment"]) for name in ("TOKEN", "KEY"))


def test_bot_and_engine_meet_at_one_socket_and_the_engine_never_sees_the_token() -> None:
    bot, engine = settings(UNITS / "limner.service"), settings(UNITS / "limner-engine.service")
    assert "ENGINE_URL=unix:/run/limner/engine.sock" in " ".join(bot["Environment"])
    assert engine["ExecStart"] == ["/usr/bin/env limner engine --socket /run/limner/engine.sock"]
    assert engine["RuntimeDirectory"] == ["limner"]
    assert bot["EnvironmentFile"] != engine["EnvironmentFile"]


def test_what_the_handbook_makes_of_the_engines_unit_is_an_instance_for_each_gpu(tmp_path: Path) -> None:
    handbook = (ROOT / "deploy" / "README.md").read_text()
    [command] = re.findall(r"^sed -e .+?limner-engine@.service$", handbook, flags=re.DOTALL | re.MULTILINE)
    made = tmp_path / "limner-engine@.service"
    command = command.replace("/opt/limner", str(ROOT)).replace(f"/etc/systemd/system/{made.name}", str(made))
    subprocess.run(["sh", "-c", command], check=True)
    engine, before = settings(made), settings(UNITS / "limner-engine.service")
    assert engine["ExecStart"] == ["/usr/bin/env limner engine --socket /run/limner/engine-%i.sock"]
    assert "CUDA_VISIBLE_DEVICES=%i CUDA_DEVICE_ORDER=PCI_BUS_ID" in engine["Environment"]
    assert engine["RuntimeDirectoryPreserve"] == ["yes"], "one that stops leaves the others their sockets"
    changed = {"ExecStart", "Environment", "RuntimeDirectoryPreserve"}
    assert {name for name in before if engine[name] != before[name]} == changed
    [listed] = re.findall(r"ENGINE_URL=\S+engine-\S+(?=')", handbook)
    assert listed == "ENGINE_URL=unix:/run/limner/engine-0.sock,unix:/run/limner/engine-1.sock"


def test_the_backup_units_commands_back_up_and_clear_away_what_is_old(tmp_path: Path) -> None:
    home, backups, programs = (tmp_path / name for name in ("home", "backups", "bin"))
    for folder in (home, backups, programs):
        folder.mkdir(mode=0o700)
    asyncio.run(_database(home))
    (programs / "limner").write_text(f'#!/bin/sh\nexec {sys.executable} -m bot.cli.main "$@"\n')
    (programs / "limner").chmod(0o755)
    old, other = backups / "limner-20200101T000000Z.tar", backups / "mine.tar"
    for file in (old, other):
        file.write_text("")
        os.utime(file, (0, 0))
    variables = environment(home, PATH=f"{programs}:{os.environ['PATH']}")
    found = settings(UNITS / "limner-backup.service")
    for line in (*found["ExecStart"], *found["ExecStartPost"]):
        program, flag, script = _unquoted(line)
        subprocess.run([program, flag, script], cwd=backups, env=variables, check=True)
    [made, kept] = sorted(path.name for path in backups.iterdir())
    assert re.fullmatch(r"limner-\d{8}T\d{6}Z\.tar", made)
    assert kept == "mine.tar"


def _unquoted(line: str) -> list[str]:
    """Read a command line as systemd does, as far as it is used here: single quotes, %% and $$."""
    found = re.fullmatch(r"(\S+) (-c) '(.*)'", line)
    assert found, line
    script = found[3]
    assert not re.search(r"(?<!%)%(?!%)|(?<!\$)\$(?!\$)", script), "a specifier or variable that systemd would fill in"
    return [found[1], found[2], script.replace("%%", "%").replace("$$", "$")]


async def _database(home: Path) -> None:
    await (await Database.open(home / "limner.sqlite3")).close()


def test_the_timer_runs_the_backup_every_day() -> None:
    timer = configparser.ConfigParser(interpolation=None)
    timer.read(UNITS / "limner-backup.timer")
    assert timer["Timer"]["OnCalendar"] == "daily"
    assert (UNITS / "limner-backup.service").exists()


@pytest.mark.parametrize("name", ["limner", "limner-engine"])
def test_the_services_may_open_many_files(name: str) -> None:
    [files] = settings(UNITS / f"{name}.service")["LimitNOFILE"]
    assert int(files) == MAX_FILES


@pytest.mark.parametrize("name", ["limner", "limner-engine"])
def test_a_service_that_hangs_is_restarted(name: str) -> None:
    found = settings(UNITS / f"{name}.service")
    assert found["Type"] == ["notify"]
    assert int(found["WatchdogSec"][0]) > LATE_ROUNDS * ROUND_S
    assert found["Restart"] == ["on-failure"]  # which a watchdog's end is
    assert "NotifyAccess" not in found, "the main process alone may speak, which env and limner become by exec"
