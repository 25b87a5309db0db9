"""The NVIDIA GPUs of this machine, as their driver's own program tells of them, and those that get an engine each."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from typing import Literal

from bot.domain.model_offers import Gpu
from bot.operator_errors import CannotStart

QUERY = ("nvidia-smi", "--query-gpu=name,driver_version,memory.total,memory.free", "--format=csv,noheader,nounits")
ANSWER_S = 20.0
VISIBLE = "CUDA_VISIBLE_DEVICES"


def read_gpus(output: Callable[..., str | None]) -> tuple[Gpu, ...]:
    """Return the GPUs by their numbers. `output` returns what a command prints, None where it fails."""
    try:
        rows = [[part.strip() for part in line.rsplit(",", 3)] for line in (output(*QUERY) or "").splitlines()]
        return tuple(Gpu(name, driver, int(total) << 20, int(free) << 20) for name, driver, total, free in rows)
    except ValueError:
        return ()


def this_gpu() -> Gpu | None:
    """Ask this machine's driver for its first GPU; None where there is none."""
    return next(iter(read_gpus(run_program)), None)


def chosen_gpus(
    asked: tuple[int, ...] | Literal["all"],
    output: Callable[..., str | None],
    environment: Mapping[str, str] = os.environ,
) -> tuple[str, ...]:
    """Return what CUDA_VISIBLE_DEVICES is for each engine. Raises CannotStart where a GPU is not there.

    Where the environment narrows the GPUs already, only those are there; they may have names instead of numbers.
    """
    there = [str(number) for number in range(len(read_gpus(output)))]
    if (visible := environment.get(VISIBLE)) is not None:
        named = [part.strip() for part in visible.split(",") if part.strip()]
        there = [part for part in named if part in there or not part.lstrip("-").isdigit()] if there else []
    if not there:
        raise CannotStart("start-gpus-none")
    if asked == "all":
        return tuple(there)
    for number in map(str, asked):
        if number not in there:
            raise CannotStart("start-gpus-absent", number=number, have=", ".join(there))
    return tuple(map(str, asked))


def run_program(*command: str) -> str | None:
    """Return what a program prints; None where it is not there or fails."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - QUERY
            command, check=False, capture_output=True, text=True, timeout=ANSWER_S, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout if done.returncode == 0 else None
