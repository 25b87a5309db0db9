"""The doctor's port to the machine and the network: programs' output, memory, disk, HTTP.

Invariant: nothing here changes anything, takes longer than a few seconds, or raises but OSError.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Protocol

import aiohttp

from engine.api import host_memory
from engine.api.installation import installed_formats
from engine.api.placement import Format

ANSWER_S = 3.0
CHILD_S = 20.0
"""A third of a second is enough, and on a machine that paints meanwhile several have been seen."""
MAX_ANSWER_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; `date` is its Date header, empty where it sent none."""

    status: int
    body: bytes
    date: str = ""


class Probes(Protocol):
    """The doctor's port."""

    @property
    def python(self) -> tuple[int, int, int]: ...

    def now(self) -> float: ...

    def version_of(self, package: str) -> str | None:
        """Return the installed version of a distribution."""
        ...

    def output(self, *command: str, blank: tuple[str, ...] = ()) -> str | None:
        """Return what a program prints; None where it is not there or fails. `blank` settings are emptied for it."""
        ...

    def has_apple_gpu(self) -> bool: ...

    def memory(self) -> tuple[int, int]:
        """Return how many bytes this process may have in all, and now."""
        ...

    def formats(self) -> frozenset[Format]:
        """Return the formats of weights whose packages are installed."""
        ...

    def free_bytes(self, folder: Path) -> int:
        """Raises OSError."""
        ...

    async def get(self, url: str, headers: Mapping[str, str], socket: Path | None = None) -> Answer:
        """Raises OSError where nothing answers in time."""
        ...


class Machine:
    """Implements Probes with this machine."""

    python = sys.version_info[:3]

    def now(self) -> float:
        return time.time()

    def version_of(self, package: str) -> str | None:
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            return None

    def output(self, *command: str, blank: tuple[str, ...] = ()) -> str | None:
        if shutil.which(command[0]) is None:
            return None
        environment = {**os.environ, **dict.fromkeys(blank, "")}
        try:
            done = subprocess.run(  # noqa: S603 - the commands are our own constants
                command,
                check=False,
                capture_output=True,
                text=True,
                timeout=CHILD_S,
                env=environment,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
            return None
        return done.stdout if done.returncode == 0 else None

    def has_apple_gpu(self) -> bool:
        return platform.system() == "Darwin" and platform.machine() == "arm64"

    def memory(self) -> tuple[int, int]:
        return host_memory.total_bytes(), host_memory.available_bytes()

    def formats(self) -> frozenset[Format]:
        return installed_formats()

    def free_bytes(self, folder: Path) -> int:
        return shutil.disk_usage(folder).free

    async def get(self, url: str, headers: Mapping[str, str], socket: Path | None = None) -> Answer:
        connector = aiohttp.UnixConnector(str(socket)) if socket else None
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector, timeout=aiohttp.ClientTimeout(total=ANSWER_S), headers=headers
                ) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                body = await answer.content.read(MAX_ANSWER_BYTES)
                while not answer.content.at_eof() and len(body) < MAX_ANSWER_BYTES:
                    body += await answer.content.read(MAX_ANSWER_BYTES)
                return Answer(answer.status, body, answer.headers.get("Date", ""))
        except aiohttp.ClientConnectorError as error:
            raise OSError(error.os_error.strerror or "no such host") from error
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise OSError(str(error) or "no answer in time") from error
