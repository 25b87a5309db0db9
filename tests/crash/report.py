"""The table of lives that were played, by story and strike, from the notes of `make crash`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from tests.chaos.invariants import SORTS
from tests.crash.shim import WAYS


def report(lives: Iterable[Mapping[str, Any]]) -> str:
    """Return a table in Markdown: of each story its calls, and how many were struck in each way."""
    struck: Counter[tuple[str, str]] = Counter()
    calls: dict[str, int] = {}
    wrong: Counter[str] = Counter()
    died = 0
    for life in lives:
        wrong.update(life["sorts"])
        if life["how"] == "count":
            calls[life["story"]] = life["calls"]
        elif life["struck"]:
            struck[life["story"], life["how"]] += 1
            died += life["ended"] == "with -9"
    ways = [how for how in WAYS if any(struck[story, how] for story in calls)]
    rows = [["story", "calls", *(f"`{how}`" for how in ways)], ["---", *["---:"] * (len(ways) + 1)]]
    rows += [[story, str(calls[story]), *(str(struck[story, how]) for how in ways)] for story in calls]
    rows.append(["all", str(sum(calls.values())), *(str(sum(struck[story, how] for story in calls)) for how in ways)])
    told = f"{struck.total()} lives were struck, {died} died: " + ", ".join(f"{wrong[sort]} {sort}" for sort in SORTS)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + f"\n\n{told}"
