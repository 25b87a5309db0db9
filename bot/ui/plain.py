"""Someone's words made safe to show: no mention, link, markup or hidden character of theirs takes effect."""

from __future__ import annotations

import unicodedata

_MARKUP = set("\\*_~`|>#<[]()-")
_JOINERS = {"\u200c", "\u200d"}
"""Kept: Persian, Hindi and emoji sequences need them."""


def plain(words: str, limit: int = 200) -> str:
    """Return the words on one line, at most `limit` characters long before escaping, with every markup escaped."""
    visible = "".join(char for char in words if char in _JOINERS or char.isspace() or _is_visible(char))
    line = " ".join(visible.split())
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    escaped = "".join(f"\\{char}" if char in _MARKUP else char for char in line)
    # A word joiner inside keeps Discord from seeing a link, a mention or a bare invite.
    return escaped.replace("://", ":\u2060//").replace("@", "@\u2060").replace(".gg/", ".\u2060gg/")


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs", "Cn"}
