"""The shipped planner's card says what the tables say of the things that its folder lists."""

from __future__ import annotations

import json

from engine.models.source import STARTER
from engine.starter.lexicon.things import read_things
from engine.starter.lexicon.tongue import CODES
from training.world import order_words
from training.world.composition import Stock
from training.world.orders import Orders

SHIPPED = STARTER / "planner"


def test_the_shipped_card_is_that_of_the_tables() -> None:
    things = read_things(SHIPPED)
    recolors = frozenset(thing.word for thing in things if thing.recolors)
    stock = Stock([thing.word for thing in things], {thing.word: thing.stands for thing in things}, recolors)
    codes = [code for code in CODES if all(code in thing.names for thing in things)]
    orders = Orders(stock, {thing.word: thing.names for thing in things}, codes)
    card = json.loads((SHIPPED / "limner.json").read_text(encoding="utf-8"))
    assert card == {"name": "limner-starter", **order_words.card(orders)}
