"""Opens the socket on which the engine listens.

Invariant: a Unix socket has mode 0600 from the moment it exists, and the socket of a running engine is never replaced.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path


class CannotListen(Exception):
    """The socket cannot be opened; `str()` is one sentence for a person."""


class UnixListener:
    """A listening Unix socket with mode 0600, in place of a stale one."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises CannotListen."""
        self.path = path
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _remove_stale(path)
            before = os.umask(0o177)  # so that nobody else can connect between bind and a chmod
            try:
                self.sock.bind(str(path))
            finally:
                os.umask(before)
            self.sock.listen()
            self._inode = path.stat().st_ino
        except OSError as error:
            self.sock.close()
            raise CannotListen(f"The engine cannot listen on {path}: {error.strerror or error}.") from error

    @property
    def address(self) -> str:
        return f"unix:{self.path}"

    def remove(self) -> None:
        """Remove the socket's file, unless it is another's by now."""
        try:
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()
        except FileNotFoundError:
            pass


class TcpListener:
    """A listening TCP socket; port 0 takes a free one."""

    def __init__(self, host: str, port: int) -> None:
        """Open it. Raises CannotListen."""
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
            self.sock = socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "the port is taken" if taken else error.strerror or str(error)
            raise CannotListen(f"The engine cannot listen on {host} port {port}: {why}.") from error

    @property
    def address(self) -> str:
        host, port = self.sock.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def remove(self) -> None:
        """Nothing stays behind."""


Listener = UnixListener | TcpListener


def _remove_stale(path: Path) -> None:
    """Remove the socket of an engine that is gone. Raises CannotListen where it is alive, or is no socket at all."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise CannotListen(f"The engine cannot listen on {path}: something that is no socket is there.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)
            return
    raise CannotListen(f"Another engine is already listening on {path}.")
