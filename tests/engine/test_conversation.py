"""Requests and refinements as people make them, understood by the starter as it is shipped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest
import pytest_asyncio

from bot.domain.changes import Changes, changes
from bot.domain.jobs import Order
from bot.domain.prompt import PromptSpec
from bot.services.draw import Facts, read_facts, understood
from engine.api.client import EngineClient
from engine.loading import load
from engine.models.source import read_source
from tests.engine.fakes import running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Talk:
    client: EngineClient
    facts: Facts

    async def say(self, words: str, base: PromptSpec | None = None) -> PromptSpec:
        return await understood(self.client, Order(words, base=base), self.facts)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk() -> AsyncIterator[Talk]:
    painter, planner = read_source("LIMNER_MODEL", "", "painter"), read_source("LIMNER_PLANNER", "", "planner")
    async with running(real=partial(load, painter, planner)) as engine, engine.client() as client:
        yield Talk(client, read_facts(await client.models()))


async def test_a_picture_is_changed_by_talking(talk: Talk) -> None:
    first = await talk.say("夕阳下的海滩")
    assert {"beach", "sunset"} <= set(first.prompt.replace(",", "").split())
    assert "沙滩" in first.understood
    night = await talk.say("改成夜晚，加一条船", first)
    assert {"beach", "night", "sailboat"} <= set(night.prompt.replace(",", "").split())
    assert "sunset" not in night.prompt
    assert changes(first, night) == Changes(("sailboat", "night"), ("sunset",))
    painted = await talk.say("and make it watercolor", night)
    assert {"beach", "night", "sailboat", "watercolor"} <= set(painted.prompt.replace(",", "").split())
    assert changes(night, painted) == Changes(("watercolor",), ())


async def test_an_older_version_branches(talk: Talk) -> None:
    first = await talk.say("夕阳下的海滩")
    branch = await talk.say("add a castle", first)
    assert {"beach", "sunset", "castle"} <= set(branch.prompt.replace(",", "").split())
    assert changes(first, branch) == Changes(("castle",), ())


async def test_what_the_starter_cannot_know_is_told_and_the_rest_goes_through_a_whole_conversation(talk: Talk) -> None:
    spec = await talk.say('my dog Luna and two boats on the lake, a sign "Hi!", no people')
    assert spec.unknown == ("luna", "sign")
    assert '"Hi!"' in spec.prompt
    for words in ("make it night", "改成水彩", "add a tree"):
        spec = await talk.say(words, spec)
        assert spec.unknown == ()
    for kept in ("dog", "two sailboats", "lake", "night", "watercolor", "tree"):
        assert kept in spec.prompt
    assert "people" not in spec.prompt
