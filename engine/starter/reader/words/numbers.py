"""Numbers as people write them before a noun, in five languages: 2, two, 两只, dos, 二匹, zwei."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_ENGLISH: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_TENS: Final = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_WORDS: Final = {
    "es": ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"],
    "de": ["null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"],
}
_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2, "〇": 0}
_MEASURES: Final = "只隻艘条條座棵个個間间朵匹头頭位张張本辆輛架颗顆名羽台双軒つ人枚幅堆片株"
"""Chinese and Japanese say a measure between number and noun; without one, 三 is part of a word (三明治)."""

COUNTED: Final = re.compile(rf"(?:[一二两兩三四五六七八九十百千〇零]{{1,12}}|\d{{1,9}}) ?[{_MEASURES}]")


@cache
def numbers(language: str) -> dict[str, int]:
    """Return the words for numbers over one in a language that writes Latin letters."""
    if language in _WORDS:
        return {word: value for value, word in enumerate(_WORDS[language]) if value > 1}
    found = {word: value for value, word in enumerate(_ENGLISH) if value > 1} | _TENS
    found |= {f"{ten}-{_ENGLISH[one]}": value + one for ten, value in _TENS.items() for one in range(1, 10)}
    return found | {"dozen": 12, "couple": 2, "pair": 2, "hundred": 100, "thousand": 1000}


def spellings(value: int) -> tuple[str, ...]:
    """Return how an English prompt may write a number, the word first where there is a usual one."""
    words = [word for word, number in numbers("en").items() if number == value]
    return (*words, str(value))


def read_counted(text: str) -> int:
    """Return the number in a match of COUNTED, such as 十二个 or 3只."""
    digits = "".join(char for char in text if char.isdecimal())
    if digits:
        return int(digits)
    total, current = 0, 0
    for char in text:
        if char in _DIGITS:
            current = _DIGITS[char]
        elif char in "十百千":
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            current = 0
    return total + current
