"""Removes a PNG's metadata: prompts, comments, cameras, places, times.

Invariant: the pixels and their colour space stay. Chunks are those of the PNG specification, section 5.
"""

from __future__ import annotations

import struct

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT"}


def strip_metadata(file: bytes) -> bytes:
    """Return the PNG without metadata and without bytes after its end. Any other file is returned unchanged."""
    if not file.startswith(SIGNATURE):
        return file
    kept, at = [SIGNATURE], len(SIGNATURE)
    while at + 8 <= len(file):
        length, kind = struct.unpack_from(">I4s", file, at)
        end = at + 12 + length
        if kind in KEPT:
            kept.append(file[at:end])
        if kind == b"IEND":
            break
        at = end
    return b"".join(kept)
