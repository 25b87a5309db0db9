"""`limner rekey`: what was sealed opens with the new key alone, whenever the run before was stopped."""

from __future__ import annotations

import asyncio
import base64
import errno
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values

from bot import settings as configuration
from bot.cli import rekey
from bot.cli.terminal_prompts import Asker
from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.quota import Limit
from bot.host.env_file_editor import write_private
from bot.host.home import DATABASE
from bot.operator_errors import CannotRekey
from bot.storage.database import Database
from bot.storage.jobs import Jobs
from bot.storage.ledger import Ledger
from bot.storage.sealed_file import TABLES, KeyWrong, check_seal
from bot.storage.sealing import Seal
from harness.processes import environment

OLD = base64.b64encode(secrets.token_bytes(32)).decode()
WORDS = "a red boat by the sea"
LEFT_OVER = b"sealed-with-the-old-key"


async def fill(home: Path, key: str) -> None:
    database = await Database.open(home / DATABASE, Seal(base64.b64decode(key)))
    await check_seal(database)
    job = Job("f" * 32, Order(WORDS, "square", 1), Place(1, 2, 3, "en-US"), 7, JobState.QUEUED, 1_000_000.0)
    assert isinstance(await Ledger(database).reserve(job, Host((Limit(9, "week"),), 9), [b"a picture"]), Account)
    await database.close()


