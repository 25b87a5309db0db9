"""A LoRA's trigger words: what its file, or a file beside it, says that a prompt should hold.

Invariant: however large the tables in a file, no more than `MAX_WORDS` short words come out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

MAX_WORDS, MAX_WORD_CHARS = 10, 60
MAX_FILE_BYTES = 256 << 10
COMMON_SHARE = 0.9
"""A tag counts that comes this share as often as the most frequent one: it stood by nearly all pictures."""
_REPEATS = re.compile(r"^\d+_")


def trigger_words(path: Path, metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words of the file's trigger phrase, else of the .txt or .json beside it, else the common tags."""
    for words in (_listed(metadata.get("modelspec.trigger_phrase", "")), _beside(path)):
        if chosen := _chosen(words):
            return chosen
    return _chosen(_tags(metadata.get("ss_tag_frequency", "")))


def _beside(path: Path) -> list[str]:
    text = _read(path.with_suffix(".txt"))
    if text.strip():
        return _listed(text)
    facts = _json(_read(path.with_suffix(".json")))
    words = (facts.get("activation text") or facts.get("trainedWords")) if isinstance(facts, dict) else None
    if isinstance(words, list):
        return [part for word in words if isinstance(word, str) for part in _listed(word)]
    return _listed(words) if isinstance(words, str) else []


def _tags(text: str) -> list[str]:
    """Return the tags of kohya's table, by folder, that stood by nearly all pictures; else the folders' names."""
    table = _json(text)
    counts: Counter[str] = Counter()
    for tags in table.values() if isinstance(table, dict) else ():
        for tag, count in tags.items() if isinstance(tags, dict) else ():
            if isinstance(count, int):
                counts[tag] += count
    if not counts:
        return [_REPEATS.sub("", folder) for folder in table] if isinstance(table, dict) else []
    most = max(counts.values())
    return [tag for tag, count in counts.most_common(MAX_WORDS) if count >= COMMON_SHARE * most]


def _chosen(words: Iterable[str]) -> tuple[str, ...]:
    """Return the first words that are short enough to be trigger words, each once, in one line."""
    lines = (" ".join("".join(sign if sign.isprintable() else " " for sign in word).split()) for word in words)
    return tuple(dict.fromkeys(line for line in lines if 0 < len(line) <= MAX_WORD_CHARS))[:MAX_WORDS]


def _listed(text: str) -> list[str]:
    return re.split(r"[,\n]", text)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
