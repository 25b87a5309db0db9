"""What a refinement changed, in words."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.prompt import PromptSpec


@dataclass(frozen=True, slots=True)
class Changes:
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def changes(base: PromptSpec, spec: PromptSpec) -> Changes:
    old, new = base.keywords, spec.keywords
    return Changes(tuple(w for w in new if w not in old), tuple(w for w in old if w not in new))
