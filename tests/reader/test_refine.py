"""A refinement changes what it names, and keeps the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.starter.reader.refine import append_edit, keep_base
from engine.starter.reader.spec import MAX_PROMPT_CHARS, PromptSpec
from engine.starter.reader.stated import read_stated

BASE = PromptSpec("a beach", ["two cats", "beach", "sunset"], "two cats on a beach at sunset, warm light", "people")


def edited(words: str, keywords: list[str], prompt: str, base: PromptSpec = BASE, negative: str = "") -> PromptSpec:
    return keep_base(read_stated(words, edit=True), base, PromptSpec("", keywords, prompt, negative))


def test_a_new_time_takes_the_old_ones_part() -> None:
    spec = edited("make it night", ["cats", "beach", "night"], "two cats on a beach at night, blue light")
    assert spec.prompt == "two cats on a beach at night, blue light"
    assert spec.keywords == ["two cats", "beach", "night"]


def test_a_time_that_the_model_left_is_written_over() -> None:
    assert "sunset" not in edited("make it night", [], BASE.prompt).prompt
    assert "night" in edited("make it night", [], BASE.prompt).prompt


@pytest.mark.parametrize(
    ("words", "prompt", "becomes"),
    [
        ("make it night", "two cats at night", "two cats at night, beach"),
        ("make it night", "a cat on a beach at night", "two cats on a beach at night"),
        ("add a lighthouse", "a lighthouse", "a lighthouse, two cats, beach, sunset"),
        ("add a lighthouse", BASE.prompt, BASE.prompt + ", lighthouse"),
        ("ajoute un phare", "a lighthouse and two cats on a beach", "a lighthouse and two cats on a beach, sunset"),
    ],
)
def test_what_the_model_dropped_is_put_back(words: str, prompt: str, becomes: str) -> None:
    assert edited(words, ["lighthouse"] if "lighthouse" in prompt else [], prompt).prompt == becomes


@pytest.mark.parametrize(
    ("words", "prompt"),
    [
        ("remove the cats", "a beach at sunset"),
        ("no cats", "a beach at sunset"),
        ("去掉猫", "a beach at sunset"),
        ("replace the cats with a dog", "a dog on a beach at sunset"),
        ("a dog instead", "a dog on a beach at sunset"),
        ("put them in the forest", "two cats in a forest at sunset"),
        ("only one cat, three dogs", "three dogs and two cats on a beach at sunset"),
    ],
)
def test_what_goes_is_not_put_back(words: str, prompt: str) -> None:
    new = sorted({"dog", "forest", "dogs"} & set(prompt.split()))
    assert edited(words, new, prompt).prompt == prompt


def test_what_the_model_did_not_take_away_goes() -> None:
    assert edited("remove the beach", [], BASE.prompt).prompt == "two cats at sunset, warm light"
    assert edited("remove the cats", ["cats", "beach"], "two cats on a beach at sunset").keywords == ["beach", "sunset"]


def test_a_thing_that_takes_anothers_place_is_written_over_it() -> None:
    base = PromptSpec("", ["house", "beach"], "a red house on a beach, flat illustration", "")
    spec = edited("make it a castle", ["house", "beach"], base.prompt, base)
    assert (spec.prompt, spec.keywords) == ("a red castle on a beach, flat illustration", ["beach", "castle"])
    assert edited("ink", ["house", "beach"], base.prompt, base).prompt == "a red house on a beach, ink"


def test_a_count_or_colour_alone_is_the_subjects() -> None:
    base = PromptSpec("", ["cat", "beach"], "a cat on a beach", "")
    assert edited("two of them", ["cat", "beach"], "a cat on a beach", base).prompt == "two cats on a beach"
    assert edited("make it blue", ["cat", "beach"], "a cat on a beach", base).prompt == "a blue cat on a beach"


def test_another_one_keeps_the_colour_of_the_first() -> None:
    base = PromptSpec("", ["black", "cat", "snow"], "a black cat in the snow", "")
    spec = edited("再加一只白猫", ["white", "cat", "snow"], "a white cat and a cat in the snow", base)
    assert spec.prompt == "a white cat and a black cat in the snow"


def test_what_must_not_be_there_stays_so_until_it_is_asked_for() -> None:
    assert edited("make it night", [], "two cats on a beach at night").negative == "people"
    assert edited("no clouds", [], BASE.prompt).negative == "people, clouds"
    assert edited("add people", ["people"], "people and two cats on a beach at sunset").negative == ""


def test_what_is_left_of_a_keyword_is_still_one() -> None:
    base = PromptSpec("", ["man in a blue coat"], "a man in a blue coat", "")
    assert edited("make the coat red", [], base.prompt, base).keywords == ["red coat", "man"]


def test_names_and_quotes_stay() -> None:
    base = PromptSpec("", ["boat", '"Nemo"', "Luna", "小白"], 'a boat "Nemo" with Luna, 小白', "")
    assert (
        edited("at night", ["boat", "night"], "a boat at night", base).prompt == 'a boat at night, "Nemo", Luna, 小白'
    )


def test_without_a_model_the_edit_comes_behind() -> None:
    spec = append_edit(read_stated("add a lighthouse", edit=True), BASE)
    assert spec.prompt == "two cats on a beach at sunset, warm light, lighthouse"
    assert spec.keywords == ["two cats", "beach", "sunset", "lighthouse"]
    assert append_edit(read_stated("поставь маяк", edit=True), BASE).prompt.endswith("warm light, поставь маяк")
    assert "sunset" not in append_edit(read_stated("改成夜晚", edit=True), BASE).prompt


@given(st.text(max_size=100), st.text(min_size=1, max_size=200), st.lists(st.text(max_size=20), max_size=5))
def test_any_answer_to_any_edit_becomes_a_spec(words: str, prompt: str, keywords: list[str]) -> None:
    spec = edited(words, keywords, prompt)
    assert 0 < len(spec.prompt) <= MAX_PROMPT_CHARS
    assert "people" in spec.negative or "people" in words or "person" in words
