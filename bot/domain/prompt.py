"""PromptSpec: a picture in words, as the language model wrote it or, where it wrote nothing usable, as someone did."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from bot.domain.invisible_characters import one_line, visible

MAX_PROMPT_CHARS = 2_000
MAX_UNDERSTOOD_CHARS = 300
MAX_KEYWORDS = 24
MAX_KEYWORD_CHARS = 80


class PromptSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the painter is to paint, and what people are told of it."""

    understood: Annotated[str, Meta(max_length=MAX_UNDERSTOOD_CHARS)]
    """One line in the requester's language, for the picture as it is now."""
    keywords: Annotated[list[Annotated[str, Meta(max_length=MAX_KEYWORD_CHARS)]], Meta(max_length=MAX_KEYWORDS)]
    """What was asked for, in English; what a change did is told from these."""
    prompt: Annotated[str, Meta(min_length=1, max_length=MAX_PROMPT_CHARS)]
    negative: Annotated[str, Meta(max_length=MAX_PROMPT_CHARS)] = ""
    """What to keep out of the picture."""
    instruction: Annotated[str, Meta(max_length=MAX_PROMPT_CHARS)] = ""
    """A change in English, and what stays: for painters that edit a picture by instruction."""
    unknown: tuple[str, ...] = ()
    """Words of the request that a model of a small world says it does not know."""
    fell_back: bool = False
    """Whether no usable answer came, so that `prompt` holds the requester's own words."""


def as_written(words: str) -> PromptSpec:
    """Return the spec that hands the words to the painter as they are, but for what nobody can see."""
    shown = visible(words)[:MAX_PROMPT_CHARS] or words
    return PromptSpec(understood=one_line(words, MAX_UNDERSTOOD_CHARS), keywords=[], prompt=shown, negative="")
