"""Ways to say a thing that the starter was never shown, put as it was shown them, before the words are read."""

from __future__ import annotations

import re
from typing import Final

_SAME: Final = (
    (
        re.compile(
            r"\b(?:the )?sun (?:is |was )?(?:going|goes|went) down\b|\b(?:the )?sun (?:is )?setting\b", re.IGNORECASE
        ),
        "sunset",
    ),
    (
        re.compile(r"\b(?:the )?sun (?:is )?(?:coming|comes|came) up\b|\b(?:the )?sun (?:is )?rising\b", re.IGNORECASE),
        "dawn",
    ),
    (re.compile(r"\b(?:to)?nite\b", re.IGNORECASE), "night"),
)
_STYLE_FIRST: Final = re.compile(
    r"^\s*(?:an? )?(watercolou?r|ink|pastel|flat)(?: (?:painting|drawing|sketch|illustration|picture))? of (.+)$",
    re.IGNORECASE | re.DOTALL,
)


def rewritten(words: str) -> str:
    """Return the words with turns replaced by plain ones, and a leading style behind what it is of."""
    for pattern, plain in _SAME:
        words = pattern.sub(plain, words)
    if match := _STYLE_FIRST.match(words):
        words = f"{match[2]}, {match[1]}"
    return words
