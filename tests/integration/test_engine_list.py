"""Two engines behind the real bot: one that dies amid a picture costs its member nothing, and /status names both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import stamina

from bot.client import LimnerBot
from bot.services import job_runner
from bot.services.engine_pool import EnginePool
from bot.storage.database import Database
from bot.watch.exposition import Exposition
from engine.api.errors import Unavailable
from engine.api.messages import Model, ModelFacts, Status
from tests.fakes import FakeClock
from tests.figures import Figures
from tests.integration.conftest import SimCordCdn, World, adapters
from tests.unit.test_engine_pool import PAINTER, Listed

OTHER = Model("b/painter", limner=ModelFacts("painter"))


@pytest.fixture
def pair() -> dict[str, Listed]:
    return {"gpu0": Listed(), "gpu1": Listed()}


@pytest_asyncio.fixture
async def pool(pair: dict[str, Listed]) -> AsyncIterator[EnginePool]:
    pool = EnginePool(pair)
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def simcord_bot(pool: EnginePool, database: Database, clock: FakeClock, swift: None) -> LimnerBot:
    cdn = SimCordCdn()
    cdn.client = LimnerBot(adapters(pool, database, clock, cdn))
    cdn.client.shard_count = 1  # SimCord must be told
    return cdn.client


async def test_a_picture_whose_engine_dies_is_painted_by_the_other_delivered_once_and_charged_once(
    world: World, pair: dict[str, Listed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "again", stamina.AsyncRetryingCaller(attempts=3, wait_initial=0.01, wait_jitter=0))
    one, two = pair.values()

    async def dies() -> None:
        one.away = Unavailable("nobody is there")
        raise Unavailable("The engine's answer was cut short.")

    one.hold = dies
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    await world.env.settle()
    [(first, key)], [(second, again)] = one.painted, two.painted
    assert (first.seed, first, key) == (second.seed, second, again), "the same pixels"
    [picture] = await world.pictures()
    assert len(picture.attachments) == 1
    assert "Again" in world.labels()
    assert await world.used(world.ada) == 1


async def test_status_names_each_engine(world: World, pair: dict[str, Listed]) -> None:
    one, two = pair.values()
    one.queue = Status(2, 8.0)
    shown = (await world.ada.slash(world.channel, "status")).response.content
    assert "gpu0 works: 2 pictures wait or are painted" in shown
    assert "gpu1 works: nothing waits" in shown
    two.away = Unavailable("nobody is there")
    shown = (await world.ada.slash(world.channel, "status")).response.content
    assert "gpu1 does not answer, and is left out until it does." in shown
    two.away, two.listed = None, [OTHER]
    await world.ada.slash(world.channel, "status")
    await asyncio.sleep(0.01)
    world.speaks[world.ada.id] = "zh-CN"
    shown = (await world.ada.slash(world.channel, "status")).response.content
    assert "不用 gpu1：它的绘画模型是 b/painter，而 gpu0 的是 a/painter。" in shown
    assert PAINTER.id in shown


async def test_the_figures_name_each_engine(
    world: World, pair: dict[str, Listed], pool: EnginePool, tmp_path: Path
) -> None:
    exposition = Exposition(
        world.bot.meters, world.database, tmp_path / "limner.sqlite3", pool, world.clock, ("gpu0", "gpu1")
    )
    pair["gpu1"].away = Unavailable("nobody is there")
    pair["gpu0"].queue = Status(2, 8.0)
    found = Figures(await exposition(), "limner_bot_")
    assert found.value("engine_up") == found.value("listed_engine_up", engine="gpu0") == 1
    assert found.value("listed_engine_up", engine="gpu1") == 0
    assert found.value("listed_engine_pictures", engine="gpu0") == 2
    pair["gpu0"].away = Unavailable("nobody is there")
    found = Figures(await exposition(), "limner_bot_")
    assert found.value("engine_up") == found.value("listed_engine_up") == 0
