"""The catalog of loaded models: from memory at once, refreshed behind it, and patient with an engine that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.services.catalog import MAX_CHOICES, Catalog
from bot.services.draw import FALLBACK_SIZES
from engine.api.errors import EngineError, Unavailable
from engine.api.messages import Model, ModelFacts, Status
from tests.fakes import FakeEngine

PAINTER = Model("sdxl", limner=ModelFacts("painter", sizes={"square": "512x512"}))
PLANNER = Model("qwen", limner=ModelFacts("planner"))


class Flaky(FakeEngine):
    """Counts how often it is asked for its models, and fails while `away`."""

    def __init__(self, models: list[Model]) -> None:
        super().__init__(models=models)
        self.asked, self.away = 0, False

    async def models(self) -> list[Model]:
        self.asked += 1
        if self.away:
            raise Unavailable("away")
        return self.listed


class Stuck(FakeEngine):
    async def models(self) -> list[Model]:
        await asyncio.Event().wait()
        raise AssertionError

    async def status(self) -> Status:
        await asyncio.Event().wait()
        raise AssertionError


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not true():
            await asyncio.sleep(0)


def test_before_the_engine_told_anything_there_is_the_name_that_every_engine_takes() -> None:
    catalog = Catalog(FakeEngine())
    assert catalog.models() == ["default"]
    assert catalog.models("xl") == []
    assert catalog.facts.sizes == FALLBACK_SIZES


async def test_of_limners_models_the_painters_are_offered() -> None:
    catalog = Catalog(FakeEngine(models=[PLANNER, PAINTER]))
    assert await catalog.refresh()
    assert catalog.models() == ["sdxl"]
    assert (catalog.models(" SD"), catalog.models("qwen")) == (["sdxl"], [])
    assert (catalog.facts.model, catalog.facts.sizes) == ("sdxl", {"square": "512x512"})


async def test_of_another_services_models_all_are_offered_as_far_as_discord_takes_them() -> None:
    catalog = Catalog(FakeEngine(models=[Model(f"model-{number}") for number in range(40)]))
    await catalog.refresh()
    assert catalog.models() == [f"model-{number}" for number in range(MAX_CHOICES)]
    assert catalog.models("39") == ["model-39"]


async def test_it_is_refreshed_again_and_again() -> None:
    engine = Flaky([PAINTER])
    catalog = Catalog(engine, refresh_s=0.2)
    running = asyncio.create_task(catalog.run())
    await until(lambda: catalog.models() == ["sdxl"])
    engine.listed, asked = [PLANNER, Model("flux", limner=ModelFacts("painter"))], engine.asked
    await asyncio.sleep(0.02)
    assert engine.asked == asked, "an engine that answered is left in peace for a while"
    await until(lambda: catalog.models() == ["flux"])
    assert catalog.facts.model == "flux"
    running.cancel()


async def test_after_a_failure_it_is_asked_again_soon_and_what_was_known_stays_known() -> None:
    engine = Flaky([PAINTER])
    catalog = Catalog(engine, refresh_s=60, first_retry_s=0.001)
    await catalog.refresh()
    engine.away, asked = True, engine.asked
    running = asyncio.create_task(catalog.run())
    await until(lambda: engine.asked >= asked + 3)
    assert catalog.models() == ["sdxl"]
    engine.listed, engine.away = [Model("flux", limner=ModelFacts("painter"))], False
    await until(lambda: catalog.models() == ["flux"])
    running.cancel()


async def test_an_engine_that_begins_anew_is_asked_until_it_has_loaded() -> None:
    engine, started = Flaky([PAINTER]), asyncio.Event()
    catalog = Catalog(engine, refresh_s=60, first_retry_s=0.001)
    await catalog.refresh()
    following = asyncio.create_task(catalog.follow(started))
    engine.away, asked = True, engine.asked
    await asyncio.sleep(0.01)
    assert engine.asked == asked
    started.set()
    await until(lambda: engine.asked >= asked + 3)
    engine.listed, engine.away = [Model("flux", limner=ModelFacts("painter"))], False
    await until(lambda: catalog.models() == ["flux"])
    asked = engine.asked
    await asyncio.sleep(0.01)
    assert engine.asked == asked, "until the next start"
    following.cancel()


async def test_an_engine_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.catalog.ANSWER_S", 0.01)
    catalog = Catalog(Stuck(), refresh_s=0.01)
    assert not await catalog.refresh()
    assert catalog.models() == ["default"]
    with pytest.raises(EngineError):
        await catalog.status()
