"""What each language calls a thing: labels and keywords of Unicode CLDR, as emojibase publishes them, cleaned.

A keyword becomes a synonym only where it names one of the chosen things and no other: "animal" names many, so none.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from training.gallery.gallery import Names
from training.world.plurals import plurals

LANGUAGES: Final = (
    "en", "zh", "es", "ja", "de", "fr", "it", "pt", "ru", "ko", "pl", "nl", "sv", "uk", "hi", "th", "vi",
)  # fmt: skip

_ASIDE: Final = re.compile(r"\s*[(（【].*?[)）】]\s*|[“”\"«»„]")
_PARTS: Final = re.compile(r"\s*[,،、/;]\s*")
_LONGEST_SYNONYM: Final = 24


def clean(label: str) -> str:
    """A label as people say it: the first of several names, without what stands in brackets, in lower case."""
    return _PARTS.split(_ASIDE.sub(" ", label).strip())[0].strip().lower()


class NameBook:
    """The names in one folder of emojibase, by code point."""

    def __init__(self, folder: Path, languages: Iterable[str] = LANGUAGES) -> None:
        self._entries = {code: _entries(folder / code / "data.json") for code in languages}
        self._codes = {entry["label"]: code for code, entry in self._entries["en"].items()}

    def code(self, label: str) -> str | None:
        """The code point of an English label."""
        return self._codes.get(label)

    def names(self, codes: list[str], words: list[str]) -> list[dict[str, Names]]:
        """For each code point its names by language; `words` are the things' own words, which come first in English."""
        found: list[dict[str, Names]] = [{} for _ in codes]
        for language, entries in self._entries.items():
            labels = [clean(entries[code]["label"]) if code in entries else "" for code in codes]
            if language == "en":
                labels = list(words)
            tags = [_tags(entries.get(code), language, labels) for code in codes]
            uses = Counter(tag for several in tags for tag in several)
            for index, label in enumerate(labels):
                if label:
                    own = tuple(tag for tag in tags[index] if uses[tag] == 1)
                    found[index][language] = Names(label, plurals(language, label), own)
        return found


def _entries(path: Path) -> dict[str, dict[str, str]]:
    return {entry["hexcode"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}


def _tags(entry: dict[str, str] | None, language: str, labels: list[str]) -> list[str]:
    """The keywords that may name a thing: not another's label, no sentence; of English also CLDR's own label."""
    if entry is None:
        return []
    tags = [str(tag).lower() for tag in entry.get("tags", ())]
    if language == "en":
        tags.append(clean(entry["label"]))
    allowed: Callable[[str], bool] = lambda tag: tag not in labels and len(tag) <= _LONGEST_SYNONYM  # noqa: E731
    return sorted({tag for tag in tags if allowed(tag) and re.search(r"\w\w|[\u3040-\uffff]", tag)})
