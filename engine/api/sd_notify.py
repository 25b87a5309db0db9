"""Tells systemd how a service of Type=notify is; the protocol is that of sd_notify(3)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

NOTIFY_SOCKET = "NOTIFY_SOCKET"
TIMEOUT_S = 1.0


def sd_notify(state: str) -> None:
    """Send a state, such as READY=1, WATCHDOG=1 or STOPPING=1; do nothing where systemd did not ask for it."""
    address = os.environ.get(NOTIFY_SOCKET, "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(TIMEOUT_S)
        sender.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
