"""Replies composed from patterns: `[a|b]` is one of several, `{thing}` a word of the list that the file begins with.

A file a language, beside the rows that were written whole. Each line is a kind or a list's name, a tab, and the text.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent / "replies" / "patterns"
KINDS = ("chat", "change")
_CHOICE = re.compile(r"\[([^\[\]]*)\]|\{(\w+)\}")


def composed(path: Path, each: int, every: int = 1) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of up to `each` replies of each `every`-th pattern; they are the same in each run."""
    lines = [tuple(line.split("\t", 1)) for line in path.read_text("utf-8").splitlines()]
    lists = {name: text.split("|") for name, text in lines if name not in KINDS}
    for kind, pattern in [line for line in lines if line[0] in KINDS][::every]:
        random = Random(pattern)
        for text in dict.fromkeys(_one(pattern, lists, random) for _ in range(each)):
            yield kind, text


def _one(pattern: str, lists: dict[str, list[str]], random: Random) -> str:
    while match := _CHOICE.search(pattern):
        choices = lists[match[2]] if match[2] else match[1].split("|")
        pattern = pattern[: match.start()] + random.choice(choices) + pattern[match.end() :]
    return " ".join(pattern.split())
