"""A prompt changed where a noun stands in it: counted, coloured, or taken out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.numbers import numbers
from engine.starter.reader.words.stems import Text, plural

_BEFORE: Final = re.compile(r"(?:[\w'’-]+ ){0,4}$")
"""The words just before a noun, within its clause."""
_LOOK_BACK: Final = 120
"""Characters that four words fit into; a search from a long prompt's beginning would take its time at every noun."""
_LEADS: Final = re.compile(
    r"(?:^|\s)(?:and|with|under|without|no|of|on|in|by|at|near|over|beside|in front of)$", re.IGNORECASE
)
"""What a thing takes with it when it goes."""
_ARTICLES: Final = frozenset({"a", "an", "the", "one", "some", "several", "many"})
_STOPS: Final = frozenset(
    {
        "and", "or", "with", "in", "on", "at", "of", "by", "over", "under", "near", "beside", "behind", "above",
        "below", "from", "to", "into", "for", "as", "no", "without",
    }
)  # fmt: skip


def stands_by(text: Text, words: Sequence[str], nouns: Sequence[str]) -> bool:
    """Whether one of the words stands before one of the nouns, with at most three others between."""
    for noun in nouns:
        for start, _ in text.find(noun):
            before = " ".join(phrase_before(text.text[max(0, start - _LOOK_BACK) : start]))
            if Text(before).holds(tuple(words)):
                return True
    return False


def count_in_place(prompt: str, number: str, nouns: Sequence[str]) -> str | None:
    """Return the prompt with the number before the noun, None where the noun is not in it."""
    found = _places(prompt, nouns)
    if not found:
        return None
    start, end = found[0]
    words = phrase_before(prompt[:start])
    own = [word for word in words if word.lower() not in _ARTICLES and not _is_number(word)]
    begin = start - sum(len(word) + 1 for word in words)
    noun = prompt[start:end]
    head, _, last = noun.rpartition(" ")
    many = f"{head} {plural(last)}".strip()
    return f"{prompt[:begin]}{' '.join([number, *own, many])}{prompt[end:]}"


def color_in_place(prompt: str, color: str, nouns: Sequence[str], others: Sequence[str]) -> str | None:
    """Return the prompt with the noun in this colour; a noun in one of the other stated colours keeps it."""
    for start, end in _places(prompt, nouns):
        words = phrase_before(prompt[:start])
        if any(word.lower() in others for word in words):
            continue
        own = [word for word in words if word.lower() not in colors("en")]
        begin = start - sum(len(word) + 1 for word in words)
        first = own[:1] if own and (own[0].lower() in _ARTICLES or _is_number(own[0])) else []
        rest = own[len(first) :]
        if first and first[0].lower() in ("a", "an"):
            first = ["an" if color[0] in "aeiou" else "a"]
        return f"{prompt[:begin]}{' '.join([*first, color, *rest, prompt[start:end]])}{prompt[end:]}"
    return None


def uncolored_in_place(prompt: str, color: str, nouns: Sequence[str]) -> str:
    """Return the prompt with the noun not in this colour."""
    for start, end in reversed(_places(prompt, nouns)):
        words = phrase_before(prompt[:start])
        begin = start - sum(len(word) + 1 for word in words)
        own = [word for word in words if word.lower() != color]
        if len(own) < len(words):
            if own and own[0].lower() in ("a", "an"):
                following = (*own[1:], prompt[start:end])[0]
                own[0] = "an" if following[0].lower() in "aeiou" else "a"
            prompt = f"{prompt[:begin]}{' '.join([*own, prompt[start:end]])}{prompt[end:]}"
    return prompt


def without(prompt: str, spellings: Sequence[str]) -> str:
    """Return the prompt without a thing, as far as it can go cleanly: its own part between commas, or its phrase."""
    for spelling in spellings:
        while found := Text(prompt).find(spelling):
            shorter = _take_out(prompt, *found[0])
            if shorter is None or shorter == prompt:
                break
            prompt = shorter
    return prompt


def bleached(prompt: str, names: Sequence[str]) -> str:
    """Return the prompt without a colour; its nouns stay."""
    for color in names:
        prompt = re.sub(rf"(?<!\w){re.escape(color)} ", "", prompt, flags=re.IGNORECASE)
    return prompt


def _take_out(prompt: str, start: int, end: int) -> str | None:
    left, right = prompt.rfind(",", 0, start) + 1, prompt.find(",", end)
    right = len(prompt) if right < 0 else right
    part, at = prompt[left:right], start - left
    words = phrase_before(part[:at])
    begin = at - sum(len(word) + 1 for word in words)
    lead, tail = part[:begin].rstrip(), part[end - left :]
    if hanging := _LEADS.search(lead):
        tail = re.sub(r"^ in the sky\b", "", tail)
        return _join(prompt[:left], lead[: hanging.start()] + tail, prompt[right:])
    rest = re.match(r"\s+(?:and|on|in front of|in|by|over|at|near|with)\s+", tail)
    if not lead.strip() and rest and left == 0:
        return _join("", tail[rest.end() :], prompt[right:])
    if not lead.strip() and (left > 0 or right < len(prompt)):  # the part is about nothing else
        return _join(prompt[:left], "", prompt[right:])
    return None


def _join(before: str, middle: str, after: str) -> str:
    pieces = [piece.strip() for piece in (*before.split(","), middle, *after.split(",")) if piece.strip()]
    return ", ".join(pieces)


def _places(prompt: str, nouns: Sequence[str]) -> list[tuple[int, int]]:
    """Return where the first of the nouns that is there stands; compound words are looked for first."""
    text = Text(prompt)
    return next((found for noun in nouns if (found := text.find(noun))), [])


def phrase_before(text: str) -> list[str]:
    """Return the words of a noun's own phrase before it: back to its article, a preposition or a comma."""
    match = _BEFORE.search(text[-_LOOK_BACK:])
    words = match.group().split() if match else []
    for at in range(len(words) - 1, -1, -1):
        if words[at].lower() in _STOPS:
            return words[at + 1 :]
        if words[at].lower() in _ARTICLES:
            return words[at:]
    return words


def _is_number(word: str) -> bool:
    return word.isdecimal() or word.lower() in numbers("en")
