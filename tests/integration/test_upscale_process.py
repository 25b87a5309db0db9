"""Upscale from the button to a real engine process with a network of random weights, and back into the channel."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from bot.client import LimnerBot
from bot.cogs.double_press import SAME_S
from bot.storage.database import Database
from bot.ui.i18n import text
from bot.ui.markdown_escape import plain
from engine.api.address import Address
from engine.api.client import EngineClient
from engine.api.messages import Completed, ImageEvent, ImageRequest, StartImage
from harness.tiny_upscalers import network, save_upscaler
from tests.engine.conftest import KEY, EngineProcess, models
from tests.fakes import FakeClock
from tests.integration import conftest
from tests.integration.conftest import SimCordCdn, World, adapters
from tests.integration.test_edits_over_http import painted
from tests.integration.test_parts import fields, labels
from tests.integration.test_parts_pixels import RealPixels
from tests.pictures import decoded, encoded

__all__ = ["models"]
SIZE, COLOUR = (300, 260), (200, 90, 30)
"""Of pictures that take several tiles."""


class Painted(EngineClient):
    """The engine's client, but for pictures that are painted from words: these are the ones that a test needs."""

    picture: Image.Image
    env: Any = None

    async def images(
        self, request: ImageRequest, *, key: str | None = None, start: StartImage | None = None
    ) -> AsyncGenerator[ImageEvent, None]:
        if start is None:
            size = f"{self.picture.width}x{self.picture.height}"
            yield Completed(encoded(self.picture), 0, size, request.seed, steps=2, model="painter")
            return
        enlarging = super().images(request, key=key, start=start)
        for event in await self.env.external_wait(_all(enlarging), reason="another process enlarges"):
            yield event


async def _all(events: AsyncGenerator[ImageEvent, None]) -> list[ImageEvent]:
    return [event async for event in events]


@pytest.fixture(scope="module")
def process(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    folder = tmp_path_factory.mktemp("upscaling")
    engine = EngineProcess(
        folder,
        ["--host", "127.0.0.1", "--port", "0", "--until-stdin-closes"],
        ENGINE_API_KEY=KEY,
        LIMNER_MODEL=str(models / "painter"),
        LIMNER_PLANNER=str(models / "planner"),
        LIMNER_UPSCALER=str(save_upscaler(folder / "tiny_x4.safetensors", network("rrdb", 4, blocks=3))),
        OMP_NUM_THREADS="1",
    )
    engine.wait_for("models.ready")
    yield engine
    assert engine.close_stdin() == 0, engine.stderr
    assert "Traceback" not in engine.stderr


@pytest_asyncio.fixture
async def client(process: EngineProcess) -> AsyncIterator[Painted]:
    async with Painted(Address(str(process.wait_for("engine.listening")["address"])), KEY) as client:
        yield client


@pytest_asyncio.fixture
async def simcord_bot(
    client: Painted, database: Database, clock: FakeClock, swift: None, monkeypatch: pytest.MonkeyPatch
) -> LimnerBot:
    monkeypatch.setattr(conftest, "FakePixels", RealPixels)
    cdn = SimCordCdn()
    cdn.client = LimnerBot(adapters(client, database, clock, cdn))
    cdn.client.shard_count = 1  # SimCord must be told
    return cdn.client


async def enlarged(world: World, client: Painted, picture: Image.Image) -> tuple[Any, Image.Image]:
    """Draw the picture, and press Upscale and ×4; return the message that came of it, and what it shows."""
    client.picture, client.env = picture, world.env
    await world.bot.services.catalog.refresh()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, exact=True)
    await painted(world)
    shown = (await world.ada.click(world.message, label="Upscale")).response
    assert labels(shown) == [text("en", "upscale-times", scale=scale) for scale in (2, 4)]
    await world.ada.click(shown, label="×4")
    job = await painted(world)
    assert job.order.upscale == 4
    message = await world.find(job)
    world.env.backend.advance_clock(SAME_S)
    return message, decoded(await message.attachments[0].read())


async def test_four_times_as_large_and_what_is_plain_stays_plain(world: World, client: Painted) -> None:
    message, large = await enlarged(world, client, Image.new("RGB", SIZE, COLOUR))
    assert large.size == (4 * SIZE[0], 4 * SIZE[1])
    assert np.ptp(np.asarray(large, int).reshape(-1, 3), axis=0).max() <= 1, "no seam, no border"
    assert await fields(world, message) == {"details-upscaler": plain("tiny_x4")}
