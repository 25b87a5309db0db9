"""What a model of a small world adds of its own accord does not stay."""

from __future__ import annotations

from engine.starter.reader.spec import PromptSpec
from engine.starter.reader.stated import read_stated
from engine.starter.reader.strays import without_strays


def test_a_thing_that_nobody_named_goes() -> None:
    spec = PromptSpec("", ["red", "house", "beach"], "a red house on a beach, noon")
    assert without_strays(read_stated("a robot on the beach"), spec).prompt == "a beach, noon"
    assert without_strays(read_stated("a robot on the beach"), spec).keywords == ["red", "beach"]


def test_words_that_no_table_reads_may_have_named_it() -> None:
    spec = PromptSpec("", ["house"], "a red house, noon")
    assert without_strays(read_stated("une maison jolie"), spec).keywords == []
    assert without_strays(read_stated("eine Bude am Strand"), spec) == spec


def test_what_nobody_refused_is_not_left_out() -> None:
    spec = PromptSpec("", ["white", "house"], "a white house by day", "moon, clouds")
    assert without_strays(read_stated("a white house without clouds"), spec).negative == "clouds"
    assert without_strays(read_stated("no wait, a white house"), spec).negative == ""