async def words(home: Path, key: str) -> str:
    """Return what is in the database. Raises KeyWrong."""
    database = await Database.open(home / DATABASE, Seal(base64.b64decode(key)))
    try:
        await check_seal(database)
        job = await Jobs(database).get("f" * 32)
        assert job
        assert await Jobs(database).start_images(job.id) == (b"a picture",)
        return job.order.words
    finally:
        await database.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a sealed database; the key is in .env, beside another setting."""
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    (tmp_path / ".env").write_text(f"# mine\nLIMNER_HOME={path}\nLIMNER_DATA_KEY={OLD}\nLIMNER_LIMIT=5/hour\n")
    monkeypatch.chdir(tmp_path)
    asyncio.run(fill(path, OLD))
    return path


def key_in_env(home: Path) -> str:
    return dotenv_values(home.parent / ".env")["LIMNER_DATA_KEY"] or ""


def run(home: Path, answer: str, **changes: str) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in environment(home, **changes).items() if changes or name != rekey.NAME}
    command = [sys.executable, "-m", "bot.cli.main", "rekey"]
    return subprocess.run(
        command, env=settings, cwd=home.parent, input=answer, capture_output=True, text=True, timeout=120, check=False
    )


def is_sealed_anew(home: Path) -> None:
    new = key_in_env(home)
    assert new != OLD
    assert asyncio.run(words(home, new)) == WORDS
    with pytest.raises(KeyWrong):
        asyncio.run(words(home, OLD))
    assert {path.name for path in home.iterdir()} <= {DATABASE, "limner.lock", f"{DATABASE}-wal", f"{DATABASE}-shm"}
    assert (home.parent / ".env").read_text().splitlines()[0] == "# mine"
    assert (home.parent / ".env").stat().st_mode & 0o077 == 0


def test_the_database_opens_with_the_new_key_alone(home: Path) -> None:
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        (before,) = connection.execute("SELECT words FROM jobs").fetchone()
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE gone AS SELECT CAST(? AS BLOB) AS rest", (LEFT_OVER * 2_000,))
        connection.execute("DROP TABLE gone")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert LEFT_OVER in (home / DATABASE).read_bytes()
    done = run(home, "y\n")
    assert done.returncode == 0, done.stderr
    new = key_in_env(home)
    assert OLD not in done.stdout + done.stderr
    assert new not in done.stdout + done.stderr
    is_sealed_anew(home)
    rest = b"".join(path.read_bytes() for path in home.iterdir())
    assert before.encode() not in rest
    assert LEFT_OVER not in rest, "nor anything in unused places of the file"


def test_a_no_changes_nothing(home: Path) -> None:
    done = run(home, "n\n")
    assert (done.returncode, done.stdout.splitlines()[-1].rpartition("> ")[2]) == (0, "Nothing was changed.")
    assert key_in_env(home) == OLD
    assert asyncio.run(words(home, OLD)) == WORDS


def test_a_key_of_the_environment_is_left_alone(home: Path) -> None:
    done = run(home, "y\n", LIMNER_DATA_KEY=OLD)
    assert done.returncode == 1
    assert "environment" in done.stderr
    assert asyncio.run(words(home, OLD)) == WORDS


@pytest.fixture
def key_file(home: Path) -> Path:
    """The key in a file of its own, which .env names."""
    file = home.parent / "key"
    file.write_text(f"{OLD}\n")
    (home.parent / ".env").write_text(f"LIMNER_HOME={home}\nLIMNER_DATA_KEY_FILE={file}\n")
    return file


def test_a_key_in_a_file_is_replaced_there(home: Path, key_file: Path) -> None:
    env = (home.parent / ".env").read_text()
    done = run(home, "y\n")
    assert done.returncode == 0, done.stderr
    assert str(key_file) in done.stdout
    new = key_file.read_text().strip()
    assert asyncio.run(words(home, new)) == WORDS
    with pytest.raises(KeyWrong):
        asyncio.run(words(home, OLD))
    assert key_file.stat().st_mode & 0o077 == 0
    assert (home.parent / ".env").read_text() == env
    assert new not in done.stdout + done.stderr
    assert not (home / rekey.PENDING).exists()


def test_where_the_key_s_file_cannot_be_replaced_nothing_is_sealed(
    home: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mounted(path: Path, text: str) -> None:
        if path == key_file:
            raise OSError(errno.EBUSY, "Device or resource busy")
        write_private(path, text)

    asker = Asker("en")
    monkeypatch.setattr(asker, "agree", lambda *_, **__: True)
    monkeypatch.setattr(rekey, "write_private", mounted)
    with pytest.raises(CannotRekey, match="rekey-unwritable"):
        rekey._rekey(configuration.load(), asker)
    assert asyncio.run(words(home, OLD)) == WORDS
    assert not (home / rekey.PENDING).exists()


def test_a_database_that_is_not_sealed_has_no_key_to_change(home: Path) -> None:
    (home / DATABASE).unlink()
    done = run(home, "y\n")
    assert done.returncode == 1
    assert "is not sealed" in done.stderr


def test_a_database_behind_a_link_is_sealed_where_it_is(home: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir(mode=0o700)
    (home / DATABASE).rename(disk / DATABASE)
    (home / DATABASE).symlink_to(disk / DATABASE)
    assert run(home, "y\n").returncode == 0
    assert (home / DATABASE).is_symlink()
    assert [path.name for path in disk.iterdir()] == [DATABASE], "nothing that the old key opens is left there"
    with pytest.raises(KeyWrong):
        asyncio.run(words(home, OLD))
    assert asyncio.run(words(home, key_in_env(home))) == WORDS


def test_every_sealed_table_is_sealed_anew(home: Path) -> None:
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in tables}
    assert {name for name in tables if "sealed" in columns[name]} == {table.table for table in TABLES}


class Stopped(Exception):
    """As if the process were killed there."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["copy_database", "reseal", "check_database", "drop_beside", "_finish"])
def test_a_run_that_was_stopped_is_finished_by_the_next(
    home: Path, step: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Any = getattr(rekey, step)
    calls = 0

    def stopped(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if step == "drop_beside" and calls < 2:  # the first one clears what an earlier run left
            return real(*arguments)
        if when == "after":
            real(*arguments)
        raise Stopped

    settings = configuration.load()
    asker = Asker("en")
    monkeypatch.setattr(asker, "agree", lambda *_, **__: True)
    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr(rekey, step, stopped)
        rekey._rekey(settings, asker)
    opened = [key for key in (key_in_env(home), *_pending(home)) if _opens(home, key)]
    assert len(opened) == 1, "a key on the disk opens it at every moment"
    rekey._rekey(configuration.load(), asker)
    is_sealed_anew(home)


def _pending(home: Path) -> list[str]:
    file = home / rekey.PENDING
    return [file.read_text()] if file.exists() else []


def _opens(home: Path, key: str) -> bool:
    try:
        return asyncio.run(words(home, key)) == WORDS
    except KeyWrong:
        return False
