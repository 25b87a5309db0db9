"""`limner backup` and `limner restore`, as processes, on databases that are in use, damaged, or from the future."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import os
import pty
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.account import Account, Host
from bot.domain.jobs import Job, JobState, Order, Place
from bot.domain.quota import Limit
from bot.host.home import DATABASE, locked_home
from bot.storage.backup_file import FORMAT, Manifest, digest, write_archive
from bot.storage.database import Database
from bot.storage.ledger import Ledger
from bot.storage.migrate import migrations
from bot.storage.snapshot import check_database, copy_database
from harness.processes import environment
from tests.e2e.test_start import limner, only_sentence

EVERYTHING = Host((Limit(1_000_000, "week"),), 1_000_000)
WRITERS = 4


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose database holds three requests."""
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    asyncio.run(fill(path, 3))
    return path


async def fill(home: Path, count: int) -> None:
    database = await Database.open(home / DATABASE)
    for number in range(count):
        await request(Ledger(database), f"first-{number}")
    await database.close()


async def request(ledger: Ledger, name: str) -> None:
    order = Order("a boat " * 50, "square", 1, None, exact=False)
    job = Job(name, order, Place(1, 2, 3, "en-US"), 7, JobState.QUEUED, 1_000_000.0)
    assert isinstance(await ledger.reserve(job, EVERYTHING), Account)


def jobs(home: Path) -> set[str]:
    """Return the ids of the jobs, each of which must have its reservation: the two are written in one transaction."""
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        found = {row[0] for row in connection.execute("SELECT id FROM jobs")}
        assert found == {row[0] for row in connection.execute("SELECT job_id FROM reservations")}
        return found


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_backup_under_load_then_erase_then_restore(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "limner.tar"
    home.mkdir(mode=0o700)
    await fill(home, 200)
    database = await Database.open(home / DATABASE)
    # What is written stays in the WAL, as it does for a while in any case: a copy of the file alone would miss it.
    await database.on_writer(lambda connection: connection.execute("PRAGMA wal_autocheckpoint = 0"))
    ledger, made = Ledger(database), [f"first-{number}" for number in range(200)]
    going = True

    async def write(writer: int) -> None:
        number = 0
        while going:
            number += 1
            await request(ledger, f"{writer}-{number}")
            made.append(f"{writer}-{number}")

    writers = [asyncio.create_task(write(writer)) for writer in range(WRITERS)]
    await asyncio.sleep(0.3)
    before = set(made)
    result = await asyncio.to_thread(limner, home, "backup", str(file))
    assert result.returncode == 0, result.stderr
    after_backup = len(made)
    await asyncio.sleep(0.1)
    going = False
    await asyncio.gather(*writers)
    await database.close()
    assert len(made) > after_backup > len(before) > 200, "writers ran before, during and after"
    assert jobs(home) == set(made), "nobody's request was lost to the backup"

    shutil.rmtree(home)
    result = await asyncio.to_thread(limner, home, "restore", str(file))
    assert result.returncode == 0, result.stderr
    assert before <= jobs(home) < set(made)
    assert names(home) == {DATABASE, "limner.lock"}
    assert stat.S_IMODE((home / DATABASE).stat().st_mode) == 0o600
    database = await Database.open(home / DATABASE)  # it is one that the bot goes on with
    await request(Ledger(database), "next")
    await database.close()


def test_it_writes_exactly_the_file(home: Path) -> None:
    file = home.parent / "limner.tar"
    result = limner(home, "backup", "limner.tar")
    assert (result.returncode, result.stderr) == (0, "")
    assert names(home.parent) == {"home", "limner.tar"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as archive:
        assert archive.getnames() == ["manifest.json", "limner.sqlite3"]
        manifest = archive.extractfile("manifest.json")
        assert manifest is not None
        assert json.load(manifest)["database_version"] == len(migrations())


def test_no_key_and_no_setting_is_in_it(home: Path) -> None:
    key, secret, token = base64.b64encode(b"data-s3cret".ljust(32)).decode(), "5ec7e7" * 10, "token-s3cret"
    (home / "limner.secret").write_text(secret)
    (home.parent / ".env").write_text(f"LIMNER_DATA_KEY={key}\n")
    file = home.parent / "limner.tar"
    result = limner(home, "backup", str(file), LIMNER_DATA_KEY=key, DISCORD_TOKEN=token)
    assert result.returncode == 0, result.stderr
    for kept_out in (key, "data-s3cret", secret, bytes.fromhex(secret), token):
        assert (kept_out if isinstance(kept_out, bytes) else kept_out.encode()) not in file.read_bytes()
    assert "data key" in result.stdout
    assert "limner.secret" in result.stdout


@pytest.mark.parametrize("taken", ["file", "link"])
def test_it_never_replaces_a_file(home: Path, taken: str) -> None:
    file = home.parent / "limner.tar"
    if taken == "file":
        file.write_text("precious")
    else:
        file.symlink_to("nowhere")
    result = limner(home, "backup", str(file))
    assert result.returncode == 1
    assert "exists already" in only_sentence(result)
    assert file.is_symlink() or file.read_text() == "precious"
    assert names(home.parent) == {"home", "limner.tar"}


def test_nothing_to_back_up_and_nowhere_to_put_it(tmp_path: Path, home: Path) -> None:
    result = limner(tmp_path / "none", "backup", str(tmp_path / "limner.tar"))
    assert result.returncode == 1
    assert "no database in LIMNER_HOME" in only_sentence(result)
    result = limner(home, "backup", str(tmp_path / "nowhere" / "limner.tar"))
    assert result.returncode == 1
    assert "no directory" in only_sentence(result)
    assert names(tmp_path) == {"home"}


def test_a_damaged_database_is_not_backed_up(home: Path) -> None:
    (home / DATABASE).write_bytes(_torn((home / DATABASE).read_bytes()))
    result = limner(home, "backup", str(home.parent / "limner.tar"))
    assert result.returncode == 1
    assert "damaged" in only_sentence(result)
    assert names(home.parent) == {"home"}


def _torn(database: bytes) -> bytes:
    """Return the database with a page of it written over."""
    return database[:8192] + b"\xff" * 4096 + database[12288:]


def _rewritten(file: Path, member: str, change: bytes | None) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(file) as archive:
        for entry in archive.getmembers():
            content = archive.extractfile(entry)
            assert content is not None
            yield entry.name, change if entry.name == member and change is not None else content.read()


def _pack(file: Path, members: list[tuple[str, bytes]]) -> None:
    with tarfile.open(file, "w") as archive:
        for name, body in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))


