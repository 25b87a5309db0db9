"""What a language model's answer must be to be taken."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.domain.jobs import WordsInvalid, check_words
from bot.domain.prompt import PromptSpec, UnknownThing, as_written
from bot.understanding.instructions import FIRST_TURNS
from bot.understanding.prompt_spec import AnswerInvalid, Kind, json_schema, read_answer

GOOD = {"understood": "日落时的海滩", "keywords": ["beach", "sunset"], "prompt": "a beach at sunset", "negative": ""}
SPEC = PromptSpec("日落时的海滩", ["beach", "sunset"], "a beach at sunset", "")
WORDS = "日落时的海滩"
BASE = PromptSpec("a boat", ["boat"], "a boat on a lake")


def answer(**changes: object) -> str:
    return json.dumps({**GOOD, **changes}, ensure_ascii=False)


def spec(text: str, words: str = WORDS) -> PromptSpec:
    found = read_answer(text, words).spec
    assert found
    return found


def test_a_good_answer_is_taken() -> None:
    assert read_answer(answer(), WORDS).kind is Kind.NEW
    assert spec(answer()) == SPEC


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        ({}, None),
        ({"unknown_things": ["robot"]}, None),
        ({"unknown_thing": "robot"}, UnknownThing("robot")),
        (
            {"unknown_thing": "robot", "near": ["cat", "cat", "dog", "cow", "pig"]},
            UnknownThing("robot", ("cat", "dog", "cow")),
        ),
        ({"unknown_thing": "robot", "unknown_things": ["robot", "elf"]}, UnknownThing("robot", others=("elf",))),
        ({"unknown_thing": "robot", "unknown_things": "elf, troll"}, UnknownThing("robot", others=("elf", "troll"))),
        (
            {"unknown_thing": "robot", "unknown_things": [["x" * 200], 7, None, {}, *"abcdefgh"]},
            UnknownThing("robot", others=("x" * 79 + "…", "7", "a", "b", "c")),
        ),
    ],
)
def test_unknown_things_are_read_where_an_answer_has_them(
    fields: dict[str, object], unknown: UnknownThing | None
) -> None:
    assert read_answer(answer(**fields), WORDS).unknown == unknown
    assert spec(answer(**fields)) == SPEC


@pytest.mark.parametrize(
    "text",
    [
        '<think>The user wants {a beach}. Maybe {"prompt": "a lake"}?</think>\n' + answer(),
        'They want a beach: {"prompt": "no"} or {}.\n</think>\n\n' + answer(),
        f"```json\n{answer()}\n```",
        f"Sure! Here it is:\n```\n{answer()}\n```\nHope {{that}} helps.",
        'First {"prompt": "a lake", "understood": ""}, better: ' + answer(),
        answer(extra={"a": [{}]}, negative=None, instruction=None, version="none"),
        answer(prompt=" a beach\n\nat  sunset "),
        answer(keywords="beach, sunset"),
        answer(keywords=["beach", "sunset", None, "beach", "?"], negative=[]),
        answer(
            keywords=["beach", "sunset", {"word": "x"}],
            version=True,
            picture="first",
            instruction=["Go."],
            unknown=None,
        ),
        answer(kind=3, negative={}, unknown={"a": "b"}),
        json.dumps({"PromptSpec": GOOD}),
        json.dumps([[GOOD]]),
        json.dumps({key.capitalize(): value for key, value in GOOD.items()}),
        answer(prompt="a beach\n at sunset").replace("\\n", "\n"),
        f"<|channel|>analysis<|message|>{{..}}<|end|><|start|>assistant<|channel|>final<|message|>{answer()}",
    ],
)
def test_thoughts_fences_and_loose_forms_do_no_harm(text: str) -> None:
    assert spec(text) == SPEC


def test_a_keyword_that_the_prompt_does_not_hold_is_no_fault() -> None:
    taken = spec(answer(keywords=["no smoking sign", *map(str, range(40))]))
    assert taken.prompt == "a beach at sunset"
    assert len(taken.keywords) == 24


LOOP = "a cat on a roof, " * 4
WRONG = [
    "", "no", "{}", "[1]", answer(prompt="   "), answer(prompt=7), answer(prompt="..."),
    answer(prompt="a b " + "x" * 2_000),
    answer(prompt=LOOP), answer(prompt="cat " * 6), answer(prompt="猫" * 40), answer(negative="fog, " * 600),
    answer(prompt=FIRST_TURNS[0].answer["prompt"]), answer(prompt=f" {FIRST_TURNS[1].answer['prompt'].upper()}."),
    answer(prompt="日落时的海滩。"), answer()[:-30], '{"prompt": "\ud800"}', '{"prompt": "\\ud800"}',
    "<think>I think " + answer()[:-5], "{" * 10_000, '{"a":{' * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_a_bad_answer_is_refused_with_its_reason(text: str) -> None:
    with pytest.raises(AnswerInvalid, match=r"\w"):
        read_answer(text, WORDS)


def test_what_someone_asked_for_themselves_is_no_fault() -> None:
    turn = FIRST_TURNS[0]
    assert spec(json.dumps(turn.answer), turn.words).prompt == turn.answer["prompt"]
    assert spec(answer(prompt="row row row row row row your boat"), "row row row row row row your boat")
    sung = PromptSpec("", [], "a wall that says row row row row row row")
    assert read_answer(answer(prompt=f"{sung.prompt} in blue"), "make it blue", sung).spec
    assert spec(answer(prompt="a red boat on a lake"), "a red boat on a lake").prompt == "a red boat on a lake"
    assert spec(answer(prompt="富士山"), "富士山").prompt == "富士山"


def test_a_reply_says_what_it_is() -> None:
    def read(**changes: object) -> tuple[Kind, bool, int | None]:
        found = read_answer(answer(**changes), "x", BASE)
        return found.kind, found.spec is not None, found.version

    assert read() == (Kind.CHANGE, True, None)
    assert read(kind="new") == (Kind.NEW, True, None)
    assert read(kind="UNDO", prompt="", version=-1) == (Kind.UNDO, False, -1)
    assert read(kind="undo", prompt=LOOP, version="1") == (Kind.UNDO, False, 1)
    assert read(kind="chat", prompt=FIRST_TURNS[0].answer["prompt"]) == (Kind.CHAT, False, None)
    assert read(kind="chat", prompt=None) == (Kind.CHAT, False, None)
    assert read(kind="chat") == (Kind.CHAT, True, None)
    assert read(kind=None) == (Kind.CHANGE, True, None)
    with pytest.raises(AnswerInvalid):
        read(kind="change", prompt="")
    assert read_answer(answer(kind="chat"), "x").kind is Kind.NEW  # a first request is always new


def test_an_instruction_is_kept_with_a_change_alone() -> None:
    told = answer(kind="change", instruction="Make it night; keep the boat.")
    changed, first = read_answer(told, "x", BASE).spec, read_answer(told, "x").spec
    assert changed and first
    assert (changed.instruction, first.instruction) == ("Make it night; keep the boat.", "")


@given(st.text())
def test_no_answer_breaks_the_reader(text: str) -> None:
    with pytest.raises(AnswerInvalid):
        read_answer(text, "a boat")


@given(st.text(min_size=1).filter(str.strip))
def test_the_schemas_admit_what_they_ask_for(words: str) -> None:
    written = as_written(words)
    body = {"understood": written.understood, "keywords": [], "prompt": written.prompt[:2000], "negative": ""}
    Draft202012Validator(json_schema()).validate(body)
    reply = {"kind": "undo", "version": -1, **body, "prompt": "", "instruction": ""}
    Draft202012Validator(json_schema(reply=True)).validate(reply)


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
