"""What a language model's folder says of it: the file limner.json beside its weights."""

from __future__ import annotations

from msgspec import Struct


class PlannerFacts(Struct, frozen=True):
    """limner.json in a language model's folder; `knows` and what follows as in ModelFacts."""

    name: str | None = None
    knows: dict[str, list[str]] = {}
    words: list[str] = []
    languages: dict[str, str] = {}
    common: dict[str, list[str]] = {}
