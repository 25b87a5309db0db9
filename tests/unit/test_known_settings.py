"""Names that are no settings: told once, with the nearest that is one; what another process or a test reads is not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values
from structlog.testing import capture_logs

from bot import settings
from bot.cli.doctor.run_checks import _settings
from bot.cli.sandbox_run import IN_CONTAINER, sandbox_line
from bot.settings import Settings
from bot.ui.i18n import LOCALES
from engine.api.known_settings import KNOWN, NO_SETTINGS, PREFIX, unknown_settings, warn_of_unknown
from engine.settings import read_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = set(dotenv_values(ROOT / ".env.example"))


class Names(Mapping[str, str]):
    """An empty environment that notes what is looked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_table_is_that_of_the_example_and_of_what_both_processes_read() -> None:
    assert {name for name in EXAMPLE if name.startswith(PREFIX)} == KNOWN
    asked = Names()
    settings.read(asked)
    read_settings(asked, on_tcp=False)
    assert {name for name in asked.asked if name.startswith(PREFIX)} <= KNOWN
    assert len(asked.asked) > len(KNOWN) / 2
    assert unknown_settings(EXAMPLE) == {}


def test_what_tests_and_tools_read_is_no_slip() -> None:
    folders = ("tests", "harness", "bench", "tools", "training", "bot", "engine")
    files = [ROOT / "Makefile", *(path for name in folders for path in (ROOT / name).rglob("*.py"))]
    read = re.compile(
        r"environ(?:\.get\(|\[)\s*[\"'](LIMNER_\w+)|^\t(LIMNER_\w+)=|^[A-Z_]+ = [\"'](LIMNER_\w+)[\"']$", re.MULTILINE
    )
    names = {name for path in files for match in read.findall(path.read_text("utf-8")) for name in match if name}
    assert names >= NO_SETTINGS - {"LIMNER_DISCORD_OPENAPI"}
    assert unknown_settings(names) == {}


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("LIMNER_LIMITS", "LIMNER_LIMIT"),
        ("LIMNER_SERVER", "LIMNER_SERVERS"),
        ("limner_model", "LIMNER_MODEL"),
        ("LIMNER_BLOCKED_USER", "LIMNER_BLOCKED_USERS"),
        ("LIMNER_QQQQ", ""),
    ],
)
def test_a_slip_is_told_with_the_nearest_name(name: str, nearest: str) -> None:
    assert unknown_settings([name, "PATH", "LIMNER_HOME", "LIMNER_DATA_KEY_FILE"]) == {name: nearest}
    with capture_logs() as lines:
        warn_of_unknown([name])
    expected = {"event": "settings.unknown", "log_level": "warning", "name": name}
    assert lines == [{**expected, "nearest": nearest} if nearest else expected]


def test_the_doctor_lists_slips_of_the_file_and_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("LIMNER_LIMITS=5/hour\nLIMNER_HOME=here\nLIMNER_EMPTY=\n")
    monkeypatch.setenv("LIMNER_QQQQ", "1")
    findings = [finding for finding in _settings()[1] if finding.verdict == "warning"]
    assert [finding.facts["name"] for finding in findings] == ["LIMNER_LIMITS", "LIMNER_QQQQ"]
    assert "LIMNER_LIMIT " in findings[0].remedy("en")
    assert all(finding.check == "settings" and finding.fact(each) for finding in findings for each in LOCALES)


def test_the_engine_by_itself_says_so_at_its_start(tmp_path: Path) -> None:
    Path(tmp_path / ".env").write_text("LIMNER_LIMITS=5/hour\n")
    command = [sys.executable, "-m", "engine", "--socket", str(tmp_path / "none" / "x.sock")]  # where it cannot listen
    environment = {"PYTHONPATH": str(ROOT), "LIMNER_LOG": "json", "PATH": "/usr/bin"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.count("settings.unknown") == 1
    assert '"nearest":"LIMNER_LIMIT"' in ended.stderr.replace(" ", "")
    heard = subprocess.run([*command, "--heartbeat"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "settings.unknown" not in heard.stderr, "the bot has said so"


def test_the_pages_line_knows_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(IN_CONTAINER, raising=False)
    assert sandbox_line(Settings()) == "start-sandbox"
    assert sandbox_line(Settings(sandbox_host="0.0.0.0")) == "start-sandbox-published"
    monkeypatch.setenv(IN_CONTAINER, "oci")
    assert sandbox_line(Settings()) == "start-sandbox-inside"
