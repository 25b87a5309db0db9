"""Which words a model of a small world does not know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.starter.reader.words.vocabulary import MAX_SHOWN, Vocabulary
from tests.reader import drawn


@pytest.fixture(scope="module")
def starter() -> Vocabulary:
    return Vocabulary(drawn.words())


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("a cat on the beach", []),
        ("a dragon on the beach", ["dragon"]),
        ("一条龙在海滩上", ["龙"]),
        ("三只猫", []),
        ("katzen am strand", []),
        ("a caslte on a moutain, nigth", []),
        ("lighthosue near the ocaen", []),
        ("baloons", []),
        ("a horse", ["horse"]),
        ("cattle and dessert", ["cattle", "dessert"]),
        ("🐱", []),
        ("一条龙飞过城堡", ["龙"]),
        ("i'd like to see a cat coming out of there, hmm", []),
        ("a person in the snow", ["person"]),
    ],
)
def test_strange_words_are_named_and_slips_are_not(starter: Vocabulary, words: str, unknown: list[str]) -> None:
    assert starter.unknown(words) == unknown


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("nigth", "night"),
        ("moutain", "mountain"),
        ("Leuchturm", "leuchtturm"),
        ("house", None),
        ("horse", None),
        ("", None),
    ],
)
def test_a_slip_is_put_right(starter: Vocabulary, word: str, meant: str | None) -> None:
    assert starter.corrected(word) == meant


def test_a_model_that_lists_nothing_knows_everything() -> None:
    assert Vocabulary().unknown("a dragon") == []
    assert not Vocabulary()
    assert Vocabulary().unknown_spans("龙") == []


@given(st.text(max_size=200))
def test_any_words_are_told_apart(words: str) -> None:
    assert len(Vocabulary(["cat", "猫"]).unknown(words)) <= MAX_SHOWN
