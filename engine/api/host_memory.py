"""The host's memory and cores that this process may have: the machine's, or less where a container limits it."""

from __future__ import annotations

import os
from pathlib import Path

MEMINFO = Path("/proc/meminfo")
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""A container's limit, by the second and the first version of control groups."""


def total_bytes() -> int:
    """Return how many bytes this process may have in all."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(machine, _first(LIMITS) or machine)


def available_bytes() -> int:
    """Return how many of them are free now; where the system does not tell, all."""
    total = total_bytes()
    if not MEMINFO.exists():
        return total
    lines = dict(line.split(":", 1) for line in MEMINFO.read_text().splitlines())
    return min(total, int(lines["MemAvailable"].split()[0]) * 1024)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _first(files: tuple[Path, ...]) -> int | None:
    """Return the number in the first of these files that is there and holds one."""
    for file in files:
        try:
            return int(file.read_text())
        except (OSError, ValueError):
            continue
    return None
