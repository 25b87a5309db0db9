"""A painter that edits by instruction gets the parent's picture and the change itself, however it was asked for."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, Kind
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.services.versions import STRENGTHS, VARIATIONS
from bot.ui.i18n import text
from engine.api.messages import Model, ModelFacts
from tests.fakes import PNG, SPEC
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.openapi import check_requests, document

EDITOR = Model(
    "klein",
    limner=ModelFacts("painter", lacks=["strength", "negative", "mask"], edits_by_instruction=True, references=4),
)
BESIDE = Model("sdxl", limner=ModelFacts("painter", edits_by_instruction=True, references=3))
"""A painter that knows strengths, with an editor beside it."""
PAINTER = Model("sdxl", limner=ModelFacts("painter"))
DO = "Make it night; keep the boat and the lake as they are."
CHANGE = {**SPEC, "kind": "change", "version": None, "prompt": "a red boat on a lake at night", "instruction": DO}


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


async def listing(world: World, model: Model) -> None:
    world.engine.listed, world.engine.distinct = [model], True
    await world.bot.services.catalog.refresh()


async def drawn(world: World, **options: Any) -> Job:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, **options)
    return await newest(world)


async def newest(world: World) -> Job:
    await world.env.settle()
    job = await world.jobs.by_message(world.message.id)
    assert job
    return job


async def posted(world: World, job: Job) -> bytes:
    """Return the file that the job's message shows."""
    return bytes(await (await world.find(job)).attachments[0].read())


def last(world: World) -> tuple[str, bytes | None, float | None]:
    """Return what the painter got last: the prompt, and the picture with its strength."""
    (request, _), start = world.engine.painted[-1], world.engine.starts[-1]
    return (request.prompt, start.image, start.strength) if start else (request.prompt, None, None)


async def reply(world: World, parent: Job) -> None:
    await world.ada.send(world.channel, "make it night", reply_to=await world.find(parent))


async def form(world: World, parent: Job) -> None:
    shown = await world.ada.click(await world.find(parent), label="Refine")
    await world.ada.submit_modal(shown, {"words": "make it night"})


async def menu(world: World, parent: Job) -> None:
    shown = await world.ada.context_menu(world.channel, "Start from this picture", await world.find(parent))
    await world.ada.submit_modal(shown, {"words": "make it night"})


Way = Callable[[World, Job], Awaitable[None]]
WAYS: dict[str, Way] = {"reply": reply, "Refine": form, "Start from this picture": menu}


@pytest.mark.parametrize("model", [EDITOR, BESIDE], ids=["the painter edits", "an editor beside it"])
@pytest.mark.parametrize("way", WAYS)
async def test_the_change_and_the_parent_s_picture_reach_the_painter(world: World, way: str, model: Model) -> None:
    await listing(world, model)
    parent = await drawn(world)
    world.engine.answer = json.dumps(CHANGE)
    await WAYS[way](world, parent)
    await newest(world)
    assert last(world) == (DO, await posted(world, parent), None)


async def test_a_picture_of_one_s_own_is_edited_by_the_model_s_instruction(world: World) -> None:
    await listing(world, EDITOR)
    world.engine.answer = json.dumps({**SPEC, "instruction": DO})
    await drawn(world, image=("boat.png", PNG + b"mine"))
    assert last(world) == (DO, PNG + b"mine", None)
    asked = world.engine.chats[-1]
    assert asked.messages[0].text.startswith("Someone sends a picture")
    assert asked.response_format
    assert asked.response_format.json_schema
    assert "instruction" in asked.response_format.json_schema.schema["required"]


@pytest.mark.parametrize("answer", ["I would rather not.", json.dumps(SPEC)], ids=["no answer", "no instruction"])
async def test_without_an_instruction_the_words_are_it_and_never_a_description(world: World, answer: str) -> None:
    await listing(world, EDITOR)
    parent = await drawn(world)
    world.engine.answer = answer
    await reply(world, parent)
    await newest(world)
    assert last(world)[0] == "make it night"
    await drawn(world, image=("boat.png", PNG))
    assert last(world)[0] == "a red boat"
    await drawn(world, image=("boat.png", PNG), exact=True)
    assert last(world)[0] == "a red boat"


