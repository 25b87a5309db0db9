"""The line that says what was understood, in the requester's language."""

from __future__ import annotations

from collections.abc import Mapping

from engine.starter.lexicon.hearing import hearing
from engine.starter.lexicon.order import NONE, Group, Order
from engine.starter.lexicon.things import Thing
from engine.starter.lexicon.tongue import Tongue

_UNSPACED = ("zh", "ja", "ko")
"""Languages whose lists call a fox the face of a fox."""


def line_of(order: Order, spoken: Tongue, things: Mapping[str, Thing]) -> str:
    """Return what was said so far in the plainest words, parted by commas."""
    parts = [named(group, spoken, things) for group in order.groups]
    if order.relation == "front":
        pattern = spoken.front[0]
        parts = [pattern.format(first=parts[0], second=parts[1])]
    tables = ((spoken.sides, order.position), (spoken.places, order.place), (spoken.times, order.time),
              (spoken.skies, order.sky), (spoken.styles, order.style))  # fmt: skip
    parts += [table[value][0] for table, value in tables if value]
    return ("、" if spoken.code == "ja" else "，" if spoken.code == "zh" else ", ").join(parts)


def named(group: Group, spoken: Tongue, things: Mapping[str, Thing]) -> str:
    """Return a group in the plainest words: "2 × red cat"."""
    thing = things[group.thing]
    name = label(thing, spoken.code)
    slots = {
        "count": "",
        "size": "" if group.size == NONE else spoken.sizes[group.size][0],
        "color": "" if group.color == NONE else spoken.colors[group.color][0],
        "noun": name,
    }
    words = " ".join(spoken.phrase.format(**slots).split())
    return f"{group.count} × {words}" if group.count > 1 else words


def label(thing: Thing, code: str) -> str:
    """Return what a language calls a thing; in English where it has no name."""
    name = thing.names[code].label if code in thing.names else thing.word
    everyday = hearing(code).things.get(thing.word, "").split()
    if everyday and code != "en" and (len(everyday[0]) < len(name) or code in _UNSPACED):
        name = everyday[0].replace("_", " ")
    return name.title() if code == "de" else name
