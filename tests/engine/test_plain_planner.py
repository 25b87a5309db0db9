"""A language model without a chat template is asked in paragraphs, and answers within the grammar."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from engine.api.messages import ChatMessage, ChatRequest, JsonSchema, ResponseFormat
from engine.chatting.planner import Planner
from engine.chatting.planner_facts import PlannerFacts
from engine.chatting.schema_compiler import compile_schema
from engine.jobs.job import Event
from engine.jobs.requests import Answer, Conversation, Delta
from engine.models.device import Device
from engine.models.source import read_source
from harness.tiny_pipelines import byte_alphabet

SCHEMA = {
    "type": "object",
    "properties": {"prompt": {"type": "string", "maxLength": 8}},
    "required": ["prompt"],
    "additionalProperties": False,
}


class Events:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, event: Event) -> None:
        self.events.append(event)

    def check(self) -> None:
        pass


def gpt2(folder: Path) -> Path:
    """Save GPT-2's class with tiny random weights, and a tokenizer of bytes without a chat template."""
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    words = {word: number for number, word in enumerate([*byte_alphabet(), "<|endoftext|>"])}
    tokenizer = GPT2Tokenizer(vocab=words, merges=[])
    end = words["<|endoftext|>"]
    config = GPT2Config(
        vocab_size=len(words), n_positions=2048, n_embd=16, n_layer=1, n_head=2, bos_token_id=end, eos_token_id=end
    )
    torch.manual_seed(0)
    GPT2LMHeadModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_gpt2s_class_answers_without_a_chat_template(tmp_path: Path) -> None:
    folder = gpt2(tmp_path / "gpt2")
    assert not (folder / "chat_template.jinja").exists()
    planner = Planner.load(read_source("LIMNER_PLANNER", str(folder), "planner"), Device("cpu", torch.float32))
    assert planner.facts == PlannerFacts()
    wanted = ResponseFormat("json_schema", JsonSchema("PromptSpec", SCHEMA))
    turns = [ChatMessage("system", "Answer in JSON."), ChatMessage("user", "a boat")]
    request = ChatRequest(turns, max_tokens=60, temperature=0.0, response_format=wanted)
    seen = Events()
    planner.answer(Conversation(request, compile_schema(json.dumps(SCHEMA))), seen)
    answer = seen.events[-1]
    assert isinstance(answer, Answer)
    assert isinstance(json.loads(answer.text)["prompt"], str)
    text = planner._tokenizer.apply_chat_template(
        [{"role": turn.role, "content": turn.text} for turn in turns], tokenize=False, add_generation_prompt=True
    )
    assert text == "Answer in JSON.\n\nRequest: a boat\n\nAnswer: "


def test_an_answer_ends_before_a_stop_sequence_also_where_the_model_has_no_slots(tmp_path: Path) -> None:
    planner = Planner.load(
        read_source("LIMNER_PLANNER", str(gpt2(tmp_path / "gpt2")), "planner"), Device("cpu", torch.float32)
    )
    planner.decoder = None

    def answer(stop: str | None) -> Answer:
        seen = Events()
        request = ChatRequest([ChatMessage("user", "a boat")], max_tokens=40, temperature=1.0, seed=2, stop=stop)
        planner.answer(Conversation(request), seen)
        *deltas, last = seen.events
        assert isinstance(last, Answer)
        assert "".join(delta.text for delta in deltas if isinstance(delta, Delta)) == last.text
        return last

    whole = answer(None)
    stop = whole.text[12:15]
    cut = answer(stop)
    assert (cut.text, cut.finish_reason) == (whole.text[: whole.text.index(stop)], "stop")
    assert cut.completion_tokens < whole.completion_tokens
