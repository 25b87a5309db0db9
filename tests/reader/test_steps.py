"""Edits with several changes in one message, edits that name a thing only as a landmark, and orders of unknown things."""

# ruff: noqa: E501 (lists of requests)

from __future__ import annotations

import json
import re

import pytest

from engine.starter.reader.spec import PromptSpec
from tests.reader.drawn import reader

BOAT, CAT = "a red boat on a lake at night", "a cat and a house in a meadow"
EDITS = [  # base, words, what the prompt holds, what it does not hold
    (BOAT, "make the boat blue and add a tree", "blue boat;tree", "blue tree;red;two"),
    (BOAT, "make the boat blue, add some fireworks", "blue boat;fireworks", "red"),
    (BOAT, "add a dog and make it brown", "brown dog;red boat", "brown boat"),
    (BOAT, "turn the boat into a house and make it blue", "blue house", "boat"),
    (BOAT, "remove the moon and add stars", "star;boat", "moon"),
    (BOAT, "add a cat on the boat", "cat;red boat", "two"),
    (BOAT, "add a tree to the lake", "tree;red boat", "a lake on"),
    (BOAT, "add a green boat next to the boat", "red boat;green boat", "two"),
    (BOAT, "add another boat", "two", "three"),
    (BOAT, "one more boat", "two", "three"),
    (CAT, "make the cat black and the house white", r"black (sitting )?cat;white house", "white cat;black house"),
    (CAT, "remove the cat and the house", "meadow", "cat;house"),
    (CAT, "a dog not a cat", "dog;house", "cat"),
    (CAT, "make the house red, then add a boat", "red house;boat;cat", "red cat;red boat"),
    (BOAT, "把船变成蓝色，再加一棵树", "blue boat;tree", "red;blue tree"),
    (BOAT, "在船上加一只猫", "cat;red boat", "two"),
    (CAT, "去掉房子，再加一只狗", "dog;cat", "house"),
    (BOAT, "pinta el barco de azul y añade un árbol", "blue boat;tree", "red;blue tree"),
    (BOAT, "añade un gato al barco", "cat;red boat", "two"),
    (CAT, "agrega una barca azul detrás del gato", "blue boat;cat", "blue (sitting )?cat"),
    (BOAT, "mach das Boot blau und füge einen Baum hinzu", "blue boat;tree", "red;blue tree"),
    (BOAT, "füge eine Katze auf dem Boot hinzu", "cat;red boat", "two"),
    (BOAT, "ボートを青くして、木を足して", "blue boat;tree", "red;blue tree"),
    (BOAT, "ボートの上に猫を足して", "cat;red boat", "two"),
]


@pytest.mark.parametrize(("base", "words", "held", "not_held"), EDITS)
def test_each_change_of_an_edit_is_made_where_it_belongs(base: str, words: str, held: str, not_held: str) -> None:
    answer = _reply(words, base)
    assert answer["kind"] == "change"
    prompt = answer["prompt"]
    assert [one for one in held.split(";") if not re.search(one, prompt)] == [], prompt
    assert [one for one in not_held.split(";") if re.search(rf"\b{one}", prompt)] == [], prompt


ORDERS = """remove the fence; zoom out a bit; add motion blur; less saturated please; get rid of the lamp post; flip it horizontally;
could he be holding a trumpet; from a low angle; the knight should have a longer cape; 让画面更有电影感; 把栅栏去掉; 背景虚化一点;
hazlo más dramático; quita la valla; entferne den Zaun; gib ihm einen Bart; 柵を消して; 背景をぼかして"""
TALK = """remove me from the list please; let me know when it's done; turn around bro; add me on steam; give him a medal; make up your mind;
put it on my fridge; let's go; 加我微信; 换我来; 让他们看看; hazme caso; mach dir keine Sorgen; ちょっと待って; 見せて"""


@pytest.mark.parametrize("words", [one.strip() for one in ORDERS.split(";")])
def test_an_order_of_what_the_model_does_not_know_is_a_change(words: str) -> None:
    assert _reply(words, BOAT)["kind"] == "change"


@pytest.mark.parametrize("words", [one.strip() for one in TALK.split(";")])
def test_an_order_to_people_is_none(words: str) -> None:
    assert _reply(words, BOAT)["kind"] == "chat"


def _reply(words: str, base: str) -> dict[str, str]:
    first = json.loads(reader().answer(base, None, lambda _: "{}"))
    spec = PromptSpec(first["understood"], first["keywords"], first["prompt"], first["negative"])
    answer: dict[str, str] = json.loads(reader().answer(words, spec, lambda _: "{}"))
    return answer
