"""LIMNER_HOME: the one directory that holds everything, and the lock that keeps a second bot out of it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.told import CannotStart

DATABASE = "limner.sqlite3"
LOCK = "limner.lock"


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
        yield home
    finally:
        os.close(descriptor)
