"""Checks the database, and that no other user can read it or the settings."""

from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.cli.doctor.finding import Finding, fails, ok, warning
from bot.cli.doctor.inputs import Inputs
from bot.host.home import DATABASE
from bot.storage.sealed_file import PROOF_PLACE
from bot.storage.sealing import Seal, SealBroken
from bot.storage.snapshot import newest_version, open_untouched, proof_of
from bot.storage.start_pictures import sizes

LONGEST_S = 2.5
"""How long a large database may be looked through; limner backup does so to the end."""
STEPS = 10_000
OTHERS = 0o077
SHOWN = 5


def check_database(inputs: Inputs) -> Iterator[Finding]:
    path = inputs.settings.home / DATABASE
    if not path.exists():
        yield ok("doctor-database-none", home=str(inputs.settings.home))
        return
    try:
        with closing(open_untouched(path, timeout_s=1.0)) as connection:
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            integrity = _integrity(connection)
            starts = sizes(connection) if version == newest_version() else None
    except sqlite3.OperationalError as error:
        yield fails("doctor-database-unreadable", path=str(path), why=str(error))
        return
    except sqlite3.DatabaseError as error:
        yield fails("doctor-database-damaged", path=str(path), why=str(error))
        return
    newest = newest_version()
    if integrity is not None and integrity != "ok":
        yield fails("doctor-database-damaged", path=str(path), why=integrity)
    elif version > newest:
        yield fails("doctor-database-newer", found=version, newest=newest)
    elif not _opens(path, inputs.settings.data_key):
        yield fails("doctor-database-sealed", path=str(path))
    elif integrity is None:
        yield warning("doctor-database-large", path=str(path), seconds=str(LONGEST_S))
    elif version < newest:
        yield ok("doctor-database-older", found=version, newest=newest)
    else:
        kept = round((starts.total + starts.old) / 1e6, 1) if starts else 0.0
        megabytes = round(path.stat().st_size / 1e6, 1)
        yield ok("doctor-database", version=version, megabytes=str(megabytes), starts=str(kept))


def _opens(path: Path, key: bytes) -> bool:
    """Tell whether the data key is the one that the database is sealed with, where it is."""
    if (proof := proof_of(path)) is None:
        return True
    try:
        Seal(key).open(proof, PROOF_PLACE)
    except SealBroken:
        return False
    return True


def _integrity(connection: sqlite3.Connection) -> str | None:
    """Return "ok" or what is wrong, None where it took too long."""
    end = time.monotonic() + LONGEST_S
    connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        integrity: str = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if integrity == "ok" and (row := connection.execute("PRAGMA foreign_key_check").fetchone()):
            return f"a row of {row[0]} refers to nothing"
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            return None
        raise
    return integrity


def check_files(inputs: Inputs) -> Iterator[Finding]:
    """Nobody else may read the settings, the home, or a file in it."""
    home = inputs.settings.home
    looked_at = [Path(".env"), home, *(sorted(home.iterdir()) if home.is_dir() else [])]
    open_to_others = []
    for path in looked_at:
        try:
            mode = path.lstat().st_mode
        except OSError:
            continue
        if not stat.S_ISLNK(mode) and mode & OTHERS and not _shielded(path, home):
            open_to_others.append(path)
    for path in open_to_others[:SHOWN]:
        yield warning("doctor-files-open", path=str(path), mode="700" if path.is_dir() else "600")
    if not open_to_others:
        yield ok("doctor-files", home=str(home))


def _shielded(path: Path, home: Path) -> bool:
    """Tell whether a folder in a private home lies behind its door; files there must be private themselves."""
    return path.is_dir() and path != home and not home.stat().st_mode & OTHERS
