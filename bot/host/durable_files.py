"""Files that are on the disk itself when a function returns, and databases without what SQLite keeps beside them."""

from __future__ import annotations

import os
from pathlib import Path

WAL = "-wal"
BESIDE = (WAL, "-shm")
"""What SQLite keeps beside a database; these must never meet another database."""


def flush(path: Path) -> None:
    """Have the file's content, or a directory's names, on the disk itself."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def drop_beside(database: Path) -> None:
    """Delete what SQLite keeps beside a database that nobody has open."""
    for suffix in BESIDE:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
