"""The table of requests, and the judge of what survived: it looks at words alone, and knows nothing of the checks.

A row's `must`, `stays`, `beyond`, `never` and `goes` are groups of spellings, parted by "|", any of which will do. "~"
lets at most two words stand between ("two~cat" finds "two small cats", not "two dogs and a cat"); a plural is as good.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from bot.domain.prompt import PromptSpec
from harness.right_answers import Right

FOLDER = Path(__file__).parents[1] / "tests" / "requests"
STRANGERS = Path(__file__).parents[1] / "tests" / "strangers" / "understanding.jsonl"
TUNING, HELD_OUT, INDEPENDENT = "requests", "held_out", "independent"
_BETWEEN = r"(?:[ -](?!(?:and|or|with|a|an|the|in|on|at|of|by|no)\b)\w+){0,2}[ -]"
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LATIN = re.compile(r"[a-zß-öø-ÿ]{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """`must`: asked for; `stays`: of the first request, not mentioned by the edit. Both are to be in the prompt.

    `first`: the request that an edit changes; `between`: the edits before this one.
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
    between: tuple[str, ...] = ()

    @property
    def chain(self) -> tuple[str, ...]:
        """The words before these, oldest first."""
        return (self.first, *self.between) if self.first else ()

    @property
    def promises(self) -> int:
        """How many things can be lost, the language of `understood` among them."""
        return len(self.must + self.beyond + self.stays + self.never + self.goes) + 1


def load(part: str) -> list[Row]:
    """Read one part of the table: TUNING, HELD_OUT or INDEPENDENT."""
    with (FOLDER / f"{part}.toml").open("rb") as file:
        rows = tomllib.load(file)["rows"]
    return [msgspec.convert(row, Row) for row in rows]


def load_strangers() -> list[Row]:
    """Read the first requests and the changes of people who had not seen the code; chat and undo have no picture."""
    rows = [json.loads(line) for line in STRANGERS.read_text("utf-8").splitlines()]
    return [
        Row(
            row["words"],
            row["lang"],
            row["kind"],
            first="".join(row["chain"][:1]),
            between=tuple(row["chain"][1:]),
            must=tuple("|".join(group) for group in row["must"]),
            goes=tuple(row["must_not"]),
        )
        for row in rows
        if row["kind"] in ("new", "change")
    ]


def row_of(right: Right) -> Row:
    """Return a right answer as a row: asked for is each keyword that the answer's own prompt has, and no other."""
    prompt, negative = right.answer["prompt"], right.answer["negative"]
    keywords = (keyword.replace("|", " ").replace(" ", "~") for keyword in right.answer["keywords"])
    unwanted = (part.strip() for part in negative.split(","))
    return Row(
        right.words,
        right.lang,
        right.group,
        first=right.base["understood"] if right.base else "",
        must=tuple(keyword for keyword in keywords if holds(prompt, keyword)),
        never=tuple(part for part in unwanted if part and holds(negative, part) and not holds(prompt, part)),
    )


def added(row: Row, spec: PromptSpec) -> list[str]:
    """Name each keyword, and each thing in `negative`, that neither the row's groups nor its words name."""
    said = " ".join((*row.chain, row.words)).casefold()
    asked, unwanted = row.must + row.beyond + row.stays, row.never + row.goes

    def is_named(text: str, groups: tuple[str, ...]) -> bool:
        return text.casefold() in said or any(holds(text, group) for group in groups)

    parts = [part.strip() for part in spec.negative.split(",") if part.strip()]
    return [word for word in spec.keywords if not is_named(word, asked)] + [
        part for part in parts if not is_named(part, unwanted)
    ]


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
