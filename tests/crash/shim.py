"""Builds the shim that strikes at a process's calls on files, and says what was struck."""

from __future__ import annotations

import ctypes
import os
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

SOURCE = Path(__file__).with_suffix(".c")
How = Literal["count", "kill", "torn", "power", "EIO", "ENOSPC", "EMFILE", "FULL"]
"""`torn` writes one half and dies; `power` also loses what no fsync made last; ENOSPC lasts for twenty calls,
FULL until the process ends."""
WAYS: tuple[How, ...] = get_args(How)


@dataclass(frozen=True)
class Strike:
    """What happens to the n-th call, counted from 1, and the file that counts."""

    how: How
    at: int
    counter: Path
    each: bool = False
    """Whether calls count that leave what another leaves, too."""

    def arm(self, home: Path) -> None:
        """Let it happen to this process, into which the shim is preloaded."""
        shim = ctypes.CDLL(None)
        shim.crash_arm.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.c_int, ctypes.c_char_p]
        counter = str(self.counter).encode()
        shim.crash_arm(str(home).encode(), self.at, WAYS.index(self.how), self.each, counter)

    def count(self) -> int:
        """Return how many calls there were."""
        return int.from_bytes(self.counter.read_bytes()[:8], "little")

    def struck(self) -> str:
        """Return which call was struck, with its file; empty where there were not so many."""
        return self.counter.read_bytes()[16:].decode()


def ail(counter: Path, what: Literal["well", "slow", "failing"]) -> None:
    """Let each call of the armed process that changes a file take long, or fail with EIO; or let all be well again."""
    with counter.open("r+b") as file:
        file.seek(8)
        file.write(("well", "slow", "failing").index(what).to_bytes(4, "little"))


def clock_at(file: Path, ahead_s: float) -> None:
    """Let the wall clock be so far ahead of the system's in each process whose CHAOS_CLOCK names this file."""
    with file.open("r+b" if file.exists() else "wb") as opened:  # in place: it is mapped
        opened.write(struct.pack("=d", ahead_s))


def strike(how: How, at: int, counter: Path, *, each: bool = False) -> Strike:
    """Return a strike whose counter is at 0."""
    counter.write_bytes(bytes(16))
    return Strike(how, at, counter, each)


def build(folder: Path) -> Path | None:
    """Compile the shim into the folder; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    library, new = folder / "shim.so", folder / f"shim.{os.getpid()}.so"
    command = [compiler, "-O1", "-Wall", "-shared", "-fPIC", "-o", str(new), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    new.replace(library)  # at once: another run may be preloading it
    return library
