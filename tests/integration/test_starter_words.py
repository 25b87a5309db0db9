"""What the tables that read for the starter make of words: what is not mentioned stays, and no name is cut."""

from __future__ import annotations

import pytest

from bot.ui.i18n import text
from tests.integration.conftest import World
from tests.integration.test_thing_doubts import engine as engine  # a fixture
from tests.integration.test_thing_doubts import imagine, loaded, picture, untouched


@pytest.mark.parametrize("words", ["改成夜晚，加一只猫", "make it night, plus a cat", "night, add a cat"])
async def test_what_is_added_takes_nothing_s_place(world: World, words: str) -> None:
    await world.ada.send(world.channel, words, reply_to=await picture(world))
    await untouched(world, 2)
    prompt = world.engine.painted[-1][0].prompt
    assert [word for word in ("sailboat", "cat", "lake", "night") if word not in prompt] == []


@pytest.mark.parametrize("thing", ["山猫", "河马"])
async def test_a_name_is_asked_about_whole_and_not_read_by_its_signs(world: World, thing: str) -> None:
    """A lynx is no cat in the mountains, and a hippo no horse by the river."""
    await loaded(world)
    asked = await imagine(world, f"夕阳下的一只{thing}")
    assert asked.content == text("en-US", "thing-doubt", thing=thing)
    await untouched(world)
