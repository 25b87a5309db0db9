"""What a model of a small world adds of its own accord does not stay."""

from __future__ import annotations

from engine.starter.reader.spec import PromptSpec
from engine.starter.reader.stated import read_stated
from engine.starter.reader.strays import without_strays

BASE = PromptSpec(
    "",
    ["boat", "lake", "night"],
    "a red boat on a calm lake with trees at night, a moon, blue light, flat illustration",
)


def edited(words: str, keywords: list[str], prompt: str) -> PromptSpec:
    return without_strays(read_stated(words, edit=True), PromptSpec("", keywords, prompt), BASE)


def test_a_thing_that_nobody_named_goes() -> None:
    spec = PromptSpec("", ["red", "house", "beach"], "a red house on a beach, noon")
    assert without_strays(read_stated("a robot on the beach"), spec).prompt == "a beach, noon"
    assert without_strays(read_stated("a robot on the beach"), spec).keywords == ["red", "beach"]


def test_words_that_no_table_reads_may_have_named_it() -> None:
    spec = PromptSpec("", ["house"], "a red house, noon")
    assert without_strays(read_stated("une maison jolie"), spec).keywords == []
    assert without_strays(read_stated("eine Bude am Strand"), spec) == spec


def test_place_time_and_style_stay_where_an_edit_says_nothing_of_them() -> None:
    moved = "a red boat and a tree in a desert of sand at dawn, the sun, pink light, ink drawing"
    kept = "a red boat and a tree on a calm lake with trees at night, a moon, blue light, flat illustration"
    assert edited("add a tree", ["boat", "tree", "desert", "dawn", "ink"], moved).prompt == kept
    assert edited("add a tree", ["boat", "tree", "desert", "dawn", "ink"], moved).keywords == ["boat", "tree"]


def test_what_an_edit_speaks_of_is_left_as_the_model_wrote_it() -> None:
    new = "a red boat in a desert of sand at dawn, the sun, pink light, ink drawing"
    assert edited("in the desert at dawn, ink", ["boat", "desert", "dawn", "ink"], new).prompt == new
