"""What a refinement changed, in a few words: "+ boat − sunset"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.prompt import PromptSpec

MAX_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Changes:
    """What came and what went; what is left out from now on went, and "no clouds" is not told twice."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def changes(base: PromptSpec, spec: PromptSpec) -> Changes:
    """Compare two specs by their keywords and by what they leave out."""
    named = base.keywords and spec.keywords  # words as written and prompts edited by hand have none
    now, then = _joined(spec.keywords, base.keywords), _joined(base.keywords, spec.keywords)
    added = _beyond(now, then) if named else []
    removed = _beyond(_beyond(then, now), map(_head, now)) if named else []  # "blue boat" still has the boat
    before, after = base.negative.split(","), spec.negative.split(",")
    added += _beyond(_beyond(before, after), added)
    removed += _beyond(_beyond(after, before), removed)
    return Changes(tuple(added[:MAX_SHOWN]), tuple(removed[:MAX_SHOWN]))


def _joined(some: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return some, with those as one keyword that the others name as one: red, boat beside "red boat"."""
    words = list(some)
    single = {word.strip().casefold() for word in words}
    found = [other for other in others if len(parts := other.casefold().split()) > 1 and single.issuperset(parts)]
    taken = {part for other in found for part in other.casefold().split()}
    return [*found, *(word for word in words if word.strip().casefold() not in taken)]


def _head(keyword: str) -> str:
    """Return what a keyword of several words is of: of "blue boat" the boat."""
    return keyword.strip().rpartition(" ")[2]


def _beyond(some: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return those of some that are not among the others, in any case, each once."""
    known = {other.strip().casefold() for other in others}
    fresh = {word.strip().casefold(): word.strip() for word in some}
    return [word for folded, word in fresh.items() if folded and folded not in known]
