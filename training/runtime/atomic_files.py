"""Writing files so that a kill at any moment leaves either the old file or the new one, never half of it."""

import shutil
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a neighbour of the file or folder, then rename it into place.

    The neighbour has another suffix, so that no pattern for finished files finds what a kill left of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    if unfinished.is_dir():
        shutil.rmtree(unfinished)
    write(unfinished)
    unfinished.replace(path)
