"""`python -m engine.health SOCKET`: exit code 0 where the engine on this Unix socket answers /healthz, else 1."""

from __future__ import annotations

import http.client
import socket
import sys
from pathlib import Path

ANSWER_S = 5.0


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=ANSWER_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_S)
        self.sock.connect(str(self._path))


def is_alive(path: Path) -> bool:
    """Tell whether /healthz answers there."""
    connection = _Connection(path)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if len(sys.argv) == 2 and is_alive(Path(sys.argv[1])) else 1)
