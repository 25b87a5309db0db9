"""The walk with a painter that edits: four pictures, one of them, changed twice, again, from the first, erased."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job
from bot.domain.quota import Limit
from bot.services.orders import Rules
from tests.fakes import PNG, SPEC
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_edit_by_instruction import EDITOR, last, listing, newest, posted
from tests.integration.test_personal import erase, rows
from tests.integration.test_references import sent
from tests.integration.test_same_moment import at_once

WORDS = {
    "en-US": ("a red boat", "make it night", "put this flag on it", "make it winter"),
    "zh-CN": ("一条红船", "改成夜晚", "把这面旗挂上去", "改成冬天"),
}
FLAG = PNG + b"flag"
STEPS = ("3", "night", "flag", "Again", "winter", "erase")
LABELS = {"en-US": "Again", "zh-CN": "再画一张"}


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("restart", ["", *(pytest.param(step, marks=pytest.mark.full) for step in STEPS), "each"])
async def test_four_pictures_the_third_night_with_a_flag_again_the_first_version_erased(
    world: World, restart: str, locale: str
) -> None:
    """`restart` names the step before which the bot is restarted."""
    world.speaks[world.ada.id] = locale
    first_words, night, flag, winter = WORDS[locale]
    await listing(world, EDITOR)

    async def before(step: str) -> None:
        if restart in (step, "each"):
            await world.restart()
            await world.bot.services.catalog.refresh()
        world.env.backend.advance_clock(SAME_S)

    async def changed(parent: Job, words: str, instruction: str, *files: bytes) -> Job:
        world.engine.answer = json.dumps({**SPEC, "kind": "change", "version": None, "instruction": instruction})
        attachments = [("flag.png", file) for file in files]
        await world.ada.send(world.channel, words, reply_to=await world.find(parent), attachments=attachments)
        return await newest(world)

    async def pressed_twice(parent: Job, label: str) -> Job:
        """Press twice in the same moment; what comes of it comes once."""
        count = len(await world.pictures())
        picture = await world.find(parent)
        await at_once(world, (world.ada, world.ada), picture, label)
        assert len(await world.pictures()) == count + 1
        return await newest(world)

    await world.ada.slash(world.channel, "imagine", prompt=first_words, seed=7, count=4)
    whole = await newest(world)
    files = [bytes(await one.read()) for one in (await world.find(whole)).attachments]

    await before("3")
    third = await pressed_twice(whole, "3")
    assert await posted(world, third) == files[2]

    await before("night")
    dark = await changed(third, night, "Make it night.")
    assert last(world) == ("Make it night.", files[2], None)

    await before("flag")
    flagged = await changed(dark, flag, "Put the flag of the second picture on the boat.", FLAG)
    with_flag = (await posted(world, dark), FLAG)
    assert sent(world) == with_flag
    assert last(world)[0] == "Put the flag of the second picture on the boat."

    await before("Again")
    again_label: Any = next(one for one in world.labels() if one in LABELS.values())
    again = await pressed_twice(flagged, again_label)
    assert sent(world) == with_flag
    assert (again.parent_id, again.seed != flagged.seed) == (flagged.id, True)

    await before("winter")
    cold = await changed(third, winter, "Make it winter.")
    assert (last(world), sent(world), cold.parent_id) == (
        ("Make it winter.", files[2], None), (files[2],), third.id
    )  # fmt: skip
    assert await world.used(world.ada) == 4 + 4

    await before("erase")
    world.speaks.clear()  # whose buttons the helper knows in English
    await erase(world, world.ada)
    assert await rows(world, "jobs") == await rows(world, "start_pictures") == await rows(world, "job_starts") == []
    assert await world.pictures() == []
