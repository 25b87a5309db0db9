"""`limner backup FILE` and `limner restore FILE`: the database as one checked file, and back again.

Invariant: FILE appears whole or not at all; a database stays as it is, or is kept beside the one that takes its place,
which was checked.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot import settings as configuration
from bot.cli.complaints import USAGE, complain_of, complain_of_settings
from bot.cli.terminal_prompts import Asker
from bot.cli.version import version
from bot.host.durable_files import WAL, drop_beside, flush
from bot.host.home import DATABASE, RESTORING, locked_home
from bot.operator_errors import CannotBackUp, CannotStart, WrongUsage
from bot.settings import Settings
from bot.storage.backup_file import FORMAT, Manifest, NewerBackup, NotABackup, digest, read_archive, write_archive
from bot.storage.snapshot import Damaged, check_database, check_schema, copy_database, newest_version, proof_of
from bot.ui.i18n import text
from engine.api.env_settings import SettingsInvalid
from engine.api.log import configure_log

BEFORE = f"{DATABASE}.before-restore-%Y%m%dT%H%M%SZ"


def backup(file: Path) -> int:
    """Write a backup of LIMNER_HOME's database to `file`. Returns the exit code."""
    return _run(_backup, file)


def restore(file: Path, *, yes: bool) -> int:
    """Put a backup in the database's place; without `yes` it asks before it replaces one. Returns the exit code."""
    return _run(partial(_restore, yes=yes), file)


def _run(work: Callable[[Settings, Path], list[str]], file: Path) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a stopped service leaves no half file behind
    try:
        settings = configuration.load()
        configure_log(settings.log, "bot", quiet=True)
        lines = work(settings, file)
    except SettingsInvalid as error:
        return complain_of_settings(error)
    except (CannotBackUp, CannotStart) as error:
        return complain_of(error, settings.locale)
    except WrongUsage as error:
        return complain_of(error, settings.locale, USAGE)
    except KeyboardInterrupt:
        return 130
    print("\n".join(lines))
    return 0


def _backup(settings: Settings, file: Path) -> list[str]:
    database = settings.home / DATABASE
    if not database.exists():
        raise CannotBackUp("backup-nothing", home=str(settings.home))
    if not file.parent.is_dir():
        raise CannotBackUp("backup-nowhere", directory=str(file.parent))
    if os.path.lexists(file):
        raise CannotBackUp("backup-exists", file=str(file))
    with _sentences(file, database), tempfile.TemporaryDirectory(prefix=".limner-", dir=file.parent) as workshop:
        copy, archive = Path(workshop, "database"), Path(workshop, "archive")
        copy_database(database, copy)
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        schema, sealed = check_database(copy), proof_of(copy) is not None
        manifest = Manifest(FORMAT, version(), made_at, schema, sealed, copy.stat().st_size, digest(copy))
        write_archive(archive, manifest, copy)
        archive.chmod(0o600)
        flush(archive)
        _place(archive, file)
    size = round(file.stat().st_size / 1e6, 1)
    lines = [text(settings.locale, "backup-done", file=str(file), version=schema, size=str(size))]
    lines += [text(settings.locale, "backup-left-out")]
    return lines + [text(settings.locale, "backup-sealed")] * sealed


def _restore(settings: Settings, file: Path, *, yes: bool) -> list[str]:
    with locked_home(settings.home) as home:
        new, database = home / RESTORING, home / DATABASE
        try:
            with _sentences(file, database):
                manifest = read_archive(file, new)
                new.chmod(0o600)
                schema = _checked(new, manifest)
                flush(new)
                there = database.exists()
                if there and not yes:
                    _ask(settings.locale, database, manifest)
                aside = _keep(database) if there else None
                drop_beside(database)  # what SQLite would mix into the next one
                new.replace(database)
                flush(home)
        finally:
            new.unlink(missing_ok=True)
            drop_beside(new)  # of a database that came in WAL mode
    lines = [text(settings.locale, "restore-done", file=str(file), version=schema, when=manifest.made_at)]
    if aside:
        lines.append(text(settings.locale, "restore-kept", file=str(aside)))
    return lines + [text(settings.locale, "restore-sealed")] * manifest.sealed


def _ask(locale: str, database: Path, manifest: Manifest) -> None:
    """Ask on the terminal. Raises CannotBackUp after a no, WrongUsage where there is no terminal."""
    if not sys.stdin.isatty():
        raise WrongUsage("restore-unasked", database=str(database))
    agreed = False
    with suppress(CannotStart):  # the end of input is a no
        agreed = Asker(locale).agree("restore-ask", database=str(database), when=manifest.made_at)
    if not agreed:
        raise CannotBackUp("restore-unchanged")


def _checked(new: Path, manifest: Manifest) -> int:
    """Return the version of a database out of a backup. Raises NotABackup or NewerBackup."""
    try:
        schema = check_database(new)
        if schema <= newest_version():
            check_schema(new, schema)
    except (Damaged, sqlite3.Error) as error:
        raise NotABackup(str(error)) from error
    if schema > newest_version():
        raise NewerBackup(manifest.limner)
    return schema


@contextmanager
def _sentences(file: Path, database: Path) -> Iterator[None]:
    """Turn whatever goes wrong with the two files into one sentence."""
    try:
        yield
    except NewerBackup as error:
        raise CannotBackUp("restore-newer", file=str(file), limner=error.limner, own=version()) from error
    except NotABackup as error:
        raise CannotBackUp("restore-damaged", file=str(file), why=str(error)) from error
    except Damaged as error:
        raise CannotBackUp("backup-damaged", database=str(database), why=str(error)) from error
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise CannotBackUp("backup-failed", file=str(file), why=why or str(error)) from error


def _place(made: Path, file: Path) -> None:
    """Give a finished file its name, which nothing may have by now."""
    try:
        os.link(made, file)  # unlike a rename, it never replaces what came in between
    except FileExistsError as error:
        raise CannotBackUp("backup-exists", file=str(file)) from error
    except OSError:  # a file system without hard links
        if os.path.lexists(file):
            raise CannotBackUp("backup-exists", file=str(file)) from None
        made.rename(file)
    flush(file.parent)


def _keep(database: Path) -> Path:
    """Give the present database a second name, under which it stays, whole, when the first is another's. Returns it."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    aside = _unused(database.with_name(datetime.now(UTC).strftime(BEFORE)))
    try:
        for suffix in ("", WAL):  # a damaged database does not take its WAL in: then the WAL is kept with it
            if (part := database.with_name(database.name + suffix)).exists():
                kept = aside.with_name(aside.name + suffix)
                try:
                    os.link(part, kept)
                except OSError:  # a file system without hard links
                    shutil.copyfile(part, kept)
                    flush(kept)
                kept.chmod(0o600)
    except OSError:
        aside.unlink(missing_ok=True)
        drop_beside(aside)
        raise
    return aside


def _unused(path: Path) -> Path:
    """Return the path, or with a number where that is taken."""
    names = itertools.chain([path], (path.with_name(f"{path.name}-{number}") for number in itertools.count(2)))
    return next(name for name in names if not os.path.lexists(name))
