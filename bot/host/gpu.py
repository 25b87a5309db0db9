"""The NVIDIA GPUs of this machine, as their driver's own program tells of them, and those that get an engine each."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Literal

from bot.domain.model_offers import Gpu
from bot.operator_errors import SettingsRefused

QUERY = ("nvidia-smi", "--query-gpu=name,driver_version,memory.total,memory.free", "--format=csv,noheader,nounits")
ANSWER_S = 20.0
VISIBLE, ORDER = "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"


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
) -> tuple[tuple[str, str], ...]:
    """Return for each engine its GPU's number, and what CUDA_VISIBLE_DEVICES is for it. Raises SettingsRefused.

    Where the environment narrows the GPUs already, only those are there, and numbers count among them, as torch's do.
    They may have names in place of numbers; what stands behind one that is not there is hidden, as CUDA does it.
    """
    listed = [str(number) for number in range(len(read_gpus(output)))]
    visible, there = environment.get(VISIBLE), listed
    if visible is not None:
        named = [part.strip() for part in visible.split(",")] if listed else []
        there = list(takewhile(lambda part: part in listed or (part and not part.lstrip("-").isdigit()), named))
    if not there:
        raise SettingsRefused("start-gpus-none")
    numbers = range(len(there)) if asked == "all" else asked
    for number in numbers:
        if number >= len(there):
            have = ", ".join(map(str, range(len(there))))
            key = "start-gpus-absent" if visible is None else "start-gpus-hidden"
            raise SettingsRefused(key, number=str(number), have=have, visible=visible or "")
    return tuple((str(number), there[number]) for number in numbers)


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
