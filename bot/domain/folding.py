"""Text as it is compared: in one width and case, without accents; of names, also with blanks for hyphens."""

from __future__ import annotations

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]")
_JOINTS = re.compile(r"[\s_\-‐‑–]+")


def fold(text: str) -> str:
    """Return the text as names are compared: hyphens and underscores are blanks."""
    return _JOINTS.sub(" ", fold_letters(text)).strip()


def fold_letters(text: str) -> str:
    """Return the text in one width and case, without accents; every other sign stays."""
    wide = unicodedata.normalize("NFKC", text)
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", wide))
    return unicodedata.normalize("NFC", plain).casefold()
