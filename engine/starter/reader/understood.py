"""The line "Understood as …": in the requester's language, claiming neither less nor other than was kept."""

from __future__ import annotations

from engine.starter.reader.promises import lost, phrases_as_written
from engine.starter.reader.spec import MAX_UNDERSTOOD_CHARS, PromptSpec, one_line
from engine.starter.reader.stated import Stated, readable
from engine.starter.reader.words.fillers import is_sure, language

_SHORT = 150
"""A request of at most so many characters is its own best summary where the model's falls short."""


def first_line(stated: Stated, answer: PromptSpec | None, spec: PromptSpec) -> str:
    """Return the model's line where it lost nothing and speaks the requester's language, else the words themselves."""
    words = one_line(stated.words, MAX_UNDERSTOOD_CHARS)
    if answer is None or not answer.keywords or not _speaks(answer.understood, stated.words):
        return words
    gone = lost(stated, answer.prompt)
    if not gone and not _unsaid(stated, answer):
        return one_line(readable(answer.understood), MAX_UNDERSTOOD_CHARS)
    if len(words) <= _SHORT or not set(spec.keywords) & set(answer.keywords):
        return words
    return one_line(" · ".join((answer.understood, *phrases_as_written(stated, gone))), MAX_UNDERSTOOD_CHARS)


def _unsaid(stated: Stated, answer: PromptSpec) -> bool:
    """Whether the model missed something that must not be there."""
    return any(one.english.split()[-1] not in answer.negative for one in stated.negated)


def _speaks(line: str, words: str) -> bool:
    """Whether a line is in the language of the words, as far as that can be told."""
    if not line.strip():
        return False
    spoken, asked = language(line), language(words)
    if "zh" in (spoken, asked) or "ja" in (spoken, asked):
        return spoken == asked or {spoken, asked} == {"zh", "ja"} or not words.strip()
    return spoken == asked or not (is_sure(line) and is_sure(words))
