"""A change of the models in .env starts the engine anew, and nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from bot.host.engine_settings import NAMES, follow_settings, set_elsewhere


class Counted:
    """Stands in for the engine's process."""

    def __init__(self) -> None:
        self.replaced = 0

    def replace(self) -> None:
        self.replaced += 1


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("LIMNER_LIMIT=5/day\n")
    return tmp_path


@asynccontextmanager
async def following() -> AsyncIterator[Counted]:
    engine = Counted()
    task = asyncio.create_task(follow_settings(engine.replace, [], look_s=0.01))
    await asyncio.sleep(0.03)
    try:
        yield engine
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(engine: Counted, count: int) -> None:
    async with asyncio.timeout(30):
        while engine.replaced < count:
            await asyncio.sleep(0.01)


async def test_another_model_replaces_the_engine_once(folder: Path) -> None:
    async with following() as engine:
        (folder / ".env").write_text("LIMNER_LIMIT=5/day\nLIMNER_MODEL=artist/painter\n")
        await until(engine, 1)
        (folder / ".env").write_text("LIMNER_LIMIT=6/day\nLIMNER_MODEL=artist/painter\n")
        await asyncio.sleep(0.1)
        assert engine.replaced == 1, "a setting of the bot's alone is none of the engine's"
        (folder / ".env").unlink()
        await until(engine, 2)


async def test_a_mistake_keeps_the_engine_that_runs(folder: Path) -> None:
    async with following() as engine:
        (folder / ".env").write_text("LIMNER_MODEL=nonsense\n")
        await asyncio.sleep(3)
        assert engine.replaced == 0
        (folder / ".env").write_text("LIMNER_MODEL=artist/painter\n")
        await until(engine, 1)


async def test_what_the_environment_sets_is_told() -> None:
    assert set_elsewhere({"LIMNER_MODEL": "a/b", "LIMNER_PLANNER": " ", "LIMNER_LIMIT": "1/day"}) == ["LIMNER_MODEL"]
