"""Ways to ask that something goes or gives way, by the lexicon's patterns, put as the tables read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from engine.starter.lexicon.tables import BY_CODE

REMOVE: Final = {
    "en": "remove {old}",
    "zh": "去掉{old}",
    "es": "quita {old}",
    "ja": "{old}を消して",
    "de": "entferne {old}",
}
REPLACE: Final = {
    "en": "replace {old} with {np}", "zh": "把{old}换成{np}", "es": "reemplaza {old} por {np}",
    "ja": "{old}を消して、{np}を足して",
    "de": "ersetze {old} durch {np}",
}  # fmt: skip
_RATHER: Final = {
    "en": ("{np} not {old}", "{np} and not {old}", "{np} rather than {old}"),
    "zh": ("不是{old}是{np}", "要{np}不要{old}"),
    "es": ("{np} en vez de {old}", "{np} y no {old}"),
    "ja": ("{old}じゃなくて{np}", "{old}ではなく{np}"),
    "de": ("statt {old} {np}", "{np} statt {old}"),
}
"""One thing for another, without a verb."""
_GAP: Final = r"(?P<{}>(?:the |el |la |los |las |den |die |das |der )?[^,.!?。，！？、]{{1,40}}?)"
_ENDS: Final = r"(?:[\s,]*(?:please|pls|thanks?|por favor|bitte|吧|吗|了|谢谢|ください|ね))*[\s.!?~。！？]*$"
_STARTS: Final = r"^[\s.,!?]*(?:(?:please|pls|can you|could you|por favor|bitte|请|麻烦|帮我|能不能)[\s,]*)*"


def plainly(clause: str, language: str, *, is_thing: Callable[[str], bool]) -> str:
    """Return a clause that takes something away, or puts one thing for another, in the plain words for that.

    `is_thing` says whether words name something that can be seen: what else stands in a gap fits no pattern.
    """
    for pattern, plain in _patterns(language):
        match = pattern.match(clause)
        if match and all(is_thing(part) for part in match.groupdict().values()):
            return plain.format(**match.groupdict())
    return clause


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Return each pattern with its plain form, those with the most words of their own first."""
    edits = BY_CODE[language].edits
    found = [(text, plain) for kind, plain in (("remove", REMOVE), ("replace", REPLACE)) for text in edits[kind]]
    found += [(text, REPLACE) for text in _RATHER[language]]
    whole = [
        (text, plain[language])
        for text, plain in found
        if set(re.findall(r"\{(\w+)\}", text)) >= _slots(plain[language])
    ]
    whole.sort(key=lambda row: -len(re.sub(r"\{\w+\}", "", row[0])))
    return [(_compiled(text, spaced=BY_CODE[language].spaced), plain) for text, plain in whole]


def _slots(plain: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", plain))


def _compiled(text: str, *, spaced: bool) -> re.Pattern[str]:
    """Compile a pattern of the lexicon: its slots become gaps, an article before one may be missing."""
    text = text.replace("{n}", "{np}")
    pieces = re.split(r"(\{\w+\})", text)
    body = "".join(
        _GAP.format(piece[1:-1]) if piece.startswith("{") else _literal(piece, spaced=spaced) for piece in pieces
    )
    return re.compile(_STARTS + body + _ENDS, re.IGNORECASE)


def _literal(piece: str, *, spaced: bool) -> str:
    words = [word for word in piece.split() if word.lower() not in ("the", "den", "die", "das", "der", "el", "la")]
    if not words:
        return r"\s+" if piece and spaced else ""
    inner = r"\s+".join(re.escape(word) for word in words) if spaced else re.escape(piece)
    before = r"\s+" if spaced and piece[:1] == " " else ""
    after = r"\s+" if spaced and piece[-1:] == " " else ""
    return before + inner + after
