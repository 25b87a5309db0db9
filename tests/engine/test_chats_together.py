"""Conversations of several people at one real engine thread: each gets the answer that it gets alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.api.errors import OutOfMemory
from engine.api.messages import ChatMessage, ChatRequest, JsonSchema, ResponseFormat
from engine.chatting.decoder import Decoder
from engine.chatting.planner import Planner
from engine.chatting.planner_facts import PlannerFacts
from engine.jobs.job import Lane
from engine.jobs.phases import Phase
from engine.jobs.requests import Conversation
from engine.loading import Models, load
from engine.models.model_swap import ModelSwap
from engine.models.source import Source
from harness.tiny_language_models import build
from harness.tiny_pipelines import qwen_tokenizer
from tests.engine.fakes import FakeEngine, running
from tests.engine.test_plain_planner import Events
from tests.engine.test_sharing import asking, begun, collect, picture
from tests.figures import Figures

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"understood": {"type": "string", "maxLength": 20}, "kind": {"enum": ["new", "change"]}},
    "required": ["understood", "kind"],
    "additionalProperties": False,
}
HELD = ResponseFormat("json_schema", JsonSchema("x", SCHEMA))


@pytest.fixture
async def engine(models: Path) -> AsyncIterator[FakeEngine]:
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]

    def loaded() -> Models:
        both = load(*pair)
        planners.append(both.planner)
        return both

    async with running(real=loaded) as engine:
        yield engine
    planners.clear()


planners: list[Planner] = []
"""Of the engine that runs."""


def request(number: int, **options: Any) -> ChatRequest:
    words = ChatMessage("user", f"a boat and {number} birds " * (1 + number % 3))
    given: dict[str, Any] = {"max_tokens": 40, "temperature": 0.0, "user": f"{number}", **options}
    return ChatRequest([ChatMessage("system", "Answer in JSON. " * 8), words], **given)


async def test_answers_side_by_side_are_those_of_each_alone(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = [request(number, response_format=HELD if number % 2 else None) for number in range(12)]
    async with engine.client() as client:
        alone = [await client.chat(one) for one in requests]
        step, running = Decoder.step, [0]

        def counted(decoder: Decoder) -> None:
            step(decoder)
            running.append(decoder.running)

        monkeypatch.setattr(Decoder, "step", counted)
        together = await asyncio.gather(*(client.chat(one) for one in requests))
    assert together == alone
    assert len(set(alone)) > 4, "they differ, so a mix-up would be seen"
    assert max(running) == 8


async def test_who_leaves_amid_an_answer_frees_the_slot_and_harms_nobody(engine: FakeEngine) -> None:
    async with engine.client() as client:
        expected = await client.chat(request(2, max_tokens=200))
        leaving = [asyncio.create_task(client.chat(request(number, max_tokens=1500))) for number in (1, 3)]
        staying = asyncio.create_task(client.chat(request(2, max_tokens=200)))
        await asyncio.sleep(0.1)
        for task in leaving:
            task.cancel()
        assert await staying == expected
        await engine.until_idle()
        assert planners[0].decoder and planners[0].decoder.running == 0


async def test_eight_answers_and_a_picture_go_on_side_by_side(engine: FakeEngine) -> None:
    async with engine.client() as client:
        alone = [await client.chat(request(number)) for number in range(8)]
        long = asyncio.create_task(collect(engine, asking("long", num_inference_steps=150)))
        await begun(engine)
        assert await asyncio.gather(*(client.chat(request(number)) for number in range(8))) == alone
        assert not long.done()
        picture(await long)


async def test_an_answer_that_does_not_fit_the_memory_says_so(engine: FakeEngine) -> None:
    async with engine.client() as client:
        await client.chat(request(0))
        forward = planners[0].model.forward

        def full(**options: Any) -> Any:
            raise MemoryError

        planners[0].model.forward = full
        with pytest.raises(OutOfMemory):
            await client.chat(request(1))
        planners[0].model.forward = forward
        assert await client.chat(request(0))
        assert planners[0].slots == 1


async def test_seconds_are_counted_by_phase(engine: FakeEngine) -> None:
    async with engine.client() as client:
        await client.chat(request(0))
        # With a key, a reader who leaves at the last picture does not cancel what the job still has to note.
        events = [event async for event in client.images(asking("a fox", num_inference_steps=4), key="phases")]
        picture(events)
        await engine.until_idle()
    found = Figures(engine.jobs.exposition(), "limner_engine_")
    counts = {phase.value: found.value("phase_seconds_count", phase=phase.value) for phase in Phase}
    others = {Phase.WAITING.value: 2, Phase.WORDS.value: 2, Phase.UPSCALER.value: 0}
    assert counts == {phase.value: 1 for phase in Phase} | others
    for lane, phases in ((Lane.CHAT, CHAT), (Lane.IMAGES, PICTURE)):
        seconds = {phase: found.value("phase_seconds_sum", phase=phase.value) for phase in phases}
        assert all(seconds.values()), seconds
        whole = found.value("job_seconds_sum", lane=lane.value)
        assert 0.5 * whole < sum(seconds.values()) <= 1.1 * whole + 0.05  # which another thread measures


CHAT = (Phase.READING, Phase.WRITING)
PICTURE = (Phase.TEXT_ENCODER, Phase.DENOISER, Phase.AUTOENCODER, Phase.CHECK, Phase.FILE)


def test_where_the_models_take_turns_the_memory_is_given_back_after_each_answer() -> None:
    planner = Planner(build("qwen3"), qwen_tokenizer(), "x", PlannerFacts())
    work, answers = Conversation(request(1)), [Events() for _ in range(3)]
    planner.answer(work, answers[0])
    planner.use_swap(ModelSwap(planner.model, [], "cpu"))
    assert planner.slots == 1
    for seen in answers[1:]:
        planner.answer(work, seen)
        assert planner.decoder
        assert not planner.decoder.holds_memory
    assert answers[0].events[-1] == answers[1].events[-1] == answers[2].events[-1]


def test_a_model_without_slots_answers_one_at_a_time() -> None:
    planner = Planner(build("llama"), qwen_tokenizer(), "x", PlannerFacts())
    assert planner.slots == 8
    planner.use_slots(4)
    assert planner.slots == 4
    other = build("llama")
    other.config._attn_implementation = "eager"
    assert Planner(other, qwen_tokenizer(), "x", PlannerFacts()).slots == 1
