"""Answers written side by side in slots: their tokens are those of transformers' generate, whoever comes and goes."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import torch

from engine.api.errors import EngineError, Internal, OutOfMemory
from engine.api.messages import ChatMessage, ChatRequest
from engine.chatting.constrained_decoding import Grammar, GrammarLogitsProcessor, grammar_tokenizer
from engine.chatting.decoder import CHUNK, LENGTH, Decoder, Slot, slots_that_fit
from engine.chatting.kv_cache import token_bytes
from engine.chatting.planner import Planner
from engine.chatting.prefix_cache import BLOCK
from engine.chatting.sampling import TokenChoice
from engine.chatting.schema_compiler import compile_schema
from engine.models.device import Device
from engine.models.source import read_source
from engine.starter.reader.spec import json_schema
from harness import tiny_pipelines as tiny
from harness.tiny_language_models import FAMILIES, VOCABULARY, build

END = 258
GREEDY = {"do_sample": False}
SCHEMA = {
    "type": "object",
    "properties": {
        "understood": {"type": "string", "maxLength": 12},
        "kind": {"enum": ["new", "change"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 9},
    },
    "required": ["understood", "kind", "count"],
    "additionalProperties": False,
}


@pytest.fixture(params=sorted(FAMILIES))
def model(request: pytest.FixtureRequest) -> Any:
    return build(request.param)


@pytest.fixture(scope="module")
def tokens() -> Any:
    return grammar_tokenizer(tiny.qwen_tokenizer(), VOCABULARY, [END])


def prompt(number: int, length: int) -> list[int]:
    return random.Random(number).choices(range(256), k=length)


def generated(
    model: Any, ids: Sequence[int], most: int, grammar: tuple[Any, str] | None = None, **options: Any
) -> list[int]:
    """Return what transformers' own loop writes."""
    given = torch.tensor([ids])
    written = model.generate(
        input_ids=given,
        attention_mask=torch.ones_like(given),
        max_new_tokens=most,
        logits_processor=[GrammarLogitsProcessor(*grammar)] if grammar else [],
        **{"eos_token_id": [END], "pad_token_id": END, **GREEDY, **options},
    )
    tokens: list[int] = written[0, len(ids) :].tolist()
    return tokens


def opened(
    decoder: Decoder,
    model: Any,
    ids: Sequence[int],
    most: int,
    grammar: tuple[Any, str] | None = None,
    sampling: dict[str, Any] | None = None,
    seed: int | None = None,
) -> Slot:
    choice = TokenChoice(model, ids, sampling or GREEDY, seed)
    slot = Slot(ids, choice, frozenset([END]), most, Grammar(*grammar) if grammar else None)
    decoder.open(slot)
    return slot


def finish(decoder: Decoder, *slots: Slot) -> list[list[int]]:
    """Step until these are over; return what they wrote."""
    for _ in range(5000):
        if all(slot.is_over for slot in slots):
            return [slot.written for slot in slots]
        decoder.step()
    raise AssertionError("they are not finished")


class Watched:
    """A model's forward on a device that holds so many rows at a time; notes the shape of what it computed."""

    def __init__(self, model: Any) -> None:
        self.rows = 1000
        self.shapes: list[tuple[int, int]] = []
        self._forward = model.forward
        functools.update_wrapper(self, model.forward)  # generate reads its signature
        model.forward = self

    def __call__(self, input_ids: torch.Tensor, **options: Any) -> Any:
        rows, length = input_ids.shape
        if rows > self.rows:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        self.shapes.append((rows, length))
        return self._forward(input_ids=input_ids, **options)


def test_greedy_tokens_are_generates_whoever_comes_and_goes(model: Any) -> None:
    asked = [(prompt(number, length), most) for number, (length, most) in enumerate(ASKED)]
    expected = [generated(model, ids, most) for ids, most in asked]
    assert len({tuple(tokens) for tokens in expected}) == len(ASKED), "they differ, so a mix-up would be seen"
    decoder, slots, most_rows = Decoder(model, slots=4), list[Slot](), 0
    for ids, most in asked:
        slots.append(opened(decoder, model, ids, most))
        for _ in range(3):
            decoder.step()
            most_rows = max(most_rows, len(decoder._rows))
    assert finish(decoder, *slots) == expected
    assert most_rows == 4
    assert not decoder._rows


