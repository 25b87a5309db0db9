"""Edit region and Zoom out, and the option mask: what reaches the painter, what is refused, and what is repeated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from simcord.components import walk_components

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, Kind
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.services.parts import SURROUNDINGS, ZOOM_STRENGTH
from bot.ui.i18n import text
from engine.api.errors import Internal
from engine.api.messages import Lack, Model, ModelFacts
from tests.fakes import PNG, SPEC
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_edit_by_instruction import newest
from tests.integration.test_moderation import moderator
from tests.integration.test_personal import erase, in_dm, rows, zips
from tests.integration.test_same_moment import at_once, send_press

SIZES = {"square": "512x512", "landscape": "576x448", "wide": "640x384", "tall": "384x640"}
MASK = PNG + b"mask"


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


async def paints_with(world: World, *lacks: Lack, **facts: Any) -> None:
    given = {"sizes": SIZES, "largest": 1280, "lacks": list(lacks), **facts}
    world.engine.listed = [Model("fake", limner=ModelFacts("painter", **given))]
    await world.bot.services.catalog.refresh()


async def drawn(world: World, **options: Any) -> tuple[Job, Any]:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, **options)
    return await newest(world), world.message


async def picker(world: World, picture: Any, who: Any = None) -> Any:
    world.env.backend.advance_clock(SAME_S)
    return (await under_more(who or world.ada, picture, "Edit region")).response


def answers_change(world: World) -> None:
    spec = {**SPEC, "prompt": "a red boat and a lighthouse", "keywords": ["red", "boat", "lighthouse"]}
    world.engine.answer = json.dumps({**spec, "kind": "change", "version": None, "instruction": "Add a lighthouse."})


async def fields(world: World, picture: Any, who: Any = None, locale: str = "en") -> dict[str, str]:
    """Return what Details tell of a picture, by the keys of the names."""
    world.env.backend.advance_clock(SAME_S)
    (embed,) = (await under_more(who or world.ada, picture, "Details")).response.embeds
    keys = {text(locale, f"details-{key}"): f"details-{key}" for key in ("cells", "upscaler", "favourite", "model")}
    return {keys[one.name]: one.value for one in embed.fields if one.name in keys}


async def region(world: World, picture: Any, *cells: str, words: str = "a lighthouse", who: Any = None) -> Any:
    who = who or world.ada
    shown = await picker(world, picture, who)
    for cell in cells:
        await who.click(shown, label=cell)
    form = await who.click(shown, label=text("en", "region-words"))
    return await who.submit_modal(form, {"words": words})


def labels(message: Any) -> list[str]:
    return [str(one["label"]) for one in walk_components(message.components) if "label" in one]


@pytest.mark.parametrize("restart", ["", "each"])
async def test_chosen_cells_alone_are_painted_anew(world: World, restart: str) -> None:
    async def step() -> None:
        if restart:
            await world.restart()
            await paints_with(world)
        world.env.backend.advance_clock(SAME_S)

    await paints_with(world)
    parent, picture = await drawn(world)
    await step()
    shown = await picker(world, picture)
    assert bytes(await shown.attachments[0].read()) == b"grid " + PNG
    assert labels(shown) == [*"123456789", text("en", "region-words")]
    for cell in ("5", "6", "✓ 5"):
        await step()
        await world.ada.click(shown, label=cell)
    await step()
    form = await world.ada.click(shown, label=text("en", "region-words"))
    answers_change(world)
    await step()
    await world.ada.submit_modal(form, {"words": "a lighthouse"})
    job, start = await newest(world), world.engine.starts[-1]
    assert start
    assert (start.image, start.mask, start.references, start.strength) == (PNG, b"cells 32 " + PNG, (), None)
    assert world.engine.painted[-1][0].prompt == "a red boat and a lighthouse"
    assert (job.parent_id, job.order.kind, job.seed, job.order.count) == (parent.id, Kind.REGION, 7, 1)
    assert "A part painted anew" in world.message.content
    assert await world.used(world.ada) == 2
    assert (await fields(world, world.message))["details-cells"] == "6"
    await world.ada.click(world.message, label="Again")
    assert (await fields(world, world.message))["details-cells"] == "6"
    world.env.backend.advance_clock(SAME_S)
    await world.ada.click((await under_more(world.ada, world.message, "Zoom out")).response, label="wide")
    assert "details-cells" not in await fields(world, world.message)


async def test_a_painter_that_edits_gets_the_instruction_and_the_mask(world: World) -> None:
    await paints_with(world, "strength", "negative", edits_by_instruction=True, references=4)
    _, picture = await drawn(world)
    answers_change(world)
    await region(world, picture, "1")
    start = world.engine.starts[-1]
    assert start
    assert (world.engine.painted[-1][0].prompt, start.mask) == ("Add a lighthouse.", b"cells 1 " + PNG)


async def test_a_painter_with_an_editor_beside_it_paints_the_part_itself(world: World) -> None:
    await paints_with(world, edits_by_instruction=True, references=4, editor="klein")
    _, picture = await drawn(world)
    answers_change(world)
    await region(world, picture, "9")
    assert world.engine.painted[-1][0].prompt == "a red boat and a lighthouse"


@pytest.mark.parametrize(
    ("label", "size", "share"), [("1.5×", "512x512", "0.67"), ("wide", "640x384", "1.00"), ("tall", "384x640", "1.00")]
)
async def test_zooming_out_keeps_the_picture_and_paints_around_it(
    world: World, label: str, size: str, share: str
) -> None:
    await paints_with(world)
    parent, picture = await drawn(world)
    shown = (await under_more(world.ada, picture, "Zoom out")).response
    await world.restart()
    await paints_with(world)
    await world.ada.click(shown, label=label)
    job, start, (request, _) = await newest(world), world.engine.starts[-1], world.engine.painted[-1]
    assert start
    assert (start.image, start.mask) == (f"{size} {share} ".encode() + PNG, b"around")
    assert (request.size, request.prompt, start.strength) == (size, SPEC["prompt"], ZOOM_STRENGTH)
    assert (job.parent_id, job.order.kind, job.seed != 7) == (parent.id, Kind.ZOOM, True)
    assert len(world.engine.chats) == 1, "nothing is left to understand"
    assert "Zoomed out" in world.message.content


async def test_an_editor_is_told_to_paint_the_surroundings(world: World) -> None:
    await paints_with(world, "strength", edits_by_instruction=True)
    _, picture = await drawn(world)
    await world.ada.click((await under_more(world.ada, picture, "Zoom out")).response, label="wide")
    start = world.engine.starts[-1]
    assert start
    assert (world.engine.painted[-1][0].prompt, start.strength) == (SURROUNDINGS, None)


async def test_a_picture_that_is_wide_is_made_no_wider(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world, shape="wide")
    shown = (await under_more(world.ada, picture, "Zoom out")).response
    refused = await world.ada.click(shown, label="wide")
    assert refused.response.content == text("en", "refused-no-room-to-zoom")
    assert await world.used(world.ada) == 1
    await world.ada.click(shown, label="1.5×")
    assert world.engine.painted[-1][0].size == "640x384"


async def test_a_shape_that_the_painter_does_not_have_is_not_said_to_be_the_picture_s(world: World) -> None:
    await paints_with(world, sizes={"square": "512x512"})
    _, picture = await drawn(world)
    for label in ("wide", "tall"):
        world.env.backend.advance_clock(SAME_S)
        shown = (await under_more(world.ada, picture, "Zoom out")).response
        refused = await world.ada.click(shown, label=label)
        assert refused.response.content == text("en", "refused-no-shape-to-zoom")
    assert await world.used(world.ada) == 1


async def test_again_and_vary_repeat_with_the_mask_and_upscale_takes_what_came_of_it(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world)
    answers_change(world)
    await region(world, picture, "5")
    part, first = world.message, world.engine.starts[-1]
    assert first
    await world.restart()
    await paints_with(world)
    await world.ada.click(part, label="Again")
    assert world.engine.starts[-1] == first
    assert (await newest(world)).seed != 7
    chosen = await world.ada.click(part, label="Vary")
    await world.ada.select(chosen.response, values=["strong"])
    assert world.engine.starts[-1] == first
    await world.ada.click(part, label="Refine")
    assert (await newest(world)).order.kind is Kind.VARY
    kept = await rows(world, "start_pictures")
    assert len(kept) == 2, "the picture and the mask, each once by its content"


async def test_without_a_mask_the_buttons_are_not_there_and_old_ones_say_why(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world)
    more = (await world.ada.click(picture, label="More")).response
    shown = await picker(world, picture)
    await world.ada.click(shown, label="1")
    await paints_with(world, "mask")
    world.env.backend.advance_clock(SAME_S)
    assert labels((await world.ada.click(picture, label="More")).response) == ["Details", "Delete"]
    for message, label in ((more, "Edit region"), (more, "Zoom out"), (shown, text("en", "region-words"))):
        world.env.backend.advance_clock(SAME_S)
        assert (await world.ada.click(message, label=label)).response.content == text("en", "refused-cannot-mask")
    given = {"image": ("a.png", PNG), "mask": ("m.png", MASK)}
    asked = await world.ada.slash(world.channel, "imagine", prompt="a lighthouse", **given)
    assert asked.response.content == text("en", "refused-cannot-mask")
    assert (len(world.engine.painted), await world.used(world.ada)) == (1, 1)


async def test_cells_and_words_pressed_in_one_moment_are_all_taken(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world)
    shown = await picker(world, picture)
    presses = [send_press(world, world.ada, shown, cell) for cell in "569"]
    words = send_press(world, world.ada, shown, text("en", "region-words"))
    await world.env.settle()
    assert all(one.acknowledged for one in presses)
    assert [label[0] for label in labels(shown)] == [*"1234✓✓78✓", text("en", "region-words")[0]]
    answers_change(world)
    await world.ada.submit_modal(words, {"words": "a lighthouse"})
    start = world.engine.starts[-1]
    assert start
    assert start.mask == b"cells %d " % (1 << 4 | 1 << 5 | 1 << 8) + PNG


async def test_a_press_that_discord_did_not_take_is_forgotten(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world)
    shown = await picker(world, picture)
    world.env.inject_error("POST", "/interactions/*", status=404, code=10_062, message="Unknown interaction")
    send_press(world, world.ada, shown, "5")
    await world.env.settle()
    await world.ada.click(shown, label="6")
    assert [label[0] for label in labels(shown)][:9] == [*"12345✓789"]


async def test_no_cell_and_all_cells_are_refused(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world)
    shown = await picker(world, picture)
    words = text("en", "region-words")
    assert (await world.ada.click(shown, label=words)).response.content == text("en", "refused-cells-none")
    for cell in "123456789":
        await world.ada.click(shown, label=cell)
    world.env.backend.advance_clock(SAME_S)
    assert (await world.ada.click(shown, label=words)).response.content == text("en", "refused-cells-all")
    assert len(world.engine.painted) == 1


async def test_a_part_is_refused_as_any_picture_is_and_refunded_where_it_fails(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world)
    boss = moderator(world)
    await boss.slash(world.channel, "moderation words add", word="lighthouse")
    refused = await region(world, picture, "1")
    assert refused.response.content == text("en", "barred-word")
    await boss.slash(world.channel, "moderation words remove", word="lighthouse")
    world.engine.fails = [Internal("broken")]
    world.env.backend.advance_clock(SAME_S)
    await region(world, picture, "1")
    assert "refunded" in world.message.content
    assert await world.used(world.ada) == 1
    await boss.slash(world.channel, "moderation block", user=world.ben)
    world.env.backend.advance_clock(SAME_S)
    blocked = await region(world, picture, "1", who=world.ben)
    assert "refunded" not in blocked.response.content
    assert len(world.engine.painted) == 2


async def test_anyone_edits_a_part_and_pays_for_it_and_pressed_twice_it_comes_once(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world)
    await region(world, picture, "1", who=world.ben)
    assert (await world.used(world.ada), await world.used(world.ben)) == (1, 1)
    shown = (await under_more(world.ada, picture, "Zoom out")).response
    before = len(world.engine.painted)
    await at_once(world, (world.ada, world.ada), shown, "wide")
    assert len(world.engine.painted) == before + 1


async def test_a_picture_that_is_gone_meanwhile_is_told(world: World) -> None:
    await paints_with(world)
    _, picture = await drawn(world)
    shown = await picker(world, picture)
    await world.ada.click(shown, label="1")
    form = await world.ada.click(shown, label=text("en", "region-words"))
    world.env.backend.advance_clock(SAME_S)
    zoom = (await under_more(world.ada, picture, "Zoom out")).response
    world.env.backend.advance_clock(SAME_S)
    await under_more(world.ada, picture, "Delete")
    assert (await world.ada.submit_modal(form, {"words": "a lighthouse"})).response.content == text(
        "en", "refused-picture-gone"
    )
    told = (await world.ada.click(zoom, label="wide")).followups
    assert [one.content for one in told] == [text("en", "refused-picture-gone")]
    assert await world.used(world.ada) == 1


async def test_a_mask_comes_with_a_command_and_stays_with_its_picture(world: World) -> None:
    await paints_with(world)
    for given, key in (
        ({"mask": ("m.png", MASK)}, "refused-mask-alone"),
        ({"mask": ("m.png", MASK), "image": ("a.png", PNG), "image2": ("b.png", PNG)}, "refused-mask-with-more"),
    ):
        asked = await world.ada.slash(world.channel, "imagine", prompt="a lighthouse", **given)
        assert asked.response.content == text("en", key)
    assert world.engine.painted == []
    given = {"image": ("a.png", PNG), "mask": ("m.png", MASK)}
    await world.ada.slash(world.channel, "imagine", prompt="a lighthouse", count=2, **given)
    start = world.engine.starts[-1]
    assert start
    assert (start.image, start.mask) == (PNG, b"mask " + MASK)
    assert text("en", "kind-region") in world.message.content
    whole = world.message
    await world.ada.click(whole, label="2")
    await world.ada.click(world.message, label="Again")
    assert world.engine.starts[-1] == start
    assert len(await rows(world, "start_pictures")) == 2
    await world.ada.slash(world.channel, "my data export")
    await world.env.settle()
    files = await zips(await in_dm(world, world.ada))
    made = await world.jobs.by_message(whole.id)
    assert made
    kept = {name: data for name, data in files.items() if name.startswith(f"starts/{made.id}")}
    assert kept == {f"starts/{made.id}.png": PNG, f"starts/{made.id}-mask.png": b"mask " + MASK}
    await erase(world, world.ada)
    assert await rows(world, "start_pictures") == await rows(world, "job_starts") == []


async def test_a_private_picture_has_them_too_and_its_parts_stay_private(world: World) -> None:
    await paints_with(world)
    asked = await world.ada.slash(world.channel, "imagine", prompt="a red boat", private=True)
    answers_change(world)
    await region(world, asked.response, "2")
    start = world.engine.starts[-1]
    assert start
    assert start.mask == b"cells 2 " + PNG
    assert [row["private"] for row in await rows(world, "jobs")] == [1, 1]
    assert await world.pictures() == []
