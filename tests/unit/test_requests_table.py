"""The table of requests is what it claims to be, and its judge can say no."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.domain.jobs import MAX_WORDS_CHARS
from bot.domain.prompt import PromptSpec
from harness.request_table import HELD_OUT, TUNING, Row, holds, load, lost


def test_there_are_enough_rows_of_every_kind_and_language() -> None:
    rows = load(TUNING)
    kinds, languages = Counter(row.kind for row in rows), Counter(row.lang for row in rows)
    assert len(rows) >= 200
    assert len(load(HELD_OUT)) >= 40
    assert kinds["edit"] >= 30
    assert min(kinds[kind] for kind in ("count", "color", "negation", "name", "quote", "typo", "beyond", "long")) >= 6
    assert languages["en"] >= 80 and languages["zh"] >= 40
    assert min(languages[lang] for lang in ("es", "ja", "de", "mixed")) >= 10
    sizes = [len(row.words.split()) for row in rows]
    assert min(sizes) == 1 and 380 <= max(sizes) <= 400


def test_no_row_is_there_twice_and_none_is_held_out_that_was_tuned_on() -> None:
    asked = [(row.first.casefold(), row.words.casefold()) for part in (TUNING, HELD_OUT) for row in load(part)]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("part", [TUNING, HELD_OUT])
def test_every_row_says_what_must_survive(part: str) -> None:
    for row in load(part):
        assert row.promises > 1, row.words
        assert len(row.words) <= MAX_WORDS_CHARS
        assert bool(row.first) == (row.kind == "edit"), row.words
        assert row.first or not (row.stays or row.goes), row.words


@pytest.mark.parametrize(
    ("text", "group", "found"),
    [
        ("two small cats on a roof", "two~cat", True),
        ("two dogs and a cat", "two~cat", False),
        ("two, cats", "two~cat", False),
        ("a Cat", "dog|cat", True),
        ("a category", "cat", False),
        ("the sign says “OPEN LATE”", "open late", True),
        ("a red house and a boat", "red~boat", False),
        ("写着欢迎光临", "欢迎光临", True),
    ],
)
def test_the_judge_sees_whole_words(text: str, group: str, found: bool) -> None:
    assert holds(text, group) is found


def test_the_judge_names_each_broken_promise() -> None:
    row = Row("没有船的湖", "zh", "edit", "湖", must=("lake",), never=("boat",), stays=("tree",), goes=("cat",))
    assert lost(row, PromptSpec("没有船的湖", [], "a lake and a tree", "boats")) == []
    assert lost(row, PromptSpec("a boat", [], "a boat with a cat", "")) == [
        "lake", "tree", "goes cat", "never boat", "understood in the requester's language",
    ]  # fmt: skip
