"""Checks the format of a bot token before Discord is asked; the token itself is shown nowhere."""

from __future__ import annotations

import base64
import binascii
import re

_FORM = re.compile(r"[\w-]{18,40}\.[\w-]{6,}\.[\w-]{25,}", re.ASCII)


def is_token(text: str) -> bool:
    """Tell whether this is three parts, the first of them an id in base64."""
    return _FORM.fullmatch(text) is not None and application_of(text) is not None


def application_of(token: str) -> int | None:
    """Return the application's id, which a bot's token begins with; None where it does not."""
    first = token.partition(".")[0]
    try:
        decoded = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(decoded) if decoded.isdigit() and 15 <= len(decoded) <= 20 else None
