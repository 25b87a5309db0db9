"""The first NVIDIA GPU of this machine, as its driver's own program tells it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable

from bot.domain.model_offers import Gpu

QUERY = ("nvidia-smi", "--query-gpu=name,driver_version,memory.total,memory.free", "--format=csv,noheader,nounits")
ANSWER_S = 20.0


def read_gpu(output: Callable[..., str | None]) -> Gpu | None:
    """Return the first GPU; None where there is none. `output` returns what a command prints, None where it fails."""
    try:
        name, driver, total, free = (part.strip() for part in (output(*QUERY) or "").splitlines()[0].rsplit(",", 3))
        return Gpu(name, driver, int(total) << 20, int(free) << 20)
    except (IndexError, ValueError):
        return None


def this_gpu() -> Gpu | None:
    """Ask this machine's driver."""
    return read_gpu(_output)


def _output(*command: str) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - QUERY
            command, check=False, capture_output=True, text=True, timeout=ANSWER_S, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout if done.returncode == 0 else None
