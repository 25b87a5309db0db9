"""A PNG without what is written into it beside the picture: prompts, comments, cameras, places, times.

Invariant: the pixels and what their colours mean stay as they are. Chunks are as in the PNG specification, section 5.
"""

from __future__ import annotations

import struct

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT"}


def strip_metadata(file: bytes) -> bytes:
    """Return the file with its picture alone, and nothing after its end. A file that is no PNG comes back as it is."""
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
