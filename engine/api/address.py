"""Where the engine listens: one function decides the socket's path, one reads ENGINE_URL."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

MAX_SOCKET_BYTES = 100
"""sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing NUL included."""


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL and, where the engine listens on a Unix socket, the socket's path."""

    base: str
    socket: Path | None = None


def socket_path(home: Path) -> Path:
    """Return the engine's socket for this home: inside it, or in a short private directory where that path is too long.

    The directory is created with mode 0700. Raises PermissionError where someone else owns it.
    """
    path = home.resolve() / "engine.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    directory = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"limner-{os.getuid()}"
    if len(os.fsencode(directory)) > MAX_SOCKET_BYTES - 25:
        directory = Path("/tmp") / f"limner-{os.getuid()}"  # noqa: S108 - checked below to be ours and private
    directory.mkdir(mode=0o700, exist_ok=True)
    facts = directory.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
        raise PermissionError(f"{directory} must be a directory that you own, with mode 0700")
    return directory / f"{digest}.sock"


def parse_engine_url(url: str) -> Address:
    """Read `unix:/path`, `http://…` or `https://…`, with or without a closing `/v1`. Raises ValueError otherwise."""
    if url.startswith("unix:"):
        path = url.removeprefix("unix:").removeprefix("//")
        if not path.startswith("/"):
            raise ValueError(f"ENGINE_URL: {url} needs an absolute path, such as unix:/run/limner/engine.sock")
        return Address("http://engine", Path(path))
    scheme, separator, rest = url.partition("://")
    if scheme not in ("http", "https") or not separator or not rest.strip("/"):
        raise ValueError(f"ENGINE_URL: {url} is not understood; use unix:/path, http://host:port or https://host")
    return Address(url.rstrip("/").removesuffix("/v1"))
