"""Lists of names give a thing words that nobody calls it by: "order", as of a lion's; these name nothing here."""

from __future__ import annotations

import json

import pytest

from engine.models.source import STARTER
from engine.starter.lexicon.hearing import hearing
from engine.starter.lexicon.things import Names, Thing, read_things
from engine.starter.lexicon.tongue import CODES
from engine.starter.orders.read import OrderReader

LION = Thing("lion", "ground", recolors=False, names={"en": Names("lion", synonyms=("order", "lioness"))})
DOG = Thing("dog", "ground", recolors=True, names={"en": Names("dog")})


def nobody(_: str) -> str:
    raise AssertionError("the model was asked")


@pytest.mark.parametrize(
    ("words", "keywords"), [("order a dog", ["dog"]), ("a lioness", ["lion"]), ("a lion", ["lion"])]
)
def test_a_word_that_nobody_calls_a_thing_by_is_no_name_of_it(words: str, keywords: list[str]) -> None:
    assert json.loads(OrderReader([LION, DOG]).answer(words, None, nobody))["keywords"] == keywords


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("a pirate on the beach", "pirate"), ("ein König im Wald", "König"), ("una reina", "reina"),
        ("un pirate sur la plage", "pirate"), ("zuppa sulla spiaggia", "zuppa"), ("um pirata na praia", "pirata"),
        ("тарелка на лугу", "тарелка"), ("海賊と船", "海賊"), ("왕과 성", "왕"), ("国王在城堡前", "国王"),
        ("muszla na plaży", "muszla"), ("ridders in het bos", "ridders"),
    ],
)  # fmt: skip
def test_what_lists_of_names_give_to_another_thing_is_told_as_unknown(words: str, unknown: str) -> None:
    answer = json.loads(OrderReader(read_things(STARTER / "planner")).answer(words, None, nobody))
    assert answer["unknown_thing"] == unknown


@pytest.mark.parametrize("code", CODES)
def test_no_thing_of_the_starter_loses_the_name_by_which_it_is_told(code: str) -> None:
    told = {thing.names[code].label for thing in read_things(STARTER / "planner")}
    assert not told & set(hearing(code).misnamed.split())
