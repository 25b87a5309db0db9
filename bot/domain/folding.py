"""Text as names are compared: one width and case, no accents, blanks for hyphens and underscores."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]")
_JOINTS = re.compile(r"[\s_\-‐‑–]+")


def fold(text: str) -> str:
    """Return the text as names are compared."""
    wide = unicodedata.normalize("NFKC", text)
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", wide))
    return _JOINTS.sub(" ", unicodedata.normalize("NFC", plain).casefold()).strip()
