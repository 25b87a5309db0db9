"""Replies to pictures of the starter's, by the tables that read for it: what is not mentioned stays."""

from __future__ import annotations

import pytest

from tests.integration.conftest import World
from tests.integration.test_thing_doubts import engine as engine  # a fixture
from tests.integration.test_thing_doubts import picture, untouched


@pytest.mark.parametrize("words", ["改成夜晚，加一只猫", "make it night, plus a cat", "night, add a cat"])
async def test_what_is_added_takes_nothing_s_place(world: World, words: str) -> None:
    await world.ada.send(world.channel, words, reply_to=await picture(world))
    await untouched(world, 2)
    prompt = world.engine.painted[-1][0].prompt
    assert [word for word in ("sailboat", "cat", "lake", "night") if word not in prompt] == []
