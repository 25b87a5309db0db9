"""The language model for many at once: eight answers beside one, instructions read again, and a burst with pictures."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from statistics import median

import torch
from msgspec import structs
from transformers.cache_utils import DynamicCache

from bench.batching import PROMPT, SIDE, STEPS, starter
from bench.result import Result
from bench.studio import Studio, alternate, prepare
from bot.understanding.conversation import Request, chat_request
from bot.understanding.prompt_spec import AnswerInvalid, read_answer
from engine.chatting.decoder import Decoder, Slot
from engine.chatting.planner import Planner
from engine.chatting.sampling import TokenChoice
from engine.chatting.schema_compiler import compile_schema
from engine.jobs.job import Event, Job
from engine.jobs.requests import Answer, Conversation, Painting
from engine.models.device import Device
from engine.models.source import read_source
from engine.starter.reader.spec import json_schema

TOGETHER = 8
TOKENS = 64
FORWARDS = 40
"""Of a bare model, timed at once."""
BURST = 20
NEVER = -1
"""A token that no model writes, so that all answers are equally long."""
WORDS = (
    "two white cats under a tree in the snow, at night, watercolor",
    "a red sailboat on a lake at sunset",
    "a castle on the beach in a storm",
    "three green trees in a meadow, morning",
    "a blue castle on a mountain, ink",
    "a yellow car in the desert at noon",
    "a black dog in the forest in the rain",
    "a white house by the sea under a full moon",
)


def decoding(repeats: int) -> list[Result]:
    """Measure with the starter's language model, one thread of torch's."""
    prepare()
    return [*_together(repeats), *_reading(repeats), *_burst(max(3, repeats // 2)), *_rounding()]


def asked(words: str, grammar: str | None = None) -> Conversation:
    """Return a request that the language model itself answers; of a PromptSpec by name the starter's reader would."""
    return Conversation(structs.replace(chat_request(Request(words)), response_format=None), grammar)


def _together(repeats: int) -> list[Result]:
    """Compare what eight answers at once gain over one with what a bare forward of eight rows gains over one row."""
    model = load_planner()
    model._eos_ids = [NEVER]
    works = [asked(words) for words in WORDS]
    works = [replace(work, request=structs.replace(work.request, max_tokens=TOKENS)) for work in works]
    context = len(model._encode(works[0].request))
    with studio_with(model) as studio:
        studio.run(works)  # the instructions are read once, as in an engine that has run for a minute
        gains, bare = alternate(
            repeats,
            lambda turn: TOGETHER * max(studio.run(works[:1])) / max(studio.run(works)),
            lambda turn: TOGETHER * _forward(model, 1, context) / _forward(model, TOGETHER, context),
        )
    beside = f"a bare forward of {TOGETHER} rows over one"
    return [Result(f"decoding: {TOGETHER} at once over one", "x", gains, bare, beside, ratio_at_least=0.75)]


def _forward(model: Planner, rows: int, context: int) -> float:
    """Return seconds of transformers' own forward of one token a row, with its own cache."""
    network = model.model
    cache = DynamicCache(config=network.config)
    network(input_ids=torch.full((rows, context), 5), past_key_values=cache, use_cache=True, logits_to_keep=1)
    token, taken = torch.full((rows, 1), 5), []
    for _ in range(FORWARDS):
        began = time.perf_counter()
        network(input_ids=token, past_key_values=cache, use_cache=True)
        taken.append(time.perf_counter() - began)
    return median(taken)


def _reading(repeats: int) -> list[Result]:
    """Time a first request's reading, and that of a second one with the same instructions."""
    model = load_planner()
    first, second = (model._encode(chat_request(Request(words))) for words in WORDS[:2])
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats + 1):
        decoder = Decoder(model.model)
        for taken, prompt in zip(seconds, (first, second), strict=True):
            taken.append(_read(model, decoder, prompt))
    again, anew = seconds[1][1:], seconds[0][1:]
    name = f"decoding: a second request of {len(second)} tokens is read"
    return [Result(name, "s", again, anew, "the first, same instructions", ratio_at_most=0.3)]


