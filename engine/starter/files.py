"""Writing files so that a kill at any moment leaves either the old file or the new one, never half of it."""

import os
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a neighbour of the file, then rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{os.getpid()}-{path.name}")
    write(unfinished)
    unfinished.replace(path)