ASKED = [(5, 40), (90, 7), (33, 25), (17, 60), (64, 1), (2, 30), (120, 12), (48, 50), (16, 3), (80, 35)]
"""Lengths of prompts, and of answers."""


def test_within_a_grammar_too_and_forced_tokens_go_in_one_piece(model: Any, tokens: Any) -> None:
    grammar = (tokens, compile_schema(json.dumps(SCHEMA)))
    prompts = [prompt(number, 10 + 9 * number) for number in range(6)]
    expected = [generated(model, ids, 90, grammar) for ids in prompts]
    watched, decoder = Watched(model), Decoder(model)
    (alone,) = finish(decoder, opened(decoder, model, prompts[0], 90, grammar))
    assert alone == expected[0]
    assert len(watched.shapes) <= len(alone) - len('{"understood":","kind":","count":}') / 2, (
        "each token took a forward"
    )
    slots = [opened(decoder, model, ids, 90, grammar) for ids in prompts[1:]]
    free = opened(decoder, model, prompt(9, 20), 30)
    assert finish(decoder, *slots) == expected[1:]
    for slot in slots:
        text = tiny.qwen_tokenizer().decode(slot.written, skip_special_tokens=True)
        if slot.finish_reason == "stop":
            assert json.loads(text).keys() == SCHEMA["properties"].keys()  # type: ignore[attr-defined]
    assert any(slot.finish_reason == "stop" for slot in slots)
    assert finish(decoder, free) == [generated(model, prompt(9, 20), 30)]


def test_a_slot_that_is_given_up_leaves_its_neighbours_alone(model: Any) -> None:
    prompts = [prompt(number, 20 + number) for number in range(5)]
    expected = [generated(model, ids, 40) for ids in prompts]
    decoder = Decoder(model, slots=4)
    slots = [opened(decoder, model, ids, 40) for ids in prompts]
    for _ in range(10):
        decoder.step()
    decoder.close(slots[0])  # the first row's
    decoder.step()
    decoder.close(slots[4])  # it has taken the fourth row meanwhile
    decoder.close(slots[4])
    assert finish(decoder, *slots[1:4]) == expected[1:4]
    assert slots[0].finish_reason is None
    decoder.close(slots[1])  # finished already
    assert not decoder._rows


def test_where_memory_runs_out_the_slots_are_halved_and_nothing_is_lost(model: Any) -> None:
    prompts = [prompt(number, 20 + number) for number in range(7)]
    expected = [generated(model, ids, 30) for ids in prompts]
    watched, decoder = Watched(model), Decoder(model)
    slots = [opened(decoder, model, ids, 30) for ids in prompts]
    for _ in range(12):
        decoder.step()
    assert max(rows for rows, _ in watched.shapes) == 7
    assert all(slot.written for slot in slots)
    watched.rows = 2
    watched.shapes.clear()
    assert finish(decoder, *slots) == expected
    assert decoder.slots == 2
    assert max(rows for rows, _ in watched.shapes) == 2


def test_one_that_does_not_fit_alone_ends_and_the_next_goes_on(model: Any) -> None:
    watched, decoder = Watched(model), Decoder(model, slots=2)
    watched.rows = 0
    first = opened(decoder, model, prompt(1, 20), 5)
    decoder.step()  # halved
    decoder.step()
    with pytest.raises(OutOfMemory):
        first.take()
    watched.rows = 1
    assert finish(decoder, opened(decoder, model, prompt(2, 20), 5)) == [generated(model, prompt(2, 20), 5)]


def test_a_fault_of_the_model_ends_those_who_compute_and_no_later_one(model: Any) -> None:
    decoder, forward = Decoder(model), model.forward
    slots = [opened(decoder, model, prompt(number, 9), 5) for number in range(2)]
    for _ in slots:
        decoder.step()

    def broken(**options: Any) -> Any:
        raise ValueError("a fault")

    model.forward = broken
    decoder.step()
    for slot in slots:
        with pytest.raises(Internal):
            slot.take()
    model.forward = forward
    assert finish(decoder, opened(decoder, model, prompt(1, 9), 5)) == [generated(model, prompt(1, 9), 5)]


