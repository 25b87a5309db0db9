"""What Limner needs on Discord: the permissions, and the invite link that asks for exactly these.

Invariant: this is the one list; whoever shows, checks or asks for permissions takes it from here.
"""

from __future__ import annotations

import base64
import binascii
import re

NEEDED = {
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "send_messages_in_threads": 1 << 38,
}
"""discord.py's names of the permissions, and Discord's bits."""
ADMINISTRATOR = 1 << 3

_TOKEN = re.compile(r"([\w-]{18,40})\.[\w-]{6,}\.[\w-]{25,}")


def missing(permissions: int) -> list[str]:
    """Return the names of what is needed and not in these bits."""
    return [name for name, bit in NEEDED.items() if not permissions & (bit | ADMINISTRATOR)]


def invite_link(application_id: int) -> str:
    """Return the link that adds the bot to a server with the needed permissions."""
    bits = sum(NEEDED.values())
    where = "https://discord.com/oauth2/authorize"
    return f"{where}?client_id={application_id}&scope=bot+applications.commands&permissions={bits}"


def is_token(text: str) -> bool:
    """Tell whether this has the form of a bot's token: three parts, the first of them an id in base64."""
    return _TOKEN.fullmatch(text) is not None and application_of(text) is not None


def application_of(token: str) -> int | None:
    """Return the application's id, which a bot's token begins with; None where it does not."""
    first = token.partition(".")[0]
    try:
        decoded = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(decoded) if decoded.isdigit() and 15 <= len(decoded) <= 20 else None
