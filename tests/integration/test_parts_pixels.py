"""What is outside a part keeps its very pixels: from the picture on Discord to the painter, and back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from PIL import Image, ImageChops

from bot.workers import picture_decoder as decoder
from bot.workers.picture_process import PictureProcess
from tests import pictures
from tests.fakes import FakeEngine
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_favourites import starred
from tests.integration.test_parts import answers_change, drawn, generous, paints_with, region
from tests.pictures import decoded, encoded, noise

__all__ = ["generous"]
SIDE = 800
"""Of a picture whose pixels take more than 500 kB, into which others that are started from are brought."""


class RealPixels(PictureProcess):
    """The bot's own decoder, without a process of its own, for which SimCord does not wait."""

    async def _run(self, data: bytes, *arguments: str) -> bytes:
        return await asyncio.sleep(0, decoder.run(data, [*arguments]))


@pytest.fixture(autouse=True)
def real_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "FakePixels", RealPixels)


def same(given: bytes, expected: Image.Image) -> bool:
    return decoded(given).convert("RGB").tobytes() == expected.tobytes()


def white_on_black(size: tuple[int, int], box: tuple[int, int, int, int]) -> bytes:
    mask = Image.new("L", size)
    mask.paste(255, box)
    return encoded(mask)


async def test_a_region_and_a_mask_start_from_every_pixel_of_the_picture(world: World, engine: FakeEngine) -> None:
    picture = noise((SIDE, SIDE))
    engine.picture = encoded(picture)
    await paints_with(world)
    _, message = await drawn(world)
    answers_change(world)
    await region(world, message, "5")
    start = engine.starts[-1]
    assert start and same(start.image, picture)

    await starred(world, world.ada, message)
    mask = white_on_black((SIDE, SIDE), (0, 0, 100, SIDE))
    await world.ada.slash(world.channel, "imagine", prompt="a hill", favourite="red boat", mask=("m.png", mask))
    start = engine.starts[-1]
    assert start and start.mask and same(start.image, picture)
    assert ImageChops.invert(decoded(start.mask).getchannel("A")).getbbox() == (0, 0, 100, SIDE)

    turned = encoded(picture, exif=pictures.exif(8))
    given: dict[str, Any] = {"image": ("photo.png", turned), "mask": ("m.png", mask)}
    await world.ada.slash(world.channel, "imagine", prompt="a hill", **given)
    start = engine.starts[-1]
    assert start and same(start.image, picture.transpose(Image.Transpose.ROTATE_90))


async def test_zooming_out_starts_from_every_pixel_that_the_smaller_picture_has(
    world: World, engine: FakeEngine
) -> None:
    picture = noise((SIDE, SIDE))
    engine.picture = encoded(picture)
    await paints_with(world, sizes={"square": "1200x1200"})
    _, message = await drawn(world)
    await world.ada.click((await under_more(world.ada, message, "Zoom out")).response, label="1.5×")
    start = engine.starts[-1]
    assert start
    inner = decoded(start.image).convert("RGB").crop((200, 200, 1_000, 1_000))
    assert inner.tobytes() == picture.tobytes()