def _forged(file: Path, **changes: object) -> None:
    """Change the manifest of a backup."""
    members = dict(_rewritten(file, "", None))
    members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), **changes}).encode()
    _pack(file, list(members.items()))


@pytest.mark.parametrize("damage", ["cut", "bit", "missing", "text", "database", "link", "empty"])
def test_a_damaged_backup_is_refused_and_changes_nothing(home: Path, damage: str) -> None:
    file = home.parent / "limner.tar"
    assert limner(home, "backup", str(file)).returncode == 0
    whole = file.read_bytes()
    match damage:
        case "cut":
            file.write_bytes(whole[: len(whole) // 2])
        case "bit":
            at = len(whole) // 2
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        case "missing":
            _pack(file, [member for member in _rewritten(file, "", None) if member[0] == "manifest.json"])
        case "text":
            file.write_text("no backup")
        case "database":
            file.write_bytes((home / DATABASE).read_bytes())
        case "link":
            with tarfile.open(file, "w") as archive:
                entry = tarfile.TarInfo("manifest.json")
                entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(entry)
        case "empty":
            file.write_bytes(b"")
    refused(home, file, "no whole backup")


def test_a_database_that_fails_its_checks_is_refused_though_its_checksum_holds(home: Path) -> None:
    file = home.parent / "limner.tar"
    assert limner(home, "backup", str(file)).returncode == 0
    torn = _torn(dict(_rewritten(file, "", None))["limner.sqlite3"])
    _pack(file, list(_rewritten(file, "limner.sqlite3", torn)))
    _forged(file, sha256=hashlib.sha256(torn).hexdigest())
    refused(home, file, "no whole backup")


FOREIGN = {
    "trigger": ("CREATE TRIGGER empties AFTER INSERT ON jobs BEGIN DELETE FROM blocks; END", "the trigger empties"),
    "table": ("CREATE TABLE more (words TEXT)", "the table more"),
    "column": ("ALTER TABLE members ADD COLUMN words TEXT", "the table members"),
    "hidden column": (
        "ALTER TABLE members ADD COLUMN more TEXT GENERATED ALWAYS AS (style || style)",
        "the table members",
    ),
    "check": (
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = replace(sql, 'CHECK (images >= 0)', '') WHERE name = 'rules'",
        "the table rules",
    ),
    "index": ("DROP INDEX jobs_of_a_user; CREATE INDEX jobs_of_a_user ON jobs (words)", "the index jobs_of_a_user"),
    "view": ("CREATE VIEW everyone AS SELECT * FROM jobs", "the view everyone"),
    "moving pages": ("PRAGMA auto_vacuum = FULL; PRAGMA journal_mode = DELETE; VACUUM", "it moves its pages"),
    "reserved name": (
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql)"
        " VALUES ('trigger', 'sqlite_empties', 'guilds', 0,"
        " 'CREATE TRIGGER sqlite_empties AFTER INSERT ON guilds BEGIN DELETE FROM blocks; END')",
        "the trigger sqlite_empties",
    ),
    "text like a comment": (
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = replace(sql, 'ABORT, ''', 'ABORT, ''--'') WHERE 0 AND (1 OR ''' || char(10))"
        " WHERE name = 'audit_is_not_changed'",
        "the trigger audit_is_not_changed",
    ),
    "case of a text": (
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_master SET sql = replace(sql, '''hold''', '''HOLD''') WHERE name = 'guilds'",
        "the table guilds",
    ),
    "missing": ("DROP TRIGGER audit_is_not_changed", "lacks the trigger audit_is_not_changed"),
}


@pytest.mark.parametrize("change", FOREIGN)
def test_a_database_with_a_foreign_schema_is_refused(home: Path, change: str) -> None:
    """Its version number is right, and it is whole; but it would do what Limner never asked for."""
    file, (sql, why) = home.parent / "limner.tar", FOREIGN[change]
    with closing(sqlite3.connect(home / DATABASE)) as connection, connection:
        connection.executescript(sql)
    assert limner(home, "backup", str(file)).returncode == 0
    refused(home, file, why)


def test_a_database_that_comes_with_a_log_of_its_own_leaves_nothing_beside(home: Path) -> None:
    file, copy = home.parent / "limner.tar", home.parent / "database"
    copy_database(home / DATABASE, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    manifest = Manifest(FORMAT, "0", "2026-01-01", check_database(copy), False, copy.stat().st_size, digest(copy))
    write_archive(file, manifest, copy)
    result = limner(home, "restore", "--yes", str(file))
    assert result.returncode == 0, result.stderr
    assert [path.name for path in home.glob("*.restoring*")] == []


@pytest.mark.parametrize("newer", ["format", "database"])
def test_a_backup_of_a_newer_limner_is_refused(home: Path, newer: str) -> None:
    file = home.parent / "limner.tar"
    if newer == "database":
        with closing(sqlite3.connect(home / DATABASE)) as connection:
            connection.execute("PRAGMA user_version = 999")
    assert limner(home, "backup", str(file)).returncode == 0
    _forged(file, limner="9.9.9", **({"format": 2, "compressed": True} if newer == "format" else {}))
    refused(home, file, "Limner 9.9.9, which is newer")


def refused(home: Path, file: Path, why: str) -> None:
    before = (home / DATABASE).read_bytes()
    result = limner(home, "restore", "--yes", str(file))
    assert result.returncode == 1
    assert why in only_sentence(result)
    assert (home / DATABASE).read_bytes() == before
    assert names(home) <= {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", "limner.lock"}


def test_no_restore_while_the_bot_runs(home: Path) -> None:
    file = home.parent / "limner.tar"
    with locked_home(home):
        assert limner(home, "backup", str(file)).returncode == 0, "a backup needs no lock"
        refused(home, file, "Another limner run uses LIMNER_HOME")


def test_what_a_crash_left_in_the_wal_does_not_reach_the_restored_database(home: Path) -> None:
    file = home.parent / "limner.tar"
    assert limner(home, "backup", str(file)).returncode == 0
    leave_a_wal(home)
    assert (home / f"{DATABASE}-wal").stat().st_size > 0
    result = limner(home, "restore", "--yes", str(file))
    assert result.returncode == 0, result.stderr
    assert jobs(home) == {"first-0", "first-1", "first-2"}
    before = kept(home)
    assert names(home) == {DATABASE, "limner.lock", before.name}
    with closing(sqlite3.connect(before)) as connection:  # what the crash left in the WAL is in it
        assert connection.execute("SELECT DISTINCT words FROM jobs").fetchall() == [("later",)]
        assert connection.execute("SELECT count(*) FROM reservations").fetchone() == (0,)


def test_a_damaged_database_is_replaced_by_a_backup(home: Path) -> None:
    file = home.parent / "limner.tar"
    assert limner(home, "backup", str(file)).returncode == 0
    leave_a_wal(home)  # a good one, which SQLite would mix into whatever database it finds beside it
    (home / DATABASE).write_bytes(b"gone" * 5000)
    wal = (home / f"{DATABASE}-wal").read_bytes()
    result = limner(home, "restore", str(file), "--yes")
    assert result.returncode == 0, result.stderr
    assert jobs(home) == {"first-0", "first-1", "first-2"}
    assert kept(home).read_bytes() == b"gone" * 5000
    assert kept(home).with_name(f"{kept(home).name}-wal").read_bytes() == wal


def kept(home: Path) -> Path:
    """Return the database that a restore kept aside."""
    (found,) = (path for path in home.glob(f"{DATABASE}.before-restore-*") if not path.name.endswith("-wal"))
    return found


def test_the_database_that_was_there_is_kept_aside_and_named(home: Path) -> None:
    file = home.parent / "limner.tar"
    assert limner(home, "backup", str(file)).returncode == 0
    asyncio.run(fill_more(home))
    for count in (1, 2):
        result = limner(home, "restore", "--yes", str(file))
        assert result.returncode == 0, result.stderr
        aside = [path for path in home.iterdir() if "before-restore" in path.name]
        assert len(aside) == count, "an earlier one stays"
        assert any(str(path) in result.stdout for path in aside)
        assert {stat.S_IMODE(path.stat().st_mode) for path in aside} == {0o600}
    assert jobs(home) == {"first-0", "first-1", "first-2"}
    min(aside).replace(home / DATABASE)
    assert jobs(home) == {"first-0", "first-1", "first-2", "later"}


async def fill_more(home: Path) -> None:
    database = await Database.open(home / DATABASE)
    await request(Ledger(database), "later")
    await database.close()


def test_nothing_is_replaced_unasked_without_a_terminal(home: Path) -> None:
    file = home.parent / "limner.tar"
    assert limner(home, "backup", str(file)).returncode == 0
    before = names(home), (home / DATABASE).read_bytes()
    result = limner(home, "restore", str(file))
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "add --yes" in only_sentence(result)
    assert (names(home) - {"limner.lock"}, (home / DATABASE).read_bytes()) == (before[0] - {"limner.lock"}, before[1])


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1), (b"\n", 1), (b"\x04", 1)])
def test_on_a_terminal_it_asks(home: Path, answer: bytes, code: int) -> None:
    file = home.parent / "limner.tar"
    assert limner(home, "backup", str(file)).returncode == 0
    asyncio.run(fill_more(home))
    master, terminal = pty.openpty()
    os.write(master, answer)
    result = subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "restore", str(file)],
        env=environment(home, LANG="C"),
        cwd=home.parent,
        stdin=terminal,
        capture_output=True,
        text=True,
        timeout=120,
    )
    os.close(master)
    os.close(terminal)
    assert "Replace it? [y/N]" in result.stdout
    assert result.returncode == code
    assert ("later" in jobs(home)) == (code == 1)
    assert result.stderr == ("" if code == 0 else "The database was left as it was.\n")
    assert any("before-restore" in name for name in names(home)) == (code == 0)


def leave_a_wal(home: Path) -> None:
    """Write and die, as a killed bot does."""
    script = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute(\"UPDATE jobs SET words = 'later'\")\n"
        "c.execute('DELETE FROM reservations')\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(home / DATABASE)])


def test_the_sealing_is_told_and_stays(home: Path) -> None:
    """The table is there once people's words are sealed; the copy is of the file, so what is sealed in it stays so."""
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS sealing (id INTEGER PRIMARY KEY, proof BLOB, complete INTEGER)")
        connection.execute("INSERT INTO sealing VALUES (1, x'00ff', 1)")
        connection.commit()
    file = home.parent / "limner.tar"
    assert "needs the same data key" in limner(home, "backup", str(file)).stdout
    assert "with the data key that it had then" in limner(home, "restore", str(file), "--yes").stdout


@pytest.mark.parametrize("arguments", [["backup"], ["restore"], ["backup", "a", "b"]])
def test_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    assert limner(tmp_path / "home", *arguments).returncode == 2
