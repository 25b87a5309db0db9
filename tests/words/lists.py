"""The lists beside this file, read: the blocked words, and what must pass."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def blocked() -> list[str]:
    return [line for line in _lines("blocked.txt") if line]


def innocent() -> list[str]:
    """Return words and sentences, each once."""
    found: dict[str, None] = {}
    for line in _lines("innocent.txt"):
        found |= dict.fromkeys([line.strip('"')] if line.startswith('"') else line.split())
    return list(found)


def _lines(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text("utf-8").splitlines() if not line.startswith("#")]
