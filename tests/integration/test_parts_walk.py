"""The walk of a picture: a part of it, its surroundings, four times as large, kept, found, refined, erased."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, Kind
from bot.services.parts import ZOOMS
from bot.ui.i18n import LOCALES, text
from engine.api.messages import Model, ModelFacts, UpscalerFacts
from tests.fakes import SPEC
from tests.integration.conftest import World
from tests.integration.test_edit_by_instruction import listing, newest
from tests.integration.test_finding_pictures import listed
from tests.integration.test_parts import SIZES, generous, labels
from tests.integration.test_personal import rows

__all__ = ["generous"]
WORDS = {"en-US": ("a red lake", "a boat", "make it night"), "zh-CN": ("红色的湖", "一条船", "改成夜晚")}
STEPS = ("region", "zoom", "upscale", "star", "find", "refine", "erase")
PAINTER = Model(
    "sdxl", limner=ModelFacts("painter", sizes=SIZES, largest=1280, upscaler=UpscalerFacts("x4plus", [2, 4], 4_096))
)


def named(message: Any, key: str, **facts: Any) -> str:
    """Return the label of a button, which is in the presser's language in answers, and in the room's under pictures."""
    names = {text(locale, key, **facts) for locale in LOCALES}
    there = labels(message) or [button.label for row in message.components for button in row.children]
    return next(one for one in there if one in names)


class Walk:
    """One member's presses, and restarts before the steps that are named."""

    def __init__(self, world: World, locale: str, restart: str) -> None:
        self.world, self.locale, self.restart = world, locale, restart

    async def before(self, step: str) -> None:
        if self.restart in (step, "each"):
            await self.world.restart()
            await listing(self.world, PAINTER)
        self.later()

    def later(self) -> None:
        self.world.env.backend.advance_clock(SAME_S)

    def answers(self, prompt: str) -> None:
        self.world.engine.answer = json.dumps(
            {**SPEC, "prompt": prompt, "kind": "change", "version": None, "instruction": ""}
        )

    async def press(self, message: Any, key: str, **facts: Any) -> Any:
        self.later()
        return (await self.world.ada.click(message, label=named(message, key, **facts))).response

    async def under_more(self, picture: Any, key: str) -> Any:
        return await self.press(await self.press(picture, "button-more"), key)

    async def form(self, message: Any, key: str) -> Any:
        return await self.world.ada.click(message, label=named(message, key))

    async def made(self, kind: Kind, parent: Job) -> tuple[Job, Any]:
        job = await newest(self.world)
        assert (job.order.kind, job.parent_id, job.finished) == (kind, parent.id, True)
        return job, await self.world.find(job)


@pytest.mark.parametrize("locale", WORDS)
@pytest.mark.parametrize("restart", ["", *(pytest.param(step, marks=pytest.mark.full) for step in STEPS), "each"])
async def test_a_part_the_surroundings_four_times_as_large_kept_found_refined_erased(
    world: World, restart: str, locale: str
) -> None:
    """`restart` names the step before which the bot is restarted."""
    world.speaks[world.ada.id] = locale
    walk = Walk(world, locale, restart)
    first_words, region_words, refined_words = WORDS[locale]
    await listing(world, PAINTER)
    await world.ada.slash(world.channel, "imagine", prompt=first_words, seed=7)
    first = await newest(world)

    await walk.before("region")
    picker = await walk.under_more(await world.find(first), "button-region")
    await world.ada.click(picker, label="5")
    form = await walk.form(picker, "region-words")
    walk.answers("a red lake with a boat")
    await world.ada.submit_modal(form, {"words": region_words})
    part, picture = await walk.made(Kind.REGION, first)

    await walk.before("zoom")
    ways = await walk.under_more(picture, "button-zoom")
    await walk.press(ways, f"zoom-{next(iter(ZOOMS))}")
    zoomed, picture = await walk.made(Kind.ZOOM, part)

    await walk.before("upscale")
    scales = await walk.press(picture, "button-upscale")
    await walk.press(scales, "upscale-times", scale=4)
    large, picture = await walk.made(Kind.UPSCALE, zoomed)
    assert large.order.upscale == 4

    await walk.before("star")
    assert (await walk.press(picture, "button-favourite")).content == text(locale, "favourite-kept")

    await walk.before("find")
    found = await listed(world, world.ada, search="lake boat", favourites=True)
    assert len([one for one in labels(found) if one.startswith("★ ")]) == 1

    await walk.before("refine")
    form = await world.ada.click(found, label=text(locale, "pictures-refine", number=1))
    walk.answers("a red lake with a boat at night")
    await world.ada.submit_modal(form, {"words": refined_words})
    refined = await newest(world)
    assert (refined.parent_id, refined.order.words) == (large.id, refined_words)
    assert await world.used(world.ada) == 5

    await walk.before("erase")
    asked = await world.ada.slash(world.channel, "my data erase")
    await world.ada.click(asked.response, label=text(locale, "erase-yes"))
    for table in ("jobs", "favourites", "start_pictures", "job_starts"):
        assert await rows(world, table) == []
    assert await world.pictures() == []
