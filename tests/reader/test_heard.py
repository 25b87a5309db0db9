"""What the starter's model is given of someone's words, and what they are told that it does not know."""

from __future__ import annotations

import json

import pytest

from engine.starter.reader.heard import heard
from engine.starter.reader.rewrites import rewritten
from engine.starter.reader.stated import read_stated
from engine.starter.reader.words.vocabulary import Vocabulary
from tests.reader import drawn


@pytest.mark.parametrize(
    ("words", "given", "unknown"),
    [
        ("海报上的城堡", "上的城堡", ["海报"]),
        ("海马和城堡", "和城堡", ["海马"]),
        ("海边的城堡", "海边的城堡", []),
        ("a snow man and a light house", "a snowman and a lighthouse", []),
        ("sunsett over the boaat", "sunset over the boat", []),
        ("a dessert in the desert", "a in the desert", ["dessert"]),
    ],
)
def test_words_are_given_whole_or_not_at_all(words: str, given: str, unknown: list[str]) -> None:
    known = Vocabulary(drawn.words())
    assert heard(read_stated(rewritten(words), known), known) == given
    assert json.loads(drawn.reader().answer(words, None, lambda text: "{}"))["unknown"] == unknown