async def test_a_painter_that_does_not_edit_gets_the_description_as_before(world: World) -> None:
    await listing(world, PAINTER)
    parent = await drawn(world)
    world.engine.answer = json.dumps(CHANGE)
    await reply(world, parent)
    await newest(world)
    assert last(world) == (CHANGE["prompt"], None, None)
    await drawn(world, image=("boat.png", PNG))
    assert last(world)[:2] == (CHANGE["prompt"], PNG)


async def test_a_strength_paints_the_description_over_the_picture_where_the_painter_knows_it(world: World) -> None:
    await listing(world, BESIDE)
    await drawn(world, image=("boat.png", PNG), strength=0.5)
    assert last(world) == (SPEC["prompt"], PNG, 0.5)


@pytest.mark.parametrize("restart", [False, True])
async def test_again_and_vary_of_an_edited_picture_repeat_the_edit(world: World, restart: bool) -> None:
    await listing(world, EDITOR)
    parent = await drawn(world)
    world.engine.answer = json.dumps(CHANGE)
    await reply(world, parent)
    edited = await newest(world)
    before = last(world)
    seeds = {world.engine.painted[-1][0].seed}
    for kind, label in ((Kind.AGAIN, "Again"), (Kind.VARY, "Vary")):
        if restart:
            await world.restart()
            await world.bot.services.catalog.refresh()
        pressed = await world.ada.click(await world.find(edited), label=label)
        if label == "Vary":
            (row,) = pressed.response.components
            assert [each["label"] for each in row["components"][0]["options"]] == [text("en", "vary-edit")]
            await world.ada.select(pressed.response, values=["strong"])
        made = await newest(world)
        assert (made.order.kind, made.parent_id) == (kind, edited.id)
        assert last(world) == before
        seeds.add(world.engine.painted[-1][0].seed)
    assert len(seeds) == 3
    assert len(world.engine.chats) == 2, "no words were read anew"


@pytest.mark.parametrize("how", ["subtle", "strong"])
async def test_vary_of_a_picture_of_words_says_how_much_may_change(world: World, how: str) -> None:
    await listing(world, EDITOR)
    parent = await drawn(world)
    pressed = await world.ada.click(await world.find(parent), label="Vary")
    await world.ada.select(pressed.response, values=[how])
    await newest(world)
    assert last(world) == (VARIATIONS[how], await posted(world, parent), None)

    await listing(world, BESIDE)
    world.env.backend.advance_clock(SAME_S)
    pressed = await world.ada.click(await world.find(parent), label="Vary")
    await world.ada.select(pressed.response, values=[how])
    await newest(world)
    assert last(world) == (SPEC["prompt"], await posted(world, parent), STRENGTHS[how])


async def test_a_description_changed_by_hand_becomes_an_instruction(world: World) -> None:
    await listing(world, EDITOR)
    parent = await drawn(world)
    shown = await world.ada.click(await world.find(parent), label="Refine")
    await world.ada.submit_modal(shown, {"words": "", "prompt": "a blue boat"})
    await newest(world)
    assert last(world)[:2] == ("Change the picture so that it shows: a blue boat", await posted(world, parent))


@pytest.mark.skipif(document() is None, reason="Discord's OpenAPI document is not at hand")
async def test_a_wrong_body_among_those_of_an_edit_is_seen(world: World) -> None:
    await listing(world, EDITOR)
    parent = await drawn(world)
    world.engine.answer = json.dumps(CHANGE)
    await reply(world, parent)
    sent = world.env.backend.http_requests
    check_requests(sent)
    bodies = [one for one in sent if one.json is not None]
    assert {one.method for one in bodies} >= {"POST", "PATCH"}
    for one in bodies[-2:]:
        with pytest.raises(AssertionError):
            check_requests([*sent, replace(one, json={**one.json, "contents": "mistyped"})])


async def test_details_tell_the_instruction(world: World) -> None:
    await listing(world, EDITOR)
    parent = await drawn(world)
    world.engine.answer = json.dumps(CHANGE)
    await reply(world, parent)
    edited = await newest(world)
    shown = await under_more(world.ada, await world.find(edited), "Details")
    assert shown.response.embeds[0].description == f"**Edited by**\n{DO}", "what reached the painter, and no scene"
    assert CHANGE["prompt"] not in str(shown.response.embeds[0].to_dict())
