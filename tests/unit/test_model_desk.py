"""The page's desk: real processes fetch from a small hub, one at a time; a switch is a change of .env."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.cli.model_desk import Desk
from bot.host.engine_settings import NAMES
from bot.host.model_store import write_settings
from bot.sandbox.page_models import DeskRefused
from engine.api.model_catalog import CATALOG
from harness.small_hub import SmallHub
from tests.engine.test_hub import CHECK, MODELS, PAINTER

KLEIN = "black-forest-labs/FLUX.2-klein-4B"
WEIGHTS = f"{KLEIN}/unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Desk, SmallHub]]:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    hub = SmallHub({KLEIN: MODELS[PAINTER], CHECK: MODELS[CHECK]})
    for name, value in hub.environment(tmp_path / "hf").items():
        monkeypatch.setenv(name, value)
    made = Desk(tmp_path / "home")
    yield made, hub
    await made.close()
    hub.stop()


async def test_it_fetches_one_at_a_time_and_says_how_far_it_is(desk: tuple[Desk, SmallHub]) -> None:
    made, hub = desk
    hub.cuts[WEIGHTS] = [300_000] + [0] * 100
    await made.act("fetch", KLEIN, "en-US")
    with pytest.raises(DeskRefused, match="is being fetched already"):
        await made.act("fetch", KLEIN, "en-US")
    async with asyncio.timeout(60):
        while not ((state := (await made.listed("en-US"))["fetching"]) and state["percent"]):
            await asyncio.sleep(0.1)
    assert state["name"] == KLEIN
    assert f"{state['percent']} %" in state["text"]
    await made.act("stop", "", "en-US")
    listed = await made.listed("en-US")
    assert listed["fetching"] is None
    assert {row["here"] for row in listed["models"] if row["name"] == KLEIN} == {"partly"}
    hub.cuts.clear()
    await made.act("fetch", KLEIN, "en-US")
    async with asyncio.timeout(60):
        while (await made.listed("en-US"))["fetching"]:
            await asyncio.sleep(0.1)
    listed = await made.listed("zh-CN")
    assert listed["failed"] is None
    assert {row["here"] for row in listed["models"] if row["name"] == KLEIN} == {"whole"}
    assert [row["name"] for row in listed["models"]] == [known.name for known in CATALOG if known.paints]


async def test_it_switches_by_env_and_takes_nothing_else(desk: tuple[Desk, SmallHub]) -> None:
    made, hub = desk
    write_settings({"LIMNER_LIMIT": "5/day"})
    await made.act("use", KLEIN, "en-US")
    assert dotenv_values(".env") == {"LIMNER_LIMIT": "5/day", "LIMNER_MODEL": KLEIN, "LIMNER_PLANNER": "auto"}
    assert (await made.listed("en-US"))["using"] == KLEIN
    await made.act("use", "starter", "en-US")
    assert dotenv_values(".env")["LIMNER_MODEL"] == ""
    for verb in ("fetch", "use"):
        with pytest.raises(DeskRefused, match="is not among the models"):
            await made.act(verb, PAINTER, "en-US")
    with pytest.raises(ValueError):
        await made.act("dance", KLEIN, "en-US")
    assert hub.asked == []


async def test_a_switch_that_the_environment_would_undo_is_refused(
    desk: tuple[Desk, SmallHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMNER_MODEL", KLEIN)
    with pytest.raises(DeskRefused, match="LIMNER_MODEL"):
        await desk[0].act("use", "starter", "en-US")
    assert dotenv_values(".env") == {}
