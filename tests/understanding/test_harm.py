"""A language model that understands perfectly is left alone, in every language, at the painter's door."""

from __future__ import annotations

import re

import pytest

from harness.right_answers import Right, find_harm, load_right

UNHARMED = re.compile(r"independent|everyday|chains|removals|replacements|languages")
"""Groups in which no line may be harmed."""


async def test_right_answers_are_left_alone() -> None:
    rows = load_right()
    assert len(rows) >= 300
    harmed = await find_harm(rows)
    assert [(row.words, found) for row, found in harmed if UNHARMED.match(row.group)] == []
    assert len(harmed) <= len(rows) / 100, harmed


@pytest.mark.parametrize(
    ("words", "prompt", "negative", "harmed"),
    [
        ("a boat", "a red boat", "", False),
        ("a boat", "a red boat, boat", "", True),
        ("a boat", "a red boat", "people", True),
        ('a sign "Hi"', 'a red boat, "Hi"', "", False),
        ('a sign "Hi"', 'a red boat, "Ho"', "", True),
    ],
)
def test_the_judge_sees_each_change_but_quotations(words: str, prompt: str, negative: str, harmed: bool) -> None:
    assert Right("x", "en", words, {"prompt": "a red boat", "negative": ""}).harmed(prompt, negative) is harmed