def test_shared_instructions_are_read_once(model: Any) -> None:
    instructions = prompt(0, 10 * BLOCK + 5)
    watched, decoder = Watched(model), Decoder(model, slots=2)
    first, second = [*instructions, *prompt(1, 12)], [*instructions, *prompt(2, 20)]
    expected = [generated(model, ids, 20) for ids in (first, second, instructions)]
    watched.shapes.clear()
    finish(decoder, opened(decoder, model, first, 1))
    finish(decoder, opened(decoder, model, second, 1))
    assert watched.shapes == [(1, len(first)), (1, len(second) - 10 * BLOCK)]
    slots = [opened(decoder, model, ids, 20) for ids in (first, second, instructions)]
    assert finish(decoder, *slots) == expected


def test_a_block_counts_only_after_the_tokens_that_it_was_read_after(model: Any) -> None:
    first, second, third, fourth = (prompt(number, 2 * BLOCK) for number in range(4))
    decoder = Decoder(model)
    for ids in ([*first, *second], [*third, *fourth]):
        finish(decoder, opened(decoder, model, [*ids, 1], 1))
    crossed = [*first, *fourth, 1]
    assert finish(decoder, opened(decoder, model, crossed, 20)) == [generated(model, crossed, 20)]


def test_what_is_kept_of_prompts_is_bounded_and_holds_no_words(model: Any) -> None:
    decoder = Decoder(model, slots=1)
    shared = prompt(0, 4 * BLOCK)
    for number in range(2 * LENGTH // BLOCK // 6):
        finish(decoder, opened(decoder, model, [*shared, *prompt(number + 1, 6 * BLOCK)], 1))
    blocks = decoder._prefixes._blocks
    assert len(blocks) == LENGTH // BLOCK
    assert all(isinstance(key, bytes) and len(key) == 32 for key in blocks)
    slot = opened(decoder, model, [*shared, 1], 1)
    decoder._admit()
    assert slot.read == 4 * BLOCK, "what is used again and again stays"


def test_long_prompts_are_read_in_chunks_and_the_cache_grows(model: Any) -> None:
    long, short = prompt(1, LENGTH + 2 * BLOCK + 3), prompt(2, 30)
    expected = [generated(model, ids, 24) for ids in (short, long)]
    watched, decoder = Watched(model), Decoder(model)
    slots = [opened(decoder, model, short, 24)]
    for _ in range(4):
        decoder.step()
    slots.append(opened(decoder, model, long, 24))
    assert finish(decoder, *slots) == expected
    assert max(length for _, length in watched.shapes) == CHUNK


@pytest.mark.parametrize(
    "sampling", [{"do_sample": True, "temperature": 0.8, "top_p": 0.9}, {"do_sample": True, "top_k": 5}]
)
def test_a_seed_gives_the_same_answer_alone_and_beside_others(model: Any, sampling: dict[str, Any]) -> None:
    def sampled(decoder: Decoder, seed: int | None) -> Slot:
        return opened(decoder, model, prompt(1, 25), 30, sampling=sampling, seed=seed)

    alone = Decoder(model)
    (expected,) = finish(alone, sampled(alone, 5))
    decoder = Decoder(model, slots=4)
    others = [opened(decoder, model, prompt(2, 40), 50), sampled(decoder, None)]
    for _ in range(6):
        decoder.step()
    slots = [sampled(decoder, 5), sampled(decoder, 6)]
    same, other = finish(decoder, *slots)
    assert same == expected
    assert other != expected
    finish(decoder, *others)
    assert expected != generated(model, prompt(1, 25), 30)


def test_the_models_own_generation_config_counts(model: Any) -> None:
    plain = generated(model, prompt(3, 30), 40)
    model.generation_config.repetition_penalty = 1.3
    model.generation_config.no_repeat_ngram_size = 2
    model.generation_config.suppress_tokens = plain[5:10]
    expected = generated(model, prompt(3, 30), 40)
    assert expected != plain
    decoder = Decoder(model)
    neighbour = opened(decoder, model, prompt(4, 12), 60)
    assert finish(decoder, opened(decoder, model, prompt(3, 30), 40)) == [expected]
    decoder.close(neighbour)


class Captured:
    """Captures as CUDA does: what a call computed with is computed again, from and to the same memory."""

    def __init__(self) -> None:
        self.captures = 0
        self.replays = 0

    def __call__(self, call: Callable[[], torch.Tensor]) -> tuple[Callable[[], object], torch.Tensor]:
        self.captures += 1
        output = call()

        def replay() -> None:
            self.replays += 1
            output.copy_(call())

        return replay, output


def test_graphs_of_fixed_shapes_give_the_same_tokens(model: Any) -> None:
    prompts = [prompt(number, 8 + 3 * number) for number in range(9)]
    expected = [generated(model, ids, 20 + number) for number, ids in enumerate(prompts)]
    watched, capture = Watched(model), Captured()
    decoder, slots = Decoder(model, 8, capture), list[Slot]()
    for number, ids in enumerate(prompts):
        slots.append(opened(decoder, model, ids, 20 + number))
        decoder.step()
        decoder.step()
    assert finish(decoder, *slots) == expected
    assert capture.captures == 4, "one for 1, 2, 4 and 8 rows"
    assert {rows for rows, length in watched.shapes if length == 1} == {1, 2, 4, 8}
    assert capture.replays > 20


def test_where_no_graph_can_be_captured_it_goes_on_without(model: Any) -> None:
    def capture(call: Callable[[], torch.Tensor]) -> Any:
        raise RuntimeError("operation not permitted when stream is capturing")

    decoder = Decoder(model, 8, capture)
    assert finish(decoder, opened(decoder, model, prompt(1, 9), 12)) == [generated(model, prompt(1, 9), 12)]


def test_the_starter_writes_what_generate_writes_eight_at_once_within_its_grammar() -> None:
    planner = Planner.load(read_source("LIMNER_PLANNER", "", "planner"), Device("cpu", torch.float32))
    model, ends = planner.model, planner._eos_ids
    grammar = (planner._grammar_tokenizer, compile_schema(json.dumps(json_schema())))
    turns = [[ChatMessage("user", words)] for words in WORDS]
    prompts = [planner._encode(ChatRequest(messages)) for messages in turns]
    decoder = Decoder(model)
    ends_at = frozenset(ends)
    slots = [Slot(ids, TokenChoice(model, ids, GREEDY), ends_at, 120, Grammar(*grammar)) for ids in 2 * prompts]
    for slot in slots:
        decoder.open(slot)
    written = finish(decoder, *slots)
    assert written[len(WORDS) :] == written[: len(WORDS)]
    for ids, tokens in zip(prompts, written, strict=False):
        assert tokens == generated(model, ids, 120, grammar, eos_token_id=ends, pad_token_id=ends[0])
        Grammar(*grammar).consume([token for token in tokens if token not in ends])  # raises where one is not of it
        if tokens[-1] in ends:
            assert json.loads(planner._tokenizer.decode(tokens, skip_special_tokens=True))


WORDS = (
    "a red boat on a lake at sunset",
    "two white cats under a tree, watercolor",
    "a blue castle at night",
    "海滩上的灯塔",
)


def test_the_slots_fit_the_memory() -> None:
    model = build("llama")
    one = 2 * LENGTH * token_bytes(model)
    assert token_bytes(model) == 2 * 3 * 2 * 8 * 4
    assert [slots_that_fit(model, free) for free in (0, one, 2 * one, 5 * one, 8 * one, 99 * one)] == [1, 1, 2, 4, 8, 8]


def test_a_broken_grammar_ends_one_answer_alone(tokens: Any) -> None:
    model = build("qwen3")
    grammar = (tokens, compile_schema(json.dumps(SCHEMA)))
    decoder = Decoder(model)
    good, bad = (opened(decoder, model, prompt(number, 20), 40, grammar) for number in range(2))
    for _ in range(4):
        decoder.step()
    assert bad._grammar is not None
    bad._grammar._matcher.consume_tokens([0, 0, 0])  # what the grammar forbids
    assert finish(decoder, good) == [generated(model, prompt(0, 20), 40, grammar)]
    with pytest.raises(EngineError, match="grammar"):
        bad.take()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    from transformers.utils import logging

    logging.set_verbosity_error()
    yield
    logging.set_verbosity_warning()
