"""Which picture of a set a reply names: by number or by corner, in five languages.

Invariant: a number that counts things ("four birds") names no picture; words that name none come back as they are.
"""

from __future__ import annotations

import re

_ORDINALS = {
    1: "first|1st|primera?|erste[ns]?|第一|第1|一枚目|1枚目|1番目|一番目|1番",
    2: "second|2nd|segunda?|zweite[ns]?|第二|第2|第两|二枚目|2枚目|2番目|二番目|2番",
    3: "third|3rd|tercera?|dritte[ns]?|第三|第3|三枚目|3枚目|3番目|三番目|3番",
    4: "fourth|4th|cuarta?|vierte[ns]?|第四|第4|四枚目|4枚目|4番目|四番目|4番",
    5: "fifth|5th|quinta?|fünfte[ns]?|第五|第5|五枚目|5枚目|5番目|五番目|5番",
    6: "sixth|6th|sexta?|sechste[ns]?|第六|第6|六枚目|6枚目|6番目|六番目|6番",
}
_CORNERS = {
    1: r"(?:upper|top)[ -]left|arriba a la izquierda|(?:links oben|oben links)|左上|上左",
    2: r"(?:upper|top)[ -]right|arriba a la derecha|(?:rechts oben|oben rechts)|右上|上右",
    3: r"(?:lower|bottom)[ -]left|abajo a la izquierda|(?:links unten|unten links)|左下|下左",
    4: r"(?:lower|bottom)[ -]right|abajo a la derecha|(?:rechts unten|unten rechts)|右下|下右",
}
_NOUN = r"(?:one|picture|image|pic|photo|imagen|foto|bild|那?[张幅个]|の?(?:画像|絵|やつ|もの|写真))"
_NUMBER = r"(?:picture|image|number|no\.?|nr\.?|bild|imagen|número|#|图)\s*#?([1-9])(?!\d)|([1-9])\s*号图?"
_ARTICLE = r"(?:(?:from|take|in|de|von|aus|用|把|将)\s*)?(?:(?:the|la|el|das|die|der|dem)\s+)?(?:de\s+)?"
_END = r"(?=\s*(?:$|[,.;:!?，。；：、！]))"
_CJK = r"[\u3040-\u30ff\u4e00-\u9fff]"


def _pattern(names: dict[int, str]) -> list[tuple[int, re.Pattern[str]]]:
    """A name counts with its noun, or where the words begin with it alone; a Japanese counter is a noun itself."""
    return [
        (
            number,
            re.compile(
                rf"^\s*{_ARTICLE}(?:{name})(?:{_END}|(?<=[上下左右])[の的])"
                rf"|(?<!\w){_ARTICLE}(?:{name})(?:\s*{_NOUN}(?![a-zäöüñ])|(?<=枚目)|(?<=番目))"
                rf"|(?<={_CJK})(?:把|将)?(?:{name})\s*(?:{_NOUN}|の)",
                re.IGNORECASE,
            ),
        )
        for number, name in names.items()
    ]


_PATTERNS = [*_pattern(_ORDINALS), *_pattern(_CORNERS)]
_BY_NUMBER = re.compile(rf"(?<!\w){_ARTICLE}(?:{_NUMBER})", re.IGNORECASE)
_EDGES = " \t\n,.;:!?，。；：、！的をはの"


def read_which(words: str) -> tuple[int | None, str]:
    """Return the number of the picture that the words name, and the words without it; else None and the words."""
    for number, pattern in _PATTERNS:
        if found := pattern.search(words):
            return number, _without(words, found)
    if found := _BY_NUMBER.search(words):
        return int(found[1] or found[2]), _without(words, found)
    return None, words


def _without(words: str, found: re.Match[str]) -> str:
    before, after = words[: found.start()].rstrip(), words[found.end() :]
    if before and after.strip(_EDGES) and after[:1] == " ":
        return f"{before} it{after}".strip(_EDGES)  # "make the second one red"
    return f"{before} {after.lstrip(_EDGES)}".strip(_EDGES)
