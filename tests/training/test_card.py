"""The shipped planner's card says what the tables say that trained it."""

from __future__ import annotations

import json
from pathlib import Path

from training.world.lexicon import card

SHIPPED = Path(__file__).parents[2] / "engine" / "starter" / "models" / "planner" / "limner.json"


def test_the_shipped_card_is_that_of_the_tables() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == {"name": "limner-starter", **card()}
