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
    added = _beyond(spec.keywords, base.keywords) if named else []
    removed = _beyond(base.keywords, spec.keywords) if named else []
    before, after = base.negative.split(","), spec.negative.split(",")
    added += _beyond(_beyond(before, after), added)
    removed += _beyond(_beyond(after, before), removed)
    return Changes(tuple(added[:MAX_SHOWN]), tuple(removed[:MAX_SHOWN]))


def _beyond(some: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return those of some that are not among the others, in any case, each once."""
    known = {other.strip().casefold() for other in others}
    fresh = {word.strip().casefold(): word.strip() for word in some}
    return [word for folded, word in fresh.items() if folded and folded not in known]
