"""Upscale with an upscaler beside any painter: which scales are offered, what reaches the engine, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from bot.domain.jobs import Kind
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.ui.i18n import LOCALES, text
from engine.api.messages import Model, ModelFacts, UpscalerFacts
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_edit_by_instruction import drawn, listing, newest
from tests.integration.test_parts import fields


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


SIZES = {"square": "512x512"}
KLEIN = ModelFacts("painter", sizes=SIZES, lacks=["strength"], edits_by_instruction=True, references=4)


def model(*scales: int, largest: int = 4_096, facts: ModelFacts = KLEIN) -> Model:
    return Model("klein", limner=structs.replace(facts, upscaler=UpscalerFacts("x4plus", list(scales), largest)))


async def asked(world: World, picture: Any, who: Any = None) -> Any:
    return (await (who or world.ada).click(picture, label="Upscale")).response


@pytest.mark.parametrize("scale", [2, 4])
async def test_where_both_are_possible_one_is_chosen_and_nothing_is_painted(world: World, scale: int) -> None:
    await listing(world, model(2, 4))
    parent = await drawn(world)
    shown = await asked(world, world.message)
    assert shown.content == text("en", "upscale-how")
    assert (len(world.engine.painted), await world.used(world.ada)) == (1, 1), "nothing is counted before"
    await world.ada.click(shown, label=f"×{scale}")
    made = await newest(world)
    start = world.engine.starts[-1]
    assert start
    assert (start.upscale, start.strength, start.references) == (scale, None, ())
    assert (made.order.kind, made.order.upscale, made.parent_id) == (Kind.UPSCALE, scale, parent.id)
    request, _ = world.engine.painted[-1]
    assert (request.seed, request.n, request.partial_images, request.output_format) == (7, 1, 0, "png")
    assert request.prompt == world.engine.painted[0][0].prompt, "the words are those that it was painted from"
    times = "Four times as large" if scale == 4 else "Twice as large"
    assert times in world.message.content
    assert await world.used(world.ada) == 2
    assert await fields(world, world.message) == {"details-upscaler": "fake"}, "the network, as the engine names it"


async def test_where_one_is_possible_one_press_does_it(world: World) -> None:
    await listing(world, model(2))
    await drawn(world)
    await asked(world, world.message)
    made = await newest(world)
    assert (made.order.upscale, made.order.size) == (2, "1024x1024")
    assert world.engine.starts[-1]
    assert world.engine.starts[-1].upscale == 2


async def test_what_would_be_a_huge_png_is_asked_for_as_a_webp(world: World) -> None:
    await listing(world, model(2, 4, largest=9_999))
    await drawn(world)
    shown = await asked(world, world.message)
    await world.ada.click(shown, label="×4")
    await newest(world)
    assert world.engine.painted[-1][0].output_format == "png"
    shown = await asked(world, world.message)
    await world.ada.click(shown, label="×2")
    assert (await newest(world)).order.size == "4096x4096"
    assert (world.engine.painted[-1][0].output_format, world.engine.painted[-1][0].output_compression) == ("webp", 95)


async def test_enlarged_again_and_again_it_ends_with_the_largest_size(world: World) -> None:
    await listing(world, model(2, 4, largest=1_024))
    await drawn(world)
    await asked(world, world.message)
    assert (await newest(world)).order.upscale == 2, "of both, only twice fits, so nothing was to be chosen"
    refused = await asked(world, world.message)
    assert "larger than what can be made here (1024 pixels a side)" in refused.content
    assert await world.used(world.ada) == 2


@pytest.mark.parametrize("facts", [KLEIN, structs.replace(KLEIN, lacks=["start"])])
async def test_without_an_upscaler_the_sentence_says_what_the_host_can_set(world: World, facts: ModelFacts) -> None:
    await listing(world, Model("klein", limner=facts))
    await drawn(world)
    refused = await asked(world, world.message)
    assert refused.content == text("en", "refused-cannot-enlarge")
    assert await world.used(world.ada) == 1
    for locale in LOCALES:
        assert "LIMNER_UPSCALER" in text(locale, "refused-cannot-enlarge")
        assert "LIMNER_MODEL" in text(locale, "refused-cannot-start")


async def test_where_the_painter_alone_enlarges_the_sentence_about_its_largest_size_says_what_to_set(
    world: World,
) -> None:
    await listing(world, Model("sdxl", limner=ModelFacts("painter", sizes=SIZES, largest=1_024)))
    await drawn(world)
    await asked(world, world.message)
    assert (await newest(world)).order.size == "1024x1024"
    refused = await asked(world, world.message)
    assert refused.content == text("en", "refused-too-large-painted", largest="1024")
    for locale in LOCALES:
        assert "LIMNER_UPSCALER" in text(locale, "refused-too-large-painted", largest="1024")
    assert await world.used(world.ada) == 2


async def test_again_of_an_enlarged_picture_paints_what_it_was_enlarged_from(world: World) -> None:
    await listing(world, model(2))
    parent = await drawn(world)
    for _ in range(2):
        await asked(world, world.message)
        large = await newest(world)
    assert large.order.upscale
    await world.ada.click(world.message, label="Again")
    made = await newest(world)
    assert (made.order.upscale, made.order.size, made.parent_id) == (0, "", parent.id)
    assert world.engine.starts[-1] is None
    assert world.engine.painted[-1][0].size == "512x512"


async def test_a_variation_of_an_enlarged_picture_is_painted_at_the_model_s_own_size(world: World) -> None:
    await listing(world, model(2))
    await drawn(world)
    await asked(world, world.message)
    await newest(world)
    shown = (await world.ada.click(world.message, label="Vary")).response
    await world.ada.select(shown, ["strong"])
    made = await newest(world)
    start = world.engine.starts[-1]
    assert start
    assert (made.order.upscale, made.order.size, start.upscale) == (0, "", None)


async def test_a_private_picture_is_enlarged_in_private(world: World) -> None:
    await listing(world, model(2, 4))
    shown = (await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)).response
    how = await asked(world, shown)
    assert how.ephemeral
    await world.ada.click(how, label="×4")
    await world.env.settle()
    assert world.engine.starts[-1]
    assert world.engine.starts[-1].upscale == 4
    assert await world.pictures() == [], "the channel sees neither"
