"""How fast the language model writes through the engine, beside transformers' own generate, with the same words."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import torch
from msgspec import structs

from bench.result import Result
from bench.studio import prepare
from bot.understanding.conversation import Request, chat_request
from engine.chatting.planner import Planner
from engine.chatting.schema_compiler import compile_schema
from engine.jobs.job import Event
from engine.jobs.requests import Answer, Conversation
from engine.models.device import Device
from engine.models.source import read_source
from engine.starter.reader.spec import json_schema

WORDS = "two white cats under a tree in the snow, at night, watercolor"


def planner(repeats: int) -> list[Result]:
    """Measure the starter's language model with and without a grammar; it writes greedily, up to its own end."""
    prepare()
    model = Planner.load(read_source("LIMNER_PLANNER", "", "planner"), Device("cpu", torch.float32))
    request = chat_request(Request(WORDS))
    free = Conversation(structs.replace(request, response_format=None))  # with one, the starter's reader would answer
    held = replace(free, grammar=compile_schema(json.dumps(json_schema())))
    _engine(model, held)
    rates: dict[str, list[float]] = {"free": [], "held": [], "plain": []}
    for _ in range(repeats):
        rates["plain"].append(_plain(model, free))
        rates["free"].append(_engine(model, free))
        rates["held"].append(_engine(model, held))
    beside = "transformers' generate"
    return [
        Result("language model: tokens", "1/s", rates["free"], rates["plain"], beside, ratio_at_least=0.97),
        Result(
            "language model: tokens, in a grammar",
            "1/s",
            rates["held"],
            rates["plain"],
            beside,
            ratio_at_least=0.97,
        ),
    ]


def _engine(model: Planner, work: Conversation) -> float:
    ear = _Ear()
    began = time.perf_counter()
    model.answer(work, ear)
    seconds = time.perf_counter() - began
    return ear.tokens / seconds


def _plain(model: Planner, work: Conversation) -> float:
    began = time.perf_counter()
    ids = torch.tensor([model._encode(work.request)])
    length = ids.shape[1]
    written = model.model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=work.max_tokens,
        do_sample=False,
        eos_token_id=model._eos_ids,
        pad_token_id=model._eos_ids[0],
    )
    model._tokenizer.decode(written[0, length:], skip_special_tokens=True)
    count: int = written.shape[1] - length
    return count / (time.perf_counter() - began)


class _Ear:
    tokens = 0

    def tell(self, event: Event) -> None:
        if isinstance(event, Answer):
            self.tokens = event.completion_tokens

    def check(self) -> None:
        pass
