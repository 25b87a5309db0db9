"""What a language model's answer must be to be believed, and what happens to words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.domain.jobs import WordsInvalid, check_words
from bot.domain.prompt import PromptSpec, SpecInvalid, as_written, json_schema, read_spec

GOOD = {"understood": "日落时的海滩", "keywords": ["beach", "sunset"], "prompt": "a beach at sunset", "negative": ""}


def answer(**changes: object) -> str:
    return json.dumps({**GOOD, **changes}, ensure_ascii=False)


def test_a_good_answer_is_believed() -> None:
    assert read_spec(answer()) == PromptSpec("日落时的海滩", ["beach", "sunset"], "a beach at sunset", "")


def test_text_around_the_object_and_line_breaks_inside_do_no_harm() -> None:
    inside = answer(prompt=" a beach\n\nat  sunset ", understood="a\nb")
    spec = read_spec(f"Sure!\n```json\n{inside}\n```")
    assert (spec.prompt, spec.understood) == ("a beach at sunset", "a b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "{}",
        "[1]",
        answer(prompt="   "),
        answer(prompt=7),
        answer(prompt="a lake"),
        answer(keywords="beach"),
        answer(prompt="beach sunset" + "a" * 2_000),
        answer(understood="a" * 301),
        '{"understood": "\ud800"}',
    ],
)
def test_a_bad_answer_is_refused(text: str) -> None:
    with pytest.raises(SpecInvalid):
        read_spec(text)


@given(st.text())
def test_no_answer_breaks_the_reader(text: str) -> None:
    with pytest.raises(SpecInvalid):
        read_spec(text)


@given(st.text(min_size=1).filter(str.strip))
def test_the_schema_admits_what_the_reader_admits(words: str) -> None:
    spec = as_written(words)
    body = {"understood": spec.understood, "keywords": [], "prompt": spec.prompt[:2000], "negative": ""}
    Draft202012Validator(json_schema()).validate(body)


@pytest.mark.parametrize(
    ("words", "reason"), [("", "empty"), (" \n\t", "empty"), ("\u200b\ufeff", "empty"), ("a" * 2_001, "long")]
)
def test_words_that_cannot_be_drawn(words: str, reason: str) -> None:
    with pytest.raises(WordsInvalid) as refused:
        check_words(words)
    assert refused.value.reason == reason


def test_words_are_kept_but_for_blanks_around_them() -> None:
    assert check_words("  夕阳下的海滩 \n") == "夕阳下的海滩"
    assert len(check_words(" " + "a" * 2_000)) == 2_000
