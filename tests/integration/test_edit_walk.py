"""The walk with a painter that edits: four pictures, one of them, changed, again, from the first version, erased."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job
from bot.domain.quota import Limit
from bot.services.orders import Rules
from tests.fakes import SPEC
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_edit_by_instruction import EDITOR, last, listing, newest, posted
from tests.integration.test_personal import erase, rows

WORDS = {"en-US": ("a red boat", "make it night", "make it winter"), "zh-CN": ("一条红船", "改成夜晚", "改成冬天")}
LABELS = {"en-US": "Again", "zh-CN": "再画一张"}


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("restart", [False, True])
async def test_four_pictures_the_third_night_again_the_first_version_erased(
    world: World, restart: bool, locale: str
) -> None:
    world.speaks[world.ada.id] = locale
    first_words, night, winter = WORDS[locale]
    await listing(world, EDITOR)

    async def between() -> None:
        if restart:
            await world.restart()
            await world.bot.services.catalog.refresh()
        world.env.backend.advance_clock(SAME_S)

    async def changed(parent: Job, words: str, instruction: str) -> Job:
        world.engine.answer = json.dumps({**SPEC, "kind": "change", "version": None, "instruction": instruction})
        await world.ada.send(world.channel, words, reply_to=await world.find(parent))
        return await newest(world)

    await world.ada.slash(world.channel, "imagine", prompt=first_words, seed=7, count=4)
    whole = await newest(world)
    files = [bytes(await one.read()) for one in (await world.find(whole)).attachments]

    await between()
    await world.ada.click(await world.find(whole), label="3")
    third = await newest(world)
    assert await posted(world, third) == files[2]

    await between()
    dark = await changed(third, night, "Make it night.")
    assert last(world) == ("Make it night.", files[2], None)

    await between()
    again_label: Any = next(one for one in world.labels() if one in LABELS.values())
    await world.ada.click(await world.find(dark), label=again_label)
    again = await newest(world)
    assert last(world) == ("Make it night.", files[2], None)
    assert (again.parent_id, again.seed != dark.seed) == (dark.id, True)

    await between()
    cold = await changed(third, winter, "Make it winter.")
    assert (last(world), cold.parent_id) == (("Make it winter.", files[2], None), third.id)
    assert await world.used(world.ada) == 4 + 3

    await between()
    world.speaks.clear()  # whose buttons the helper knows in English
    await erase(world, world.ada)
    assert await rows(world, "jobs") == await rows(world, "start_pictures") == await rows(world, "job_starts") == []
    assert await world.pictures() == []
