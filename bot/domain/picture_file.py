"""Recognises PNG, JPEG and WebP by their first bytes."""

from __future__ import annotations


def suffix(picture: bytes) -> str:
    """Return the file name's ending by the first bytes; some engines answer with other formats than PNG."""
    if picture.startswith(b"\xff\xd8"):
        return "jpg"
    return "webp" if picture[8:12] == b"WEBP" else "png"