def _read(model: Planner, decoder: Decoder, prompt: Sequence[int]) -> float:
    slot = _slot(model, prompt, 1)
    began = time.perf_counter()
    decoder.open(slot)
    while not slot.is_over:
        decoder.step()
    return time.perf_counter() - began


def _slot(model: Planner, prompt: Sequence[int], tokens: int) -> Slot:
    return Slot(prompt, TokenChoice(model.model, prompt, {"do_sample": False}), frozenset([NEVER]), tokens)


def _burst(repeats: int) -> list[Result]:
    """Time understandings and pictures that come at once, and both one after the other with one slot."""
    grammar = compile_schema(json.dumps(json_schema()))
    words = [f"{WORDS[number % len(WORDS)]}, {number}" for number in range(BURST)]
    chats = [asked(text, grammar) for text in words]
    pictures = [Painting(PROMPT, SIDE, SIDE, STEPS, (seed,), guidance=2.5) for seed in range(BURST)]
    one = load_planner()
    one.use_slots(1)
    valid = _Valid()
    with studio_with(load_planner()) as studio, studio_with(one) as slow:
        studio.on_event(valid)
        for each in (studio, slow):
            each.run([*chats[:2], *pictures[:2]])
        ours, baseline = alternate(
            repeats,
            lambda turn: max(studio.run([*chats, *pictures])),
            lambda turn: max(slow.run(chats)) + max(slow.run(pictures)),
        )
    name = f"decoding: {BURST} understandings and {BURST} pictures"
    return [
        Result(name, "s", ours, baseline, "one after the other, one slot", ratio_at_most=1.0),
        Result(f"{name}: valid answers", "%", [valid.percent]),
    ]


def _rounding() -> list[Result]:
    """Count the tokens of eight at once that are `generate`'s, up to the first that differs, in each number format.

    In float32 all are, in bfloat16 two tokens may be so near each other that the rounding of sums decides.
    """
    results = []
    for dtype in (torch.float32, torch.bfloat16):
        model = load_planner(dtype)
        prompts = [model._encode(chat_request(Request(words))) for words in WORDS]
        slots = [_slot(model, prompt, TOKENS) for prompt in prompts]
        decoder = Decoder(model.model)
        for slot in slots:
            decoder.open(slot)
        while not all(slot.is_over for slot in slots):
            decoder.step()
        same = [_same(slot.written, _plain(model, prompt)) for slot, prompt in zip(slots, prompts, strict=True)]
        name = f"decoding: tokens as generate's, {str(dtype).removeprefix('torch.')}, of {TOKENS}"
        results.append(Result(name, "tokens", same))
    return results


def _plain(model: Planner, prompt: Sequence[int]) -> list[int]:
    ids = torch.tensor([prompt])
    options = {"do_sample": False, "eos_token_id": NEVER, "pad_token_id": 0}
    written = model.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=TOKENS, **options)
    tokens: list[int] = written[0, len(prompt) :].tolist()
    return tokens


def _same(ours: Sequence[int], plain: Sequence[int]) -> int:
    return next((at for at, (one, other) in enumerate(zip(ours, plain, strict=False)) if one != other), len(plain))


class _Valid:
    """Counts the answers that the bot can use; with any other it would fall back on the words."""

    def __init__(self) -> None:
        self._answers = 0
        self._valid = 0

    def __call__(self, job: Job, event: Event) -> None:
        if isinstance(event, Answer):
            self._answers += 1
            with suppress(AnswerInvalid):
                read_answer(event.text, "", None)
                self._valid += 1

    @property
    def percent(self) -> float:
        return 100 * self._valid / max(1, self._answers)


def load_planner(dtype: torch.dtype = torch.float32) -> Planner:
    return Planner.load(read_source("LIMNER_PLANNER", "", "planner"), Device("cpu", dtype))


@contextmanager
def studio_with(planner: Planner) -> Iterator[Studio]:
    studio = Studio(starter(), "bench", planner)
    try:
        yield studio
    finally:
        studio.close()
