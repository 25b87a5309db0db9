"""What a model of a small world adds of its own accord is taken back: it mistakes strange words for what it knows."""

from __future__ import annotations

import re

from msgspec import structs

from bot.domain.prompt import PromptSpec
from bot.domain.stated import Stated
from bot.domain.words.forms import find
from bot.domain.words.place import without
from bot.domain.words.stems import Text
from bot.domain.words.things import OTHER, TIME, Thing, things

_SKY = ("sun", "moon", "clouds", "stars", "sky")


def without_strays(stated: Stated, spec: PromptSpec, base: PromptSpec | None = None) -> PromptSpec:
    """Return the spec without the things that its keywords name, but neither the words nor the base do.

    Where an edit says nothing of time or sky, these stay as they are in the base.
    """
    if not stated.read:
        return spec
    prompt, kept, before = spec.prompt, [], Text(", ".join(base.keywords) if base else "")
    for keyword in spec.keywords:
        thing = find(keyword, "en")
        if thing is None or _is_stated(thing, stated) or before.holds(thing.spellings):
            kept.append(keyword)
        elif thing.group == OTHER:
            prompt = without(prompt, thing.spellings[:1]) or prompt
    if base and not _speaks_of_time(stated):
        prompt = _same_time(prompt, base.prompt)
    return structs.replace(spec, prompt=prompt, keywords=kept)


def _is_stated(thing: Thing, stated: Stated) -> bool:
    return any(set(thing.spellings) & set(said.spellings) for said in stated.said)


def _speaks_of_time(edit: Stated) -> bool:
    return any(
        said.group == TIME or set(said.spellings) & set(_SKY) for said in (*edit.said, *edit.negated, *edit.gone)
    )


def _same_time(prompt: str, before: str) -> str:
    """Write the base's time into the prompt, with its sky and light: the parts between the first and the style."""
    new, old = _time_in(prompt), _time_in(before)
    if new and old and prompt[slice(*new)] != before[slice(*old)]:
        prompt = prompt[: new[0]] + before[slice(*old)] + prompt[new[1] :]
        parts, past = prompt.split(", "), before.split(", ")
        if len(parts) >= 4 and len(past) >= 4:
            parts[1:3] = past[1:3]
        prompt = ", ".join(parts)
    return prompt


def _time_in(prompt: str) -> tuple[int, int] | None:
    """Return where the first part says its time: "at night", "on a bright day"."""
    first = prompt.split(", ")[0]
    for word, thing in things("en").items():
        if thing.group == TIME and (match := re.search(rf"\b(?:at|on|in)(?: an?| the)?(?: \w+)? {word}\b", first)):
            return match.span()
    return None
