"""/status names what a small world holds, and says so where it names only a part of it."""

from __future__ import annotations

import pytest

from bot.ui.status import KNOWN_SHOWN, status_text
from engine.api.messages import Model, ModelFacts, Status


def told(known: list[str]) -> str:
    model = Model("planner", limner=ModelFacts("planner", knows={"en": known}))
    answer = status_text("en-US", Status(waiting=0, wait_s=0.0), [model], paused=None, running=0, since=0.0, now=0.0)
    return next(line for line in answer.splitlines() if "small world" in line)


@pytest.mark.parametrize(("more", "end"), [(0, ""), (1, "…")])
def test_a_list_that_is_cut_says_that_it_goes_on(more: int, end: str) -> None:
    things = [f"thing{number}" for number in range(KNOWN_SHOWN + more)]
    assert told(things) == f"-# It knows a small world: {', '.join(things[:KNOWN_SHOWN])}{end}"
