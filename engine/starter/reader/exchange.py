"""What an edit puts in another's place goes right there: a snail where the horse was, a new text for the old one."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from msgspec import structs

from engine.starter.reader.promises import phrases
from engine.starter.reader.spec import MAX_PROMPT_CHARS, PromptSpec
from engine.starter.reader.stated import Said, Stated
from engine.starter.reader.words.colors import colors
from engine.starter.reader.words.stems import Text
from engine.starter.reader.words.things import OTHER
from engine.starter.reader.words.word import Kind

_REPLACES = re.compile(
    r"(?<!\w)(?:replace|swap|ersetze|reemplaza|sustituye)(?!\w)|(?<!\w)(?:instead of|statt|en (?:lugar|vez) de)(?!\w)",
    re.IGNORECASE,
)


def exchanged(edit: Stated, kept: tuple[Said, ...], spec: PromptSpec) -> PromptSpec:
    """Return the spec with new things where the old ones stood, and a new quoted text in the old one's quotes."""
    quotes = [said for said in edit.said if said.kind is Kind.QUOTE]
    if len(quotes) == 1 and not edit.adds:
        for before in (said.english for said in kept if said.kind is Kind.QUOTE):
            spec = _rewritten(spec, partial(_for_quote, before, quotes[0].english))
    new = phrases(edit, [said for said in edit.said if said.kind is not Kind.QUOTE])
    old = [said for said in edit.gone if said.kind is Kind.THING]
    if len(old) == len(new) == 1 and (edit.replaces or _REPLACES.search(edit.words)):
        spec = _rewritten(spec, partial(_put, old[0].spellings, new[0]))
    return spec


def another(edit: Stated, kept: tuple[Said, ...], base: PromptSpec, spec: PromptSpec) -> PromptSpec:
    """Return the spec with one more of what the base has already, where the edit adds just that and nobody did."""
    if not edit.adds or any(said.kind is Kind.NUMBER for said in edit.said):
        return spec
    for said in edit.said:
        same = [one for one in kept if set(one.spellings) & set(said.spellings)]
        more_of_it = len(Text(spec.prompt).find(said.english)) > len(Text(base.prompt).find(said.english))
        if said.kind is Kind.THING and said.group == OTHER and same and not more_of_it:
            more = f"another {said.english}"
            spec = structs.replace(
                spec, prompt=f"{spec.prompt}, {more}"[:MAX_PROMPT_CHARS], keywords=[*spec.keywords, more]
            )
    return spec


def _rewritten(spec: PromptSpec, change: Callable[[str], str]) -> PromptSpec:
    keywords = list(dict.fromkeys(change(word) for word in spec.keywords))
    return structs.replace(spec, prompt=change(spec.prompt)[:MAX_PROMPT_CHARS], keywords=keywords)


def _for_quote(old: str, new: str, text: str) -> str:
    return text.replace(old, new)


def _put(old: tuple[str, ...], new: str, text: str) -> str:
    """Return the text with the new phrase for the old thing, whose colour goes with it."""
    found = sorted({span for spelling in old for span in Text(text).find(spelling)}, reverse=True)
    for start, end in found:
        before = text[:start].rstrip()
        last = before.rpartition(" ")[2]
        begin = len(before) - len(last) if last.lower() in colors("en") else start
        text = text[:begin] + new + text[end:]
    return text
