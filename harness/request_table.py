"""The table of requests, and the judge of what survived: it looks at words alone, and knows nothing of the checks.

A row's `must`, `stays`, `beyond`, `never` and `goes` are groups of spellings, parted by "|", any of which will do. "~"
lets at most two words stand between ("two~cat" finds "two small cats", not "two dogs and a cat"); a plural is as good.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from bot.domain.prompt import PromptSpec

FOLDER = Path(__file__).parents[1] / "tests" / "requests"
TUNING, HELD_OUT, INDEPENDENT = "requests", "held_out", "independent"
_BETWEEN = r"(?:[ -](?!(?:and|or|with|a|an|the|in|on|at|of|by|no)\b)\w+){0,2}[ -]"
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LATIN = re.compile(r"[a-zß-öø-ÿ]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """`must`: asked for; `stays`: of the first request, not mentioned by the edit. Both are to be in the prompt.

    `never`: not in the prompt but in `negative`; `goes`: not in the prompt. `beyond`: as `must`, where the original
    word is as good, since no small model could translate it.
    """

    words: str
    lang: str
    kind: str
    first: str = ""
    must: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    goes: tuple[str, ...] = ()

    @property
    def promises(self) -> int:
        """How many things can be lost, the language of `understood` among them."""
        return len(self.must + self.beyond + self.stays + self.never + self.goes) + 1


def load(part: str) -> list[Row]:
    """Read one part of the table: TUNING, HELD_OUT or INDEPENDENT."""
    with (FOLDER / f"{part}.toml").open("rb") as file:
        rows = tomllib.load(file)["rows"]
    return [msgspec.convert(row, Row) for row in rows]


def lost(row: Row, spec: PromptSpec) -> list[str]:
    """Name each promise of the row that the spec breaks."""
    found = [group for group in row.must + row.beyond + row.stays if not holds(spec.prompt, group)]
    found += [f"goes {group}" for group in row.goes if holds(spec.prompt, group)]
    for group in row.never:
        if holds(spec.prompt, group) or not holds(spec.negative, group):
            found.append(f"never {group}")
    if not _in_language(row, spec.understood):
        found.append("understood in the requester's language")
    return found


def holds(text: str, group: str) -> bool:
    """Whether any spelling of the group is in the text."""
    return any(_pattern(spelling).search(text) for spelling in group.split("|"))


@cache
def _pattern(spelling: str) -> re.Pattern[str]:
    parts = [re.escape(part) + ("" if _HAN_OR_KANA.search(part) else "(?:s|es)?") for part in spelling.split("~")]
    body = _BETWEEN.join(parts)
    return re.compile(body if _HAN_OR_KANA.search(spelling) else rf"(?<!\w){body}(?!\w)", re.IGNORECASE)


def _in_language(row: Row, understood: str) -> bool:
    """Whether `understood` is written in a script of the request; an edit may be told in that of either request."""
    said = row.words + row.first
    if not (_HAN_OR_KANA.search(said) or _LATIN.search(said)):
        return bool(understood.strip())
    scripts = [script for script in (_HAN_OR_KANA, _LATIN) if script.search(said)]
    return any(script.search(understood) for script in scripts)
