"""A language model at PLANNER_URL that understands perfectly: its answers, in whatever form, reach the painter."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from bot.client import LimnerBot
from bot.domain.outgoing import scrub
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.services.split_engine import SplitEngine
from bot.settings import read
from bot.storage.database import Database
from bot.understanding.instructions import FIRST_TURNS
from engine.api.auto_client import AutoClient
from harness.right_answers import load_right
from tests.fakes import FakeClock, FakeEngine
from tests.hosted.openai_server import KEY, OpenAIServer, serving
from tests.integration import conftest
from tests.integration.conftest import SimCordCdn, World, adapters

Answer = dict[str, Any]
FORMS: tuple[Callable[[Answer], str], ...] = (
    json.dumps,
    lambda answer: f"```json\n{json.dumps(answer, ensure_ascii=False, indent=2)}\n```",
    lambda answer: f'<think>{{maybe}} {{"prompt": "a draft"}}</think>{json.dumps(answer)}',
    lambda answer: f'Okay, {{so}} {{"prompt": "a draft"}}…\n</think>\n{json.dumps(answer)}',
    lambda answer: json.dumps(dict(reversed(answer.items()))),
    lambda answer: json.dumps({"reasoning": "{}", **answer, "unknown": "none", "version": "1", "instruction": ["x"]}),
    lambda answer: json.dumps({"PromptSpec": answer}),
    lambda answer: json.dumps({name.capitalize(): value for name, value in answer.items()}),
)
ROWS = [row for row in load_right() if row.base is None and row.group == "languages"][::3]
MINUTE_S = 61.0
"""Nobody's words are read more than ten times a minute."""


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(999, "hour"),), at_once=9))


@pytest_asyncio.fixture
async def planner() -> AsyncIterator[OpenAIServer]:
    async with serving(OpenAIServer(tolerant=True)) as server:
        yield server


@pytest_asyncio.fixture
async def simcord_bot(
    planner: OpenAIServer, engine: FakeEngine, database: Database, clock: FakeClock, swift: None
) -> AsyncIterator[LimnerBot]:
    address = read({"PLANNER_URL": planner.url}).planner
    assert address
    async with AutoClient(address, KEY, scrub, planner="the-only-one") as client:
        cdn = SimCordCdn()
        cdn.client = LimnerBot(adapters(SplitEngine(engine, client), database, clock, cdn))
        cdn.client.shard_count = 1  # SimCord must be told
        yield cdn.client


async def painted(world: World, pictures: int) -> tuple[str, str]:
    """Return the prompt and the negative prompt of the newest picture, once there are so many."""
    async with asyncio.timeout(10):
        while len(world.engine.painted) < pictures or "Cancel" in world.labels():
            await asyncio.sleep(0.01)
            await world.env.settle()
    request, _ = world.engine.painted[-1]
    return request.prompt, request.negative_prompt or ""


async def test_answers_in_many_languages_and_forms_are_left_alone(world: World, planner: OpenAIServer) -> None:
    assert len(ROWS) > len(FORMS)
    for number, row in enumerate(ROWS):
        world.clock.at += MINUTE_S
        planner.content = FORMS[number % len(FORMS)](row.answer)
        await world.ada.slash(world.channel, "imagine", prompt=row.words)
        prompts = await painted(world, number + 1)
        assert not row.harmed(*prompts), (row.words, planner.content, prompts)
    assert len(planner.requests) == len(ROWS), "an answer was refused"


CHAT: tuple[tuple[str, Answer], ...] = (
    ("omg 😂😂😂", {"kind": "chat"}),
    ("你们看这个", {"kind": "Chat", "version": 0, "prompt": None}),
    (":joy:", {"kind": "chat", "prompt": FIRST_TURNS[1].answer["prompt"]}),
    ("Was für ein Modell ist das?", {"kind": "chat", "prompt": "a fox in a garden", "keywords": "fox"}),
)  # fmt: skip


async def test_chat_draws_nothing_costs_nothing_and_leaves_no_trace(world: World, planner: OpenAIServer) -> None:
    planner.content = json.dumps({"understood": "a fox", "keywords": ["fox"], "prompt": "a fox in a garden"})
    await world.ada.slash(world.channel, "imagine", prompt="a fox")
    await painted(world, 1)
    picture, used = world.message, await world.used(world.ada)
    for words, answer in CHAT:
        planner.content, asked = json.dumps(answer), len(planner.requests)
        await world.ada.send(world.channel, words, reply_to=picture)
        async with asyncio.timeout(10):
            while len(planner.requests) == asked:
                await asyncio.sleep(0.01)
        await world.env.settle()
        assert len(planner.requests) == asked + 1
    assert len(world.engine.painted) == len(await world.pictures()) == 1
    assert await world.used(world.ada) == used
    planner.content = json.dumps({"kind": "change", "keywords": ["fox", "night"], "prompt": "a fox at night"})
    await world.ada.send(world.channel, "thanks, now make it night", reply_to=picture)
    assert await painted(world, 2) == ("a fox at night", "")
    turns = planner.requests[-1].fields["messages"]
    asked_for = [turn["content"] for turn in turns if turn["role"] == "user"]
    assert asked_for[-2:] == ["a fox", "thanks, now make it night"]
