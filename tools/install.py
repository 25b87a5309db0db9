"""Runs pip and shows what is fetched and unpacked, how large and how far.

    python3 -m tools.install python3 -m pip --python .venv/bin/python install --constraint constraints.txt ...

Standard library alone, and any pip since 22.3: how far a file is, is read from its size in pip's temporary directory.
Invariant: while pip works, something is said at least every TOLD_EVERY_S seconds.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tools.torch_index import GIVEN_S, Index, choose_index, out_of_reach, shown
from tools.unpacking import Unpacking, places_of

TOLD_EVERY_S, SHOWN_EVERY_S = 5.0, 0.25
"""Between two lines where the output is a file; between two states of the one line on a terminal."""
LARGE_BYTES = 20_000_000
"""A file over this is told by itself, also where the output is no terminal."""
FETCHED_GB = {"cpu": 0.5, "cuda": 3.5, "given": 0.0}
"""About how much all packages of the bot and the engine are together, with that build of torch, on an empty disk."""
TAIL = 25
"""So many of pip's last lines are shown where it fails."""

FETCHING = re.compile(r"Downloading (\S+) \((.+)\)")
LOCAL = re.compile(r"Processing (/.+\.whl)")
COLLECTING = re.compile(r"(?:Collecting|Requirement already satisfied:) ([\w.\[\]-]+)")
INSTALLING = re.compile(r"Installing collected packages: (.+)")


@dataclass
class State:
    """How far pip is; read by the thread that shows it. `folder` is where pip keeps a file while it fetches it.

    `total_gb` is about how much comes in all where torch does, which is most of it; pip tells that late.
    """

    total_gb: float
    folder: Path
    command: Sequence[str] = ()
    what: str = "asking which packages are needed"
    size: float = 0.0
    fetched: float = 0.0
    files: int = 0
    has_torch: bool = False
    local: list[Path] = field(default_factory=list)
    unpacking: Unpacking | None = None
    since: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.monotonic)

    def take(self, line: str) -> str | None:
        """Take a line of pip's; return what is worth a line of its own."""
        line = line.strip()
        if found := LOCAL.match(line):
            self.local.append(Path(found[1]))
        if (found := FETCHING.match(line)) and not found[1].endswith(".metadata"):
            self._end_file()
            name = found[1].rpartition("/")[2]
            self._turn(f"fetching {name.partition('-')[0]}")
            self.size, self.files = _bytes_of(found[2]), self.files + 1
            self.has_torch |= name.startswith("torch-")
            return f"{name} ({found[2]})" if self.size >= LARGE_BYTES else None
        if found := INSTALLING.match(line):
            self._end_file()
            names = found[1].split(",")
            self._turn(f"unpacking {len(names)} packages")
            wheels = [*self.folder.glob("pip-unpack-*/*.whl"), *self.local]
            self.unpacking = Unpacking(names, wheels, places_of(self.command, self.folder))
        elif found := COLLECTING.match(line):
            self._end_file()
            self._turn(f"looking for {found[1]}")
        elif "editable" in line or line.startswith(("Building", "Obtaining", "Preparing metadata")):
            self._end_file()
            self._turn("preparing Limner itself")
        return None

    def _turn(self, what: str) -> None:
        if what != self.what:
            self.what, self.since = what, time.monotonic()

    def _end_file(self) -> None:
        self.fetched += self.size
        self.size = 0.0

    def _done(self) -> int:
        """Return how much of the file that is being fetched is here."""
        sizes = [0]
        with suppress(OSError):  # pip removes files and folders meanwhile
            sizes += [path.stat().st_size for path in self.folder.glob("pip-unpack-*/*")]
        return max(sizes)

    def line(self, now: float) -> str:
        """Return where it stands, in one line."""
        if self.unpacking:
            return self._line_of(self.unpacking, now)
        parts, done = [self.what], 0.0
        if self.size:
            done = min(self.size, self._done())
            rate = done / max(0.5, now - self.since) / 1e6
            parts.append(f"{_bar(done / self.size)} {_amount(done)} of {_amount(self.size)}, {rate:.1f} MB/s")
        sofar = self.fetched + done
        about = f" of about {self.total_gb:.1f} GB" if self.total_gb and self.has_torch else ""
        if sofar:
            parts.append(f"{_amount(sofar)}{about} fetched")
        parts.append(_clock(now - self.began))
        return " · ".join(parts)

    def _line_of(self, unpacking: Unpacking, now: float) -> str:
        what, done = unpacking.look()
        share = f" · {_bar(done / unpacking.total)} {_amount(done)} of {_amount(unpacking.total)}" if done else ""
        return f"{what}{share} · {_clock(now - self.began)}"


