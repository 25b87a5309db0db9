"""SmolLM2-135M-Instruct answers eight requests at once: the tokens of each alone, and JSON that keeps to the schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.api.messages import ChatMessage, ChatRequest
from engine.chatting.constrained_decoding import Grammar
from engine.chatting.decoder import Decoder, Slot
from engine.chatting.planner import Planner
from engine.chatting.sampling import TokenChoice
from engine.chatting.schema_compiler import compile_schema

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "subject": {"type": "string", "maxLength": 40},
        "keywords": {"type": "array", "items": {"type": "string", "maxLength": 20}, "minItems": 1, "maxItems": 3},
    },
    "required": ["subject", "keywords"],
    "additionalProperties": False,
}
SYSTEM = "You describe pictures. Answer with one JSON object: its subject in a few words, and one to three keywords."
WORDS = (
    "a red boat on a lake at night",
    "a cat asleep on a stack of books",
    "two white dogs in the snow",
    "a blue castle on a hill",
    "three green trees, watercolor",
    "a lighthouse in a storm",
    "a city street in the rain",
    "a bowl of oranges on a wooden table",
)
MOST = 90


def slot(planner: Planner, words: str) -> Slot:
    ids = planner._encode(ChatRequest([ChatMessage("system", SYSTEM), ChatMessage("user", words)]))
    grammar = Grammar(planner._grammar_tokenizer, compile_schema(json.dumps(SCHEMA)))
    choice = TokenChoice(planner.model, ids, {"do_sample": False})
    return Slot(ids, choice, frozenset(planner._eos_ids), MOST, grammar)


def written(decoder: Decoder, *slots: Slot) -> list[list[int]]:
    for each in slots:
        decoder.open(each)
    while not all(each.is_over for each in slots):
        decoder.step()
    return [each.written for each in slots]


@pytest.mark.parametrize("requests", [3, pytest.param(len(WORDS), marks=pytest.mark.full)])
def test_several_at_once_get_what_each_gets_alone(planner: Planner, requests: int) -> None:
    assert planner.slots == len(WORDS)
    decoder = Decoder(planner.model)
    together = written(decoder, *(slot(planner, words) for words in WORDS[:requests]))
    alone = [written(decoder, slot(planner, words))[0] for words in WORDS[:requests]]
    assert together == alone
    for tokens in together:
        answer = json.loads(planner._tokenizer.decode(tokens, skip_special_tokens=True))
        assert answer.keys() == SCHEMA["properties"].keys()
        assert 1 <= len(answer["keywords"]) <= 3
