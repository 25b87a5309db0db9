"""Which picture of a set a reply names: by number, by place or as the last one, in five languages.

Invariant: a number that counts things ("four birds"), and a place within a picture ("a bird in the top right"), name no
picture; words that name none, or more than one, come back as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

LAST: Final = -1
_ORDINALS: Final = {
    1: r"first(?!\s*,)|1st|primer[ao]?|erste[mnrs]?",
    2: r"second|2nd|segund[ao]|zweite[mnrs]?",
    3: r"third|3rd|tercer[ao]?|dritte[mnrs]?",
    4: r"fourth|4th|cuart[ao]|vierte[mnrs]?",
    5: r"fifth|5th|quint[ao]|fünfte[mnrs]?",
    6: r"sixth|6th|sext[ao]|sechste[mnrs]?",
    LAST: r"last|[úu]ltim[ao]|letzte[mnrs]?",
}
_PLACES: Final = {
    1: r"(?:upper|top)[ -]left(?: corner)?|(?:arriba a la|(?:esquina )?superior) izquierda|links oben|oben links",
    2: r"(?:upper|top)[ -]right(?: corner)?|(?:arriba a la|(?:esquina )?superior) derecha|rechts oben|oben rechts",
    3: r"(?:lower|bottom)[ -]left(?: corner)?|(?:abajo a la|(?:esquina )?inferior) izquierda|links unten|unten links",
    4: r"(?:lower|bottom)[ -]right(?: corner)?|(?:abajo a la|(?:esquina )?inferior) derecha|rechts unten|unten rechts",
}
_SIDES: Final = {1: r"left|linke[mnrs]?|links|(?:la )?izquierda", 2: r"right|rechte[mnrs]?|rechts|(?:la )?derecha"}
"""Of a set of two."""
_DIGITS: Final = {1: "1|one|eins|una|uno", 2: "2|two|zwei|dos", 3: "3|three|drei|tres", 4: "4|four|vier|cuatro",
                  5: "5|five|fünf|cinco", 6: "6|six|sechs|seis", 7: "7", 8: "8", 9: "9"}  # fmt: skip
_HAN: Final = {
    1: r"1|一(?!\s*[，,、])",
    2: "2|二|两",
    3: "3|三",
    4: "4|四",
    5: "5|五",
    6: "6|六",
    7: "7",
    8: "8",
    9: "9",
}
_HAN_PLACES: Final = {1: "左上|上左", 2: "右上|上右", 3: "左下|下左", 4: "右下|下右", LAST: "最后一?|最後の?"}
_HAN_SIDES: Final = {1: "左[边邊侧側]?", 2: "右[边邊侧側]?"}

_NOUN = r"(?:one|picture|image|pic|photo|option|variant|imagen|foto|opción|bild|variante)(?!\w)"
_LABEL = r"(?:picture|image|pic|photo|option|number|bild|nummer|foto|imagen|opción|número|no\.|nr\.|num\.|#)\s*#?"
_IN = r"(?:(?:in|on|at|of|from|de|en|von|aus|auf)\s+|(?:im|beim|vom|am|del|al)\s+)"
_THE = r"(?:the|la|el|das|die|der|dem|den)\s+"
_LEAD = rf"(?:(?:{_IN})?(?:{_THE})?)"
_END = r"(?=\s*(?:$|[,.;:!?]))"
_ENDS = rf"(?:{_END}|(?=\s+(?:please|pls|but|at|in|with|as|and|to|into|bitte|aber|bei|im|mit|als|und|por favor|pero|con|de|en|como|y)(?!\w)))"  # noqa: E501
"""Behind a name without a noun: "second at night"."""
_CHOOSE = r"(?:change|edit|refine|pick|take|choose|use|prefer|ändere|nimm|nehme|cambia|elijo|prefiero)\s+"

_HAN_NOUN = (
    r"(?:(?:那|这|的|の)*一?(?:[张張幅](?![桌椅床纸脸嘴])(?:图片?|画(?!像))?|图片?|圖|照片|画像|写真|絵|やつ|もの))"
)
_HAN_DOES = r"(?=\s*(?:$|[，。；：、！？,.;:!?]|[改变換换加添去弄画做放调給给来多更再让下也不]|[をにはがで]))"
"""Behind a name without a noun: an end, a verb, a particle."""
_HAN_LEAD = r"(?:[把将给让用]\s*)?"


def read_which(words: str, count: int = 4) -> tuple[int | None, str]:
    """Return the number of the picture that the words name of `count`, and the words without it; else None and them."""
    found = list(_found(words, count))
    if len({number for number, *_ in found}) != 1:
        return None, words
    number, start, end = max(found, key=lambda one: one[2] - one[1])
    return count if number == LAST else number, _without(words, start, end)


def _found(words: str, count: int) -> Iterator[tuple[int, int, int]]:
    """Yield each number that is named, with where its name begins and ends."""
    for number, pattern in _patterns(of_two=count <= 2):
        for match in pattern.finditer(words):
            yield number, *match.span("name")


def _latin(names: str) -> tuple[str, ...]:
    """A name with its noun before or behind it, or where the words begin with it, or end with it and its article."""
    return (
        rf"(?<!\w)(?P<name>{_LEAD}(?:{names})\s+{_NOUN})",
        rf"(?<!\w)(?P<name>{_LEAD}{_NOUN}\s+{_LEAD}(?:{names}))(?!\w)",
        rf"^\W*(?P<name>{_LEAD}{_IN}?(?:{names})){_ENDS}",
    )


def _han(names: str) -> tuple[str, ...]:
    return (
        rf"(?P<name>{_HAN_LEAD}(?:{names})[角方]?{_HAN_NOUN})",
        rf"(?:^\W*|(?<=[，。,.]))(?P<name>{_HAN_LEAD}(?:{names})[角方]?(?:[的の]{_HAN_DOES}|(?=\s*(?:$|[，。,.！!]))))",
    )


def _numbers(number: int) -> tuple[str, ...]:
    """Forms of a digit that no thing is counted by."""
    names, han = _DIGITS[number], _HAN[number]
    return (
        rf"(?<!\w)(?P<name>{_LEAD}{_LABEL}(?:{names}))(?!\w)",
        rf"^\W*(?P<name>{number})(?!\w){_ENDS}",
        rf"^\W*(?P<name>{names})\W*$",
        rf"(?<=\d)\s*(?:and|or|y|o|und|oder|[&,/+和])\s*(?P<name>{number})(?!\w){_ENDS}",
        rf"(?<!\w){_CHOOSE}(?P<name>{number})(?!\w){_ENDS}",
        rf"(?<!\w)(?P<name>{_LEAD}{number}\.\s*{_NOUN})",
        rf"(?P<name>{_HAN_LEAD}第\s*(?:{han})(?:{_HAN_NOUN}|[个個]?{_HAN_DOES}))",
        rf"(?P<name>(?<![\w])(?:{han})(?:枚目|番目|番|号)(?:の?{_HAN_NOUN}|{_HAN_DOES}))",
        rf"(?P<name>{_HAN_LEAD}(?:图片?|圖|照片|画像)\s*(?:{han}))(?![\w]|[张幅个只条])",
    )


@cache
def _patterns(*, of_two: bool) -> list[tuple[int, re.Pattern[str]]]:
    """Return each form with the picture that it names. To compile them all is no part of a start."""
    forms = [
        *((number, form) for number, names in (*_ORDINALS.items(), *_PLACES.items()) for form in _latin(names)),
        *((number, form) for number, names in _HAN_PLACES.items() for form in _han(names)),
        *((number, form) for number in _DIGITS for form in _numbers(number)),
    ]
    if of_two:
        forms += [(number, form) for number, names in _SIDES.items() for form in _latin(names)]
        forms += [(number, form) for number, names in _HAN_SIDES.items() for form in _han(names)]
    return [(number, re.compile(form, re.IGNORECASE)) for number, form in forms]


_MARKS = " \t\n,.;:!?，。；：、！？"
_PARTICLES = "的をはがのに"


def _without(words: str, start: int, end: int) -> str:
    """Return the words without the name; as "it" where something is done to it ("make the second one red")."""
    before, name, after = words[:start].rstrip(), words[start:end], words[end:]
    if not before.strip(_MARKS + "#"):
        return after.lstrip(_MARKS + _PARTICLES).rstrip(_MARKS)
    if not after.strip(_MARKS):
        return before.rstrip(_MARKS)
    if after[:1] != " ":
        return before + after
    done_to = before[-1].isascii() and before[-1].isalnum() and not re.match(_IN, name, re.IGNORECASE)
    return f"{before} it{after}" if done_to else before + after
