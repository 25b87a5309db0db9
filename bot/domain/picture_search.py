"""What a search among one's pictures asks for, and whether a picture's words hold it.

A search is words, each of which has to be somewhere in the request or the prompt; no sign in them means anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.folding import fold_letters
from bot.domain.invisible_characters import visible
from bot.domain.jobs import Job

MOST_UNITS = 40
"""Of a search, in the units of UTF-16 that Discord counts: it travels in the ids of the list's buttons."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of someone's pictures a list shows: all they have or their favourites, of these those with the words."""

    favourites: bool = False
    words: str = ""


def search_words(typed: str) -> str:
    """Return what is searched for where this was typed: on one line, at most MOST_UNITS long."""
    return cut_to_units(" ".join(visible(typed).split()), MOST_UNITS).strip()


def cut_to_units(text: str, most: int) -> str:
    """Return as much of the text as so many units of UTF-16 hold; lone surrogates, which no text has, are left out."""
    return text.encode("utf-16-le", "ignore")[: 2 * most].decode("utf-16-le", "ignore")


def units(text: str) -> int:
    """Return how many units of UTF-16 the text has."""
    return len(text.encode("utf-16-le", "ignore")) // 2


def sought(words: str) -> tuple[str, ...]:
    """Return the words of a search as `holds` compares them."""
    return tuple(fold_letters(words).split())


def holds(job: Job, words: tuple[str, ...]) -> bool:
    """Whether all of the words stand in what was asked for, or in what it was understood as and painted from."""
    if not words:
        return True
    line = fold_letters("\n".join(_texts(job)))
    return all(word in line for word in words)


def _texts(job: Job) -> Iterable[str]:
    yield job.order.words
    if spec := job.spec:
        yield from (spec.understood, spec.prompt, *spec.keywords)
