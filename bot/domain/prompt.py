"""PromptSpec: a picture in words, as the language model wrote it or, where it wrote nothing usable, as someone did."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from bot.domain.invisible_characters import one_line, visible

MAX_PROMPT_CHARS = 2_000
MAX_UNDERSTOOD_CHARS = 300
MAX_KEYWORDS = 24
MAX_KEYWORD_CHARS = 80
LATIN, VOWELS = "[a-z\u00c0-\u024f]", "aeiou"


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


@dataclass(frozen=True, slots=True)
class UnknownThing:
    """The thing that words ask for, as they write it, where a model of a small world does not know it.

    `near` are things that it knows and that could take its place, in the same language. `others` are further things
    that the words ask for and it does not know.
    """

    name: str
    near: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every thing that is not known, as the words write them."""
        return (self.name, *self.others)

    def stands_in(self, words: str) -> bool:
        """Whether the words hold it, so that another can take its place."""
        return bool(self.name) and self._pattern.search(words) is not None

    def replaced(self, words: str, index: int) -> str:
        """Return the words with the near thing at `index` in its place; "an owl" becomes "a cat"."""
        near = self.near[index]
        changed = self._pattern.sub(lambda _: near, words)
        if near[:1].lower() in VOWELS:
            return changed
        return re.sub(rf"\b(a)n(?=\s+{re.escape(near)})", r"\1", changed, flags=re.IGNORECASE)

    @property
    def _pattern(self) -> re.Pattern[str]:
        """Finds it as a word of its own; scripts without blanks between words have no such ends."""
        before, after = (rf"(?<!{LATIN})", rf"(?!{LATIN})") if re.match(LATIN, self.name, re.IGNORECASE) else ("", "")
        return re.compile(f"{before}{re.escape(self.name)}{after}", re.IGNORECASE)


def as_written(words: str) -> PromptSpec:
    """Return the spec that hands the words to the painter as they are, but for what nobody can see."""
    shown = visible(words)[:MAX_PROMPT_CHARS] or words
    return PromptSpec(understood=one_line(words, MAX_UNDERSTOOD_CHARS), keywords=[], prompt=shown, negative="")
