"""What a model of a small world adds of its own accord is taken back: it mistakes strange words for what it knows."""

from __future__ import annotations

from msgspec import structs

from engine.starter.lexicon.captions import PLACES
from engine.starter.reader.spec import PromptSpec
from engine.starter.reader.stated import Stated
from engine.starter.reader.words.forms import find
from engine.starter.reader.words.place import without
from engine.starter.reader.words.stems import Text
from engine.starter.reader.words.things import OTHER, Thing


def without_strays(stated: Stated, spec: PromptSpec) -> PromptSpec:
    """Return the spec without the things that its keywords, or its negative prompt, name, but the words do not."""
    if not stated.read:
        return spec
    prompt, kept = spec.prompt, []
    for keyword in spec.keywords:
        thing = find(keyword, "en")
        if thing is None or _is_stated(thing, stated):
            kept.append(keyword)
        elif thing.group == OTHER:
            prompt = without(prompt, thing.spellings[:1]) or prompt
    parts = (part.strip() for part in spec.negative.split(","))
    refused = (part for part in parts if (thing := find(part, "en")) is None or _is_stated(thing, stated))
    return structs.replace(spec, prompt=prompt, keywords=kept, negative=", ".join(refused))


def _is_stated(thing: Thing, stated: Stated) -> bool:
    """Whether the words name a thing, or a part of how a place is painted: "among the flowers" is a meadow."""
    named = (*stated.said, *stated.negated, *stated.gone)
    captions = [Text(phrase) for phrase in PLACES.get(thing.row, ())]
    return any(
        set(thing.spellings) & set(one.spellings) or any(caption.holds(one.spellings) for caption in captions)
        for one in named
    )