class Shown:
    """Shows the state: one line that changes on a terminal, else a line every TOLD_EVERY_S seconds."""

    def __init__(self, state: State, out: TextIO) -> None:
        self._state, self._out, self._live = state, out, out.isatty()
        self._lock, self._end = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Shown:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self._clear()

    def say(self, line: str) -> None:
        """Write a line that stays."""
        with self._lock:
            self._clear()
            print(f"  {line}", file=self._out, flush=True)

    def _run(self) -> None:
        while not self._end.wait(SHOWN_EVERY_S if self._live else TOLD_EVERY_S):
            line = self._state.line(time.monotonic())
            with self._lock:
                if self._live:
                    width = shutil.get_terminal_size().columns - 3
                    print(f"\r\033[K  {line[:width]}", end="", file=self._out, flush=True)
                else:
                    print(f"  {line}", file=self._out, flush=True)

    def _clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", file=self._out, flush=True)


def install(command: Sequence[str], index: Index, out: TextIO) -> int:
    """Run the pip command with this index; return its exit code. Of a failure, pip's last lines are shown."""
    more = ["--extra-index-url", index.url] if index.url else []
    with tempfile.TemporaryDirectory(prefix="limner-install-", ignore_cleanup_errors=True) as folder:
        state = State(FETCHED_GB[index.kind], Path(folder), command)
        return _run([*command, "--progress-bar", "off", *more], state, out)


def _run(command: Sequence[str], state: State, out: TextIO) -> int:
    tail = deque[str](maxlen=TAIL)
    process = subprocess.Popen(  # noqa: S603 - make's own command
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", bufsize=1,
        env={**os.environ, "TMPDIR": str(state.folder), "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        with Shown(state, out) as showing:
            for line in process.stdout or ():
                tail.append(line)
                if told := state.take(line):
                    showing.say(told)
            code = process.wait()
    except KeyboardInterrupt:
        process.wait()
        print("Stopped. Files that came whole are kept: start again, and it goes on with the next.", file=out)
        return 130
    if code:
        print("".join(tail), file=out)
        print("pip did not finish; what it said is above. Start again when that is mended, and it goes on.", file=out)
    elif state.fetched:
        took = _clock(time.monotonic() - state.began)
        print(f"Fetched {_amount(state.fetched)} in {state.files} files; {took}.", file=out)
    return code


def main(command: Sequence[str]) -> int:
    """Choose the index, say which and how much it is, and install."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    if not any("[engine" in part for part in command):
        return install(command, Index("", "given", ""), sys.stdout)
    index = choose_index(os.environ)
    size = FETCHED_GB[index.kind]
    about = f"; at most about {size:.1f} GB to fetch, less whatever of it is on this disk" if size else ""
    print(f"Installing: {index.why}{about}.", flush=True)
    if index.kind == "given" and out_of_reach(index.url, GIVEN_S):
        told = f"Nothing answers at {shown(index.url)}: correct TORCH_INDEX, or leave it out for torch's own index."
        print(told, file=sys.stderr)
        return 1
    return install(command, index, sys.stdout)


def _bytes_of(size: str) -> float:
    """Return what pip writes as `899.8 MB` in bytes; 0 for anything else."""
    number, _, unit = size.partition(" ")
    try:
        return float(number) * {"kB": 1e3, "MB": 1e6, "GB": 1e9}.get(unit, 1.0)
    except ValueError:
        return 0.0


def _amount(count: float) -> str:
    return (
        f"{count / 1e9:.2f} GB"
        if count >= 1e9
        else f"{count / 1e6:.0f} MB"
        if count >= 1e7
        else f"{count / 1e6:.1f} MB"
        if count >= 1e6
        else f"{count / 1e3:.0f} kB"
    )


def _bar(share: float, width: int = 20) -> str:
    full = round(share * width)
    return "█" * full + "░" * (width - full)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
