"""Addresses of servers: the paths of Limner's own sockets, and the parser of ENGINE_URL and PLANNER_URL."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

MAX_SOCKET_BYTES = 100
"""sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing NUL included."""

_VERSION = re.compile(r"/v\d+(?:alpha|beta)?\d*(?=/|$)")


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL and, where the engine listens on a Unix socket, the socket's path.

    `version` is the path of the API's version below the base; empty where the base holds it.
    """

    base: str
    socket: Path | None = None
    version: str = "/v1"

    def url(self, path: str) -> str:
        """Return the URL of a path of the server or, without a leading slash, of the API."""
        return f"{self.base}{path}" if path.startswith("/") else f"{self.base}{self.version}/{path}"

    @property
    def host(self) -> str:
        """The server's name, for people: without port, and no part of a path."""
        return urlsplit(self.base).hostname or self.base

    @property
    def where(self) -> str:
        """The address as people write it: the socket's path, or the base URL."""
        return str(self.socket or self.base)

    @property
    def local(self) -> bool:
        """Tell whether what is sent there stays on this machine: a Unix socket or a loopback address."""
        if self.socket is not None or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def is_server_of(self, other: Address) -> bool:
        """Tell whether both name one server, however they are written."""
        if self.socket or other.socket:
            return None not in (self.socket, other.socket) and _real(self.socket) == _real(other.socket)
        return _place(urlsplit(self.base)) == _place(urlsplit(other.base))


def _real(socket: Path | None) -> Path | None:
    return socket and socket.resolve()


def _place(parts: SplitResult) -> tuple[object, ...]:
    """Return what tells one server from another: host, port and path."""
    return parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme], parts.path.rstrip("/")


def socket_path(home: Path, name: str = "engine") -> Path:
    """Return a socket of this home: inside it, or in a short private directory where that path is too long.

    The directory is created with mode 0700. Raises PermissionError where someone else owns it.
    """
    path = home.resolve() / f"{name}.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    directory = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"limner-{os.getuid()}"
    if len(os.fsencode(directory)) > MAX_SOCKET_BYTES - 25:
        directory = Path("/tmp") / f"limner-{os.getuid()}"  # noqa: S108 - checked below to be ours and private
    directory.mkdir(mode=0o700, exist_ok=True)
    facts = directory.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
        raise PermissionError(f"{directory} must be a directory that you own, with mode 0700")
    return directory / f"{digest}.sock"


def parse_engine_url(url: str) -> Address:
    """Read `unix:/path`, `http://…` or `https://…`, with or without a closing `/v1`. Raises ValueError otherwise.

    A path that names another version, such as `/api/paas/v4` or `/v1beta/openai`, is taken as it is. A name or key
    before an `@` and a query are refused: keys have their own settings.
    """
    if not url.isprintable():
        raise ValueError("ENGINE_URL: an address holds no line break and nothing else that cannot be seen")
    if url.startswith("unix:"):
        path = url.removeprefix("unix:").removeprefix("//")
        if not path.startswith("/"):
            raise ValueError(f"ENGINE_URL: {url} needs an absolute path, such as unix:/run/limner/engine.sock")
        return Address("http://engine", Path(path))
    parts = urlsplit(url)  # raises ValueError for a port or an IPv6 address that is none
    (parts.hostname or "").encode("idna")  # and this for a name with an empty or too long part
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError(f"ENGINE_URL: {url} is not understood; use unix:/path, http://host:port or https://host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("ENGINE_URL: a key does not belong into the address")
    base = url.rstrip("/").removesuffix("/v1").rstrip("/")
    return Address(base, version="" if _VERSION.search(urlsplit(base).path) else "/v1")
