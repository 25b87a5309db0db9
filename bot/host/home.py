"""LIMNER_HOME: the one directory that holds everything, and the lock that keeps a second bot out of it.

Invariant: the directory and the files in it are their owner's alone, also where they were made otherwise.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.operator_errors import CannotStart
from engine.api.light_structlog import structlog

log = structlog.get_logger(__name__)

DATABASE = "limner.sqlite3"
LOCK = "limner.lock"
KEY_FILE = "limner.secret"
RESTORING, RESEALED = f"{DATABASE}.restoring", f"{DATABASE}.resealed"
"""Databases that a command is making; whole copies of what members wrote."""
SECRET_BYTES = 32


@contextmanager
def locked_home(home: Path) -> Iterator[Path]:
    """Create the directory, mode 0700, and hold its lock. Raises CannotStart."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotStart("start-home-unwritable", home=str(home), why=error.strerror or "") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise CannotStart("start-home-taken", home=str(home)) from error
    try:
        _close_to_others(home)
        _drop_unfinished(home)
        yield home
    finally:
        os.close(descriptor)


def installation_secret(home: Path) -> bytes:
    """Return the key of pseudonyms and of ids in logs, made at the first start. Raises CannotStart."""
    path = home / KEY_FILE
    try:
        if not path.exists():
            new = path.with_suffix(".new")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(SECRET_BYTES))
                file.flush()
                os.fsync(descriptor)
            new.replace(path)  # whole, or not there
        secret = bytes.fromhex(path.read_text())
    except OSError as error:
        raise CannotStart("start-home-unwritable", home=str(home), why=error.strerror or "") from error
    except ValueError as error:
        raise CannotStart("start-secret", file=str(path)) from error
    if len(secret) != SECRET_BYTES:
        raise CannotStart("start-secret", file=str(path))
    return secret


def _drop_unfinished(home: Path) -> None:
    """Remove what a restore or rekey that died has left: no erasure would ever reach it. Whoever has the lock may."""
    for path in (*home.glob(f"{RESTORING}*"), *home.glob(f"{RESEALED}*")):
        try:
            path.unlink()
            log.info("home.dropped_unfinished", path=str(path))
        except OSError as error:
            log.warning("home.unfinished", path=str(path), detail=str(error))


def _close_to_others(home: Path) -> None:
    """Take away what others may do with the directory and Limner's files in it; links stay as they are."""
    for path in (home, *home.glob("limner.*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode) or not mode & 0o077:
            continue
        try:
            path.chmod(stat.S_IMODE(mode) & 0o700)
            log.warning("home.closed_to_others", path=str(path))
        except OSError as error:
            log.warning("home.open_to_others", path=str(path), detail=str(error))
