"""What a model of a small world adds of its own accord is taken back: it mistakes strange words for what it knows."""

from __future__ import annotations

import re

from msgspec import structs

from engine.starter.reader.spec import PromptSpec
from engine.starter.reader.stated import Stated
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.place import without
from engine.starter.reader.words.stems import Text
from engine.starter.reader.words.things import OTHER, PLACE, STYLE, TIME, Thing, things

_SKY = {"sun", "moon", "clouds", "stars", "sky"}
_PARTS = 4
_PLACED = re.compile(r"(.*?) (?:in front of|on|in|by|over) (?=an? |the |tall )")
"""A subject and the preposition of its place."""


def without_strays(stated: Stated, spec: PromptSpec, base: PromptSpec | None = None) -> PromptSpec:
    """Return the spec without the things that its keywords name, but neither the words nor the base do.

    Where an edit says nothing of place, time or style, these stay as they are in the base.
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
    if base:
        prompt = _as_before(stated, prompt, base.prompt)
    return structs.replace(spec, prompt=prompt, keywords=kept)


def _is_stated(thing: Thing, stated: Stated) -> bool:
    return any(set(thing.spellings) & set(said.spellings) for said in stated.said)


def _as_before(edit: Stated, prompt: str, before: str) -> str:
    """Write the base's place, time, sky, light and style into the prompt where the edit says nothing of them.

    A model of a small world writes its prompts in these parts: subject, place and time; sky; light; style.
    """
    parts, past = prompt.split(", "), before.split(", ")
    if len(parts) < _PARTS or len(past) < _PARTS:
        return prompt
    about = (*edit.said, *edit.negated, *edit.gone)
    groups = {said.group for said in about}
    if PLACE not in groups:
        parts[0] = _same_place(parts[0], past[0])
    new, old = _time_in(parts[0]), _time_in(past[0])
    timeless = TIME not in groups and not any(set(said.spellings) & _SKY for said in about)
    if timeless and new and old and parts[0][slice(*new)] != past[0][slice(*old)]:
        parts[1:3] = past[1:3]
        parts[0] = parts[0][: new[0]] + past[0][slice(*old)] + parts[0][new[1] :]
    if STYLE not in groups:
        parts[3] = past[3]
    return ", ".join(parts)


def _same_place(first: str, before: str) -> str:
    """Write the base's place behind the subject, with the present time, where it is another."""
    if _places(first) & _places(before):
        return first
    new, old = _PLACED.match(first), _PLACED.match(before)
    new_time, old_time = _time_in(first), _time_in(before)
    if not (new and old and new_time and old_time and new.end() < new_time[0] and old.end() < old_time[0]):
        return first
    if _places(old.group(1)):  # no subject before it
        return first
    return first[: new.end(1)] + before[old.end(1) : old_time[0]] + first[new_time[0] :]


def _places(text: str) -> set[str]:
    found = Text(text)
    return {thing.spellings[-1] for word, thing in things("en").items() if thing.group == PLACE and found.find(word)}


def _time_in(first: str) -> tuple[int, int] | None:
    """Return where a part says its time: "at night", "on a bright day"."""
    for word, thing in things("en").items():
        if thing.group == TIME and (match := re.search(rf"\b(?:at|on|in)(?: an?| the)?(?: \w+)? {word}\b", first)):
            return match.span()
    return None
