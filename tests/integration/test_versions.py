"""Changing a picture by talking, and every other way to a further version of it; also with a restart in between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, JobState, Kind
from bot.ui.fine_print import changed
from engine.api.messages import Model, ModelFacts
from tests.integration.conftest import World, under_more

PAINTER = Model("painter", limner=ModelFacts("painter", sizes={"square": "512x512", "wide": "640x384"}, largest=1280))


def spec(understood: str, prompt: str, *keywords: str, negative: str = "") -> str:
    answer = {"understood": understood, "keywords": keywords, "prompt": prompt, "negative": negative}
    return json.dumps(answer, ensure_ascii=False)


BEACH = spec("日落时的海滩", "a beach at sunset", "beach", "sunset")
NIGHT = spec("夜晚海滩上的一艘船", "a boat on a beach at night", "boat", "beach", "night")
WATERCOLOR = spec(
    "a boat on the beach at night", "a watercolor of a boat on a beach at night", "boat", "beach", "night", "watercolor"
)
LIGHTHOUSE = spec("a lighthouse on the beach", "a lighthouse on a beach at sunset", "lighthouse", "beach", "sunset")


@pytest.fixture(params=["same process", "after a restart"])
def when(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Walk:
    """Takes steps, each after a restart where the test asks for that, and finds the job of the newest message."""

    def __init__(self, world: World, when: str) -> None:
        self.world, self.restarts = world, when == "after a restart"
        world.engine.listed = [PAINTER]

    async def step(self) -> None:
        if self.restarts:
            await self.world.restart()
        else:
            await self.world.bot.services.catalog.refresh()

    async def imagine(self, answer: str = BEACH, **options: Any) -> Job:
        await self.step()
        self.world.engine.answer = answer
        await self.world.ada.slash(self.world.channel, "imagine", prompt="夕阳下的海滩", **options)
        return await self.newest()

    async def reply(self, to: Job, words: str, answer: str, actor: Any = None) -> Job:
        await self.step()
        self.world.engine.answer = answer
        message = await self.world.find(to)
        await (actor or self.world.ada).send(self.world.channel, words, reply_to=message)
        await self.world.env.settle()
        return await self.newest()

    async def press(self, job: Job, label: str, actor: Any = None) -> Any:
        await self.step()
        who, message = actor or self.world.ada, await self.world.find(job)
        if label in ("Details", "Delete"):
            self.world.env.backend.advance_clock(SAME_S)
            return await under_more(who, message, label)
        return await who.click(message, label=label)

    async def newest(self) -> Job:
        job = await self.world.jobs.by_message((await self.world.pictures())[0].id)
        assert job
        return job


@pytest.fixture
def walk(world: World, when: str) -> Walk:
    return Walk(world, when)


async def test_the_whole_conversation(world: World, walk: Walk) -> None:
    first = await walk.imagine(seed=7, shape="wide")
    second = await walk.reply(first, "改成夜晚，加一条船", NIGHT)
    third = await walk.reply(second, "and make it watercolor", WATERCOLOR)
    branch = await walk.reply(first, "add a lighthouse", LIGHTHOUSE, world.ben)

    assert [job.parent_id for job in (first, second, third, branch)] == [None, first.id, second.id, first.id]
    assert {(job.seed, job.order.shape) for job in (first, second, third, branch)} == {(7, "wide")}
    requests = [request for request, _ in world.engine.painted]
    assert [request.seed for request in requests] == [7, 7, 7, 7]
    assert world.engine.starts == [None] * 4, "the seed keeps the composition"
    chat = world.engine.chats[1]
    assert [message.role for message in chat.messages[-3:]] == ["user", "assistant", "user"]
    assert chat.messages[-3].text == "夕阳下的海滩"
    assert "a beach at sunset" in chat.messages[-2].text
    assert chat.messages[-1].text == "改成夜晚，加一条船"
    chain = [message.text for message in world.engine.chats[2].messages if message.role == "user"]
    assert chain[-3:] == ["夕阳下的海滩", "改成夜晚，加一条船", "and make it watercolor"]
    assert third.spec
    assert set(third.spec.keywords) == {"boat", "beach", "night", "watercolor"}

    shown = await world.find(second)
    assert "Changed: + boat, + night, − sunset" in shown.content
    assert changed(second, "zh-CN") == "改动：改成夜晚，加一条船", (
        "keywords are English, so the requester's words say it"
    )
    assert branch.place.user_id == world.ben.id

    world.clock.at += 3_600
    await walk.press(third, "Vary")
    world.env.backend.advance_clock(1.0)
    result = await walk.press(third, "Vary")
    await walk.step()
    await world.ada.select(result.response, values=["strong"])
    await world.env.settle()
    varied = await walk.newest()
    assert (varied.order.kind, varied.parent_id, varied.order.strength) == (Kind.VARY, third.id, 0.85)
    assert varied.seed != third.seed
    start = world.engine.starts[-1]
    assert start
    assert start.strength == 0.85

    await walk.press(varied, "Upscale")
    await world.env.settle()
    large = await walk.newest()
    assert (large.order.kind, large.parent_id, large.order.size) == (Kind.UPSCALE, varied.id, "1280x768")
    assert world.engine.painted[-1][0].size == "1280x768"

    details = await walk.press(large, "Details")
    tree = next(field.value for field in details.response.embeds[0].fields if field.name == "Came from")
    assert [job.link in tree for job in (varied, third, second, first)] == [True] * 4
    assert branch.link not in tree

    await walk.press(large, "Delete")
    assert large.message_id not in [message.id for message in await world.messages()]
    gone = await world.jobs.get(large.id)
    assert gone
    assert gone.deleted_at is not None
    assert {job.state for job in [await world.jobs.get(each.id) for each in (first, second, third)] if job} == {
        JobState.DONE
    }
