"""Escapes people's words for display: no mention, link, markdown or hidden character of theirs takes effect."""

from __future__ import annotations

import re

from bot.domain.invisible_characters import one_line, without_mentions

_MARKUP = re.compile(r"[\\*_~`|>#<\[\]()\-]")
_NUMBERED = re.compile(r"^(\d+)\.(?= )")
"""A list's first number: Discord draws a list where a line begins with one."""
_LIVE = re.compile(r"@|(?<=:)(?=//)|(?<=\w\.)(?=[^\W\d_])|(?<=\w)(?=\.gg\b)", re.IGNORECASE)
"""Where mentions, links, bare domains and invites can be broken: no client knows one with a joiner inside."""
_JOINER = "\u2060"


def plain(words: str, limit: int = 200) -> str:
    """Return the words on one line, at most `limit` characters long before escaping, with every markup escaped."""
    line = _MARKUP.sub(r"\\\g<0>", one_line(without_mentions(words), limit))
    line = _NUMBERED.sub(r"\1\\.", line)
    return _LIVE.sub(lambda match: match.group() + _JOINER, line)
