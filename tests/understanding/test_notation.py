"""Other tools' notation is read as its users mean it, and ordinary sentences come through byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.notation import Notation, read_notation

SENTENCES = (Path(__file__).parent / "ordinary_sentences.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("a red boat on a lake --ar 16:9 --seed 5", Notation("a red boat on a lake", "wide", 5)),
        ("a red boat —ar 9:16 —seed 7", Notation("a red boat", "tall", 7)),
        ("a boat --no trees, people", Notation("a boat", negative="trees, people")),
        ("a boat —no trees, people --v 6", Notation("a boat", negative="trees, people", ignored=("--v 6",))),
        ("a cat::2 on a beach::1 --s 250", Notation("a cat on a beach", ignored=("::2", "::1", "--s 250"))),
        ("一只猫 --ar 1:1 --niji 6", Notation("一只猫", "square", ignored=("--niji 6",))),
        ("a fox --AR 3:2 --no fog --no birds", Notation("a fox", "landscape", negative="fog, birds")),
        ("a fox <lora:ghibli:0.8>", Notation("a fox", loras=("ghibli:0.8",))),
        (
            "a <lora:My Ink v2> fox <LORA:wax:-.5:1> --seed 5",
            Notation("a fox", seed=5, loras=("My Ink v2:1", "wax:-0.5")),
        ),
        ("a fox <lora:ink : 0.5> <lora：wax：0,8>", Notation("a fox", loras=("ink:0.5", "wax:0.8"))),
        ("a fox <lora:ink:0.8:lbw=OUT>", Notation("a fox", loras=("ink:0.8",))),
        ("a fox <lora:ink:abc>", Notation("a fox", ignored=("<lora:ink:abc>",))),
        ("a fox <lora:ink:1> <lora:ink:0.5>", Notation("a fox", loras=("ink:1",))),
        ("a fox <lora:ink:9> <lyco:wax:1>", Notation("a fox", ignored=("<lora:ink:9>", "<lyco:wax:1>"))),
        (
            "a fox" + "".join(f" <lora:{n}>" for n in "abcde"),
            Notation("a fox", loras=("a:1", "b:1", "c:1", "d:1"), ignored=("<lora:e>",)),
        ),
        (
            "a fox --q 2 --c 10 --style raw --tile",
            Notation("a fox", ignored=("--q 2", "--c 10", "--style raw", "--tile")),
        ),
        ("a fox --ar 0:9", Notation("a fox", ignored=("--ar 0:9",))),
        ("a fox --seed 9999999999", Notation("a fox", ignored=("--seed 9999999999",))),
    ],
)
def test_flags_are_read(words: str, read: Notation) -> None:
    assert read_notation(words) == read


def test_with_exact_nothing_is_read() -> None:
    words = "a cat::2 --ar 16:9 <lora:x:1>"
    assert read_notation(words, exact=True) == Notation(words)


def test_ordinary_sentences_come_through() -> None:
    assert len(set(SENTENCES)) >= 200
    changed = [words for words in SENTENCES if read_notation(words) != Notation(words)]
    assert changed == []


@given(
    st.lists(st.sampled_from(["a boat", " ", "--ar 1:1", "—no fog", "--seed 5", "::2", "—", "--", "<lora:a:1>", "猫"]))
)
def test_any_words_leave_words(pieces: list[str]) -> None:
    words = " ".join(pieces)
    read = read_notation(words)
    assert read.words or not words
    assert read.words == words or read.ignored or read.loras or read.shape or read.seed is not None or read.negative


def test_no_words_take_long() -> None:
    for unit in ("--ar 1:1 ", "--no a, ", "—no ", "a::1 ", "<lora:a:1>", "--", "(x:1.3) "):
        read_notation(unit * (2_000 // len(unit)))
