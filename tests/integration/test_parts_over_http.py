"""A region from Discord through the engine's socket and a real pipeline and back: all but the part is the picture."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from tests.engine.test_editors import SIDE
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_edits_over_http import (
    Studio,
    generous,
    little,
    painted,
    parent_of,
    pixels,
    simcord_bot,
    studio,
    to_do,
)
from tests.integration.test_parts import region
from tests.integration.test_parts_pixels import RealPixels

__all__ = ["generous", "little", "simcord_bot", "studio"]


@pytest.fixture(autouse=True)
def real_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "FakePixels", RealPixels)


@pytest.mark.parametrize("studio", ["sdxl"], indirect=True)
async def test_what_comes_back_is_the_picture_but_for_the_cell(world: World, studio: Studio) -> None:
    _, message, shown = await parent_of(world, studio)
    to_do(studio, "Add a lighthouse.")
    studio.planner.says["prompt"] = "a lighthouse"
    await region(world, message, "5")
    part = await painted(world)
    before, after = (Image.frombytes("RGB", (SIDE, SIDE), each) for each in (shown, await pixels(world, part)))
    changed = ImageChops.difference(before, after).getbbox()
    assert changed
    left, top, right, bottom = changed
    assert SIDE // 3 <= left < right <= 2 * SIDE // 3
    assert SIDE // 3 <= top < bottom <= 2 * SIDE // 3
