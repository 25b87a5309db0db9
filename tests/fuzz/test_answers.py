"""Whatever a language model answers, a request gets a prompt that can be stored and painted, without a fault."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.jobs import Order, WordsInvalid, check_words
from bot.domain.prompt import PromptSpec
from bot.services.draw import Facts, understood
from bot.understanding.prompt_spec import AnswerInvalid, read_answer
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.errors import WIRE_ERRORS, EngineError, Unavailable
from engine.api.messages import ChatRequest
from tests.fakes import FakeEngine
from tests.fuzz.effort import fuzz
from tests.fuzz.pieces import words

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
FACTS = Facts("fake", {}, {})
FIELDS = ("understood", "keywords", "prompt", "negative", "kind", "version", "instruction", "unknown")
whole = st.fixed_dictionaries(
    {"understood": words, "keywords": st.lists(words, max_size=30), "prompt": words, "negative": words}
)
odd = st.dictionaries(st.sampled_from(FIELDS) | words, JSON, max_size=6)
wrapped = st.tuples(
    st.sampled_from(["", "```json\n", "Sure! ", "{", "\ufeff"]), st.sampled_from(["", "\n```", "}", "x"])
)
answers = st.one_of(
    words,
    st.builds(lambda value, around: around[0] + json.dumps(value) + around[1], whole | odd | JSON, wrapped),
    st.binary(max_size=200).map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.builds(lambda value, at: json.dumps(value)[:at], whole, st.integers(0, 300)),  # cut by max_tokens
)


def _as_spec(value: dict[str, Any]) -> PromptSpec | None:
    try:
        return read_answer(json.dumps(value), "").spec
    except AnswerInvalid:
        return None


def _checked(text: str) -> str:
    try:
        return check_words(text)
    except WordsInvalid:
        return "a boat"


specs = whole.map(_as_spec)
orders = words.map(_checked)


def storable(spec: PromptSpec) -> None:
    """A spec is written as JSON, and read back with its limits."""
    assert msgspec.json.decode(msgspec.json.encode(spec), type=PromptSpec) == spec
    assert spec.prompt.strip()


@given(answers)
@example('{"prompt": "a", "understood": "", "keywords": [], "negative": ' + '"\\ud800"}')
@example("{" + '"a":{' * 3_000)
@fuzz(200)
def test_any_answer_is_read_or_refused(answer: str) -> None:
    try:
        found = read_answer(answer, "a boat")
        assert found.spec
        storable(found.spec)
    except AnswerInvalid as refused:
        assert "\n" not in str(refused)


@given(orders, answers, st.none() | specs)
@fuzz(120)
async def test_any_answer_leads_to_a_prompt(text: str, answer: str, base: PromptSpec | None) -> None:
    storable(await understood(FakeEngine(answer), Order(text, base=base), FACTS))


class FailingModel:
    def __init__(self, error: EngineError) -> None:
        self.error = error

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        raise self.error


@given(orders, st.sampled_from(sorted(WIRE_ERRORS)), words)
@fuzz(60)
async def test_any_failure_leads_to_a_prompt(text: str, code: str, message: str) -> None:
    storable(await understood(FailingModel(WIRE_ERRORS[code](message)), Order(text), FACTS))


async def test_an_engine_that_is_gone_is_waited_for() -> None:
    try:
        await understood(FailingModel(Unavailable("gone")), Order("a boat"), FACTS)
    except Unavailable:
        return
    raise AssertionError("the understanding was lost")
