"""Which labels of a classifier name what is not safe to be seen."""

from __future__ import annotations

from typing import Any

NSFW_LABELS = frozenset(
    {"nsfw", "unsafe", "porn", "hentai", "sexy", "sexual", "explicit", "nude", "nudity", "erotic", "gore", "toxic"}
)
"""How classifiers call what is not to be seen; a label counts by its words, in any case."""


def is_nsfw(label: str) -> bool:
    """Tell whether a classifier's label names what is not to be seen."""
    words = label.casefold().replace("-", " ").replace("_", " ").replace("/", " ").split()
    return not NSFW_LABELS.isdisjoint(words)


def classes(config: Any) -> list[int]:
    """Return the indices of a classifier's labels that count. Raises ValueError where none does."""
    labels = {int(index): str(label) for index, label in config.id2label.items()}
    counted = [index for index, label in labels.items() if is_nsfw(label)]
    if not counted:
        raise ValueError(f"none of its labels ({', '.join(labels.values())}) names what is not to be seen")
    return counted
