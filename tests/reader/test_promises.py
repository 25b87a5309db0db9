"""What was stated survives whatever the language model wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.starter.reader.promises import as_stated, keep, lost
from engine.starter.reader.spec import MAX_KEYWORDS, MAX_PROMPT_CHARS, PromptSpec
from engine.starter.reader.stated import read_stated
from engine.starter.reader.words.vocabulary import Vocabulary

SMALL = Vocabulary(
    ["cat", "house", "beach", "boat", "lake", "red", "blue", "white", "black", "two", "猫", "海滩", "no"]
)


def kept(words: str, prompt: str, keywords: list[str] | None = None, negative: str = "") -> PromptSpec:
    return keep(read_stated(words), PromptSpec("", keywords or [], prompt, negative))


@pytest.mark.parametrize(
    ("words", "prompt", "becomes"),
    [
        ("two cats on the beach", "an orange sitting cat on the beach", "two orange sitting cats on the beach"),
        ("two cats on the beach", "three cats on the beach", "two cats on the beach"),
        ("两艘船", "a boat on a lake", "two boats on a lake"),
        ("two moons", "a full moon in the sky", "two full moons in the sky"),
        ("a blue boat", "a red boat", "a blue boat"),
        ("an orange house", "a house by the sea", "an orange house by the sea"),
        ("a red house and a blue boat", "a red house and a boat", "a red house and a blue boat"),
        ("a black cat and a white cat", "a black cat and a cat", "a black cat and a white cat"),
        ("a cat and a dragon", "a cat on a roof", "a cat on a roof, dragon"),
        ("robot riding a bicycle on the beach", "a beach, noon", "a beach, noon, robot riding a bicycle"),
        ('a boat called "Sea Breeze"', "a boat", 'a boat, "Sea Breeze"'),
        ("城堡上写着「欢迎」", "a castle", "a castle, 「欢迎」"),
        ("my cat Luna", "a cat", "a cat, Luna"),
        ("三只恐龙在海滩上", "a beach", "a beach, three dinosaurs"),
        ("una casa roja y un perro", "a house", "a red house, dog"),
        ("a house with a red roof", "a house", "a house, red roof"),
    ],
)
def test_what_was_lost_is_put_back(words: str, prompt: str, becomes: str) -> None:
    assert kept(words, prompt).prompt == becomes


@pytest.mark.parametrize(
    ("words", "prompt"),
    [
        ("two cats on the beach", "two small cats play on a sandy beach"),
        ("seven dwarves", "seven tiny dwarfs"),
        ("a kitten", "a sleepy cat"),
        ("夜里的船", "a ship at night"),
        ('the words "Happy Birthday, Sam!"', "a card that reads 'happy birthday, sam!'"),
        ("a red wooden house", "a red and cosy wooden house, red wooden house"),
    ],
)
def test_what_was_kept_stays_as_it_is(words: str, prompt: str) -> None:
    assert kept(words, prompt).prompt == prompt


@pytest.mark.parametrize(
    ("words", "prompt", "becomes", "negative"),
    [
        ("a lake, no clouds", "a lake, clouds in the sky, flat", "a lake, flat", "clouds"),
        ("a lake without trees", "a calm lake with pine trees at noon", "a calm lake at noon", "trees"),
        ("没有人的海滩", "a beach with people", "a beach", "people"),
        ("a house, no cat", "a cat and a house", "house", "cat"),
        ("a house that is not red", "a red house, noon", "a house, noon", "red"),
        ("mountains, no tree", "a green tree in front of tall mountains, noon", "tall mountains, noon", "tree"),
    ],
)
def test_what_must_not_be_there_is_taken_out_and_named(words: str, prompt: str, becomes: str, negative: str) -> None:
    spec = kept(words, prompt)
    assert (spec.prompt.removeprefix("a "), spec.negative) == (becomes.removeprefix("a "), negative)


def test_what_was_asked_for_is_not_left_out() -> None:
    assert kept("a cat", "a cat", negative="cat, blurry").negative == "blurry"


def test_keywords_hold_what_was_put_back_and_nothing_twice() -> None:
    spec = kept("two cats and Luna on the beach", "a cat on the beach", ["cat", "beach", "sky"])
    assert spec.keywords == ["beach", "two cats", "Luna"]


def test_words_are_the_better_prompt_where_nothing_was_kept() -> None:
    assert kept("a dragon", "a lake at noon", ["lake"]).prompt == "a dragon"
    assert keep(read_stated("恐龙", SMALL), PromptSpec("", [], "a lake"), small=True).prompt == "dinosaur"
    assert kept("a castle with no people", "a lake").prompt == "a castle"


def test_a_small_model_draws_nothing_that_nobody_asked_for() -> None:
    spec = PromptSpec("", ["red", "house", "beach"], "a red house on a beach by the sea, noon", "")
    assert (
        keep(read_stated("a robot on the beach", SMALL), spec, small=True).prompt == "a beach by the sea, noon, robot"
    )
    assert keep(read_stated("a robot on the beach"), spec).prompt.startswith("a red house on a beach")


def test_what_a_small_model_never_saw_comes_last() -> None:
    spec = PromptSpec("", [], "an orange cat on the beach", "")
    assert keep(read_stated("two cats", SMALL), spec, small=True).prompt == "an orange cat on the beach, two cats"
    assert keep(read_stated("a purple cat", SMALL), spec, small=True).prompt == "an orange cat on the beach, purple cat"
    assert keep(read_stated("a blue cat", SMALL), spec, small=True).prompt == "a blue cat on the beach"


def test_without_a_model_the_words_are_cut_and_translated() -> None:
    spec = as_stated(read_stated("两只猫在海滩上，没有人"))
    assert spec.prompt == "两只猫在海滩上, two cats, beach"
    assert spec.negative == "people"
    assert as_stated(read_stated("两只猫在海滩上"), translated=True).prompt == "two cats, beach"
    assert as_stated(read_stated("🐱 in a hat")).prompt == "cat in a hat"


PIECES = "a the two cats cat red blue house and , . no without on beach 三只 猫 没有 船 “x” dragon Luna 🐱 sin"
WORDS = st.lists(st.sampled_from([*PIECES.split(), '"hi there"']), max_size=25).map(" ".join)


@given(WORDS, WORDS.filter(str.strip), st.booleans())
def test_nothing_stated_is_ever_lost(words: str, prompt: str, small: bool) -> None:
    stated = read_stated(words, SMALL if small else Vocabulary())
    spec = keep(stated, PromptSpec("", ["cat", "beach"], prompt, "boat"), small=small)
    assert not [one for one in lost(stated, spec.prompt) if not one.head]
    assert 0 < len(spec.prompt) <= MAX_PROMPT_CHARS
    assert len(spec.keywords) <= MAX_KEYWORDS


@given(st.text(max_size=300), st.text(min_size=1, max_size=300), st.lists(st.text(max_size=20), max_size=5))
def test_any_answer_becomes_a_spec(words: str, prompt: str, keywords: list[str]) -> None:
    spec = keep(read_stated(words), PromptSpec("", keywords, prompt, prompt))
    assert len(spec.prompt) <= MAX_PROMPT_CHARS


@pytest.mark.parametrize(
    ("words", "prompt", "kept"),
    [
        ("a cat on a red sofa", "a red sitting cat by day", "a sitting cat by day"),
        ("an orange pumpkin and a house", "an orange house at night", "a house at night"),
        ("a red cat and a red sofa", "a red cat by day", "a red cat by day"),
        ("a blue boat near a white lighthouse", "a white boat by day", "a blue boat by day"),
        ("a tree with green apples and a yellow house", "a green tree and a yellow house", "a tree and a yellow house"),
    ],
)
def test_a_colour_of_one_thing_is_not_the_other_ones(words: str, prompt: str, kept: str) -> None:
    assert keep(read_stated(words), PromptSpec("", ["cat"], prompt), small=True).prompt.startswith(kept)


@pytest.mark.parametrize(
    ("words", "prompt", "kept"),
    [
        ("a wolf in a dark forest", "a pine forest at night", "wolf in a dark forest"),
        ("a monk on a quiet beach", "a sandy beach by the sea by day", "monk on a quiet beach"),
        ("a dancer in a small house", "a house by day", "dancer in a small house"),
        ("a fox by a tiny boat", "a boat by day", "fox by a tiny boat"),
        ("a bear under a huge tree", "a tree by day", "bear under a huge tree"),
    ],
)
def test_what_is_put_back_ends_with_its_noun(words: str, prompt: str, kept: str) -> None:
    assert keep(read_stated(words), PromptSpec("", [], prompt), small=True).prompt.endswith(kept)
