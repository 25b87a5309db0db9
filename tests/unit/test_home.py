"""LIMNER_HOME is its owner's alone, and its secret stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.host.home import DATABASE, KEY_FILE, RESEALED, RESTORING, installation_secret, locked_home
from bot.operator_errors import CannotStart


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_home_is_its_owners_alone(tmp_path: Path) -> None:
    with locked_home(tmp_path / "new") as home:
        first = installation_secret(home)
        assert len(first) == 32
        assert installation_secret(home) == first
        assert mode(home) == 0o700
        assert {mode(file) for file in home.iterdir()} == {0o600}


def test_what_was_open_to_others_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    home.chmod(0o755)
    names = (DATABASE, DATABASE + "-wal", KEY_FILE)
    for name in names:
        (home / name).write_text("x")
        (home / name).chmod(0o644)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("x")
    elsewhere.chmod(0o644)
    (home / "limner.link").symlink_to(elsewhere)
    with locked_home(home):
        assert mode(home) == 0o700
        assert {mode(home / name) for name in names} == {0o600}
    assert mode(elsewhere) == 0o644, "what a link leads to is not ours"


@pytest.mark.parametrize("content", ["", "00ff", "no hex", "00" * 31])
def test_a_damaged_secret_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / KEY_FILE).write_text(content)
    with pytest.raises(CannotStart) as told:
        installation_secret(tmp_path)
    assert told.value.key == "start-secret"


def test_what_a_command_that_died_has_left_is_dropped(tmp_path: Path) -> None:
    left = [tmp_path / name for name in (RESTORING, RESEALED, f"{RESEALED}-journal")]
    for file in left:
        file.write_text("words that were erased since")
    (tmp_path / DATABASE).write_text("")
    with locked_home(tmp_path):
        assert not any(file.exists() for file in left)
        assert (tmp_path / DATABASE).exists()
        left[0].write_text("another restore is at work")
        with pytest.raises(CannotStart), locked_home(tmp_path):
            pass
        assert left[0].exists()
