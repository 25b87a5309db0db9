"""The Refine form, the two context menus, and the selects of Vary and Upscale."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, Kind
from bot.ui.button_items import FINISHED, custom_id
from bot.ui.i18n import text
from engine.api.messages import Model, ModelFacts
from tests.fakes import PNG
from tests.integration.conftest import World, under_more

PAINTER = Model("painter", limner=ModelFacts("painter", sizes={"square": "512x512"}, largest=1024))
NO_STARTS = Model("painter", limner=ModelFacts("painter", sizes={"square": "512x512"}, lacks=["start"]))
NO_STRENGTH = Model("painter", limner=ModelFacts("painter", sizes={"square": "512x512"}, lacks=["strength"]))


@pytest.fixture(params=["same process", "after a restart"])
def when(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def loaded(world: World, model: Model = PAINTER) -> None:
    world.engine.listed = [model]
    await world.bot.services.catalog.refresh()


async def maybe_restart(world: World, when: str) -> None:
    if when == "after a restart":
        await world.restart()


async def imagine(world: World, **options: Any) -> Job:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, **options)
    return await newest(world)


async def newest(world: World) -> Job:
    job = await world.jobs.by_message((await world.pictures())[0].id)
    assert job
    return job


class TestRefineForm:
    async def test_it_shows_the_present_prompt_and_takes_words(self, world: World, when: str) -> None:
        job = await imagine(world)
        await maybe_restart(world, when)
        shown = await world.ben.click(world.message, label="Refine")
        fields = {field["custom_id"]: field for row in shown.modal["components"] for field in row["components"]}
        assert fields["prompt"]["value"] == "a red boat on a calm lake"
        await maybe_restart(world, when)
        await world.ben.submit_modal(shown, {"words": "make it blue", "prompt": fields["prompt"]["value"]})
        made = await newest(world)
        assert (made.parent_id, made.order.words, made.order.kind, made.seed) == (
            job.id,
            "make it blue",
            Kind.REFINE,
            7,
        )
        assert world.engine.chats[-1].messages[-1].text == "make it blue"

    async def test_an_edited_prompt_alone_is_painted_as_it_is(self, world: World) -> None:
        await imagine(world)
        chats = len(world.engine.chats)
        shown = await world.ada.click(world.message, label="Refine")
        await world.ada.submit_modal(shown, {"words": "", "prompt": "a blue boat on a stormy sea"})
        request, _ = world.engine.painted[-1]
        assert (request.prompt, request.seed) == ("a blue boat on a stormy sea", 7)
        assert len(world.engine.chats) == chats, "nobody is asked what a written prompt means"
        assert "a blue boat on a stormy sea" in world.message.content

    async def test_a_form_that_changes_nothing_is_refused(self, world: World) -> None:
        await imagine(world)
        shown = await world.ada.click(world.message, label="Refine")
        result = await world.ada.submit_modal(shown, {"words": " ", "prompt": "a red boat on a calm lake"})
        assert result.response.content.startswith("You changed nothing in the form")
        assert await world.used(world.ada) == 1

    async def test_an_emptied_prompt_is_no_prompt(self, world: World) -> None:
        await imagine(world)
        shown = await world.ada.click(world.message, label="Refine")
        result = await world.ada.submit_modal(shown, {"words": "", "prompt": " "})
        assert result.response.content.startswith("You changed nothing in the form")
        world.env.backend.advance_clock(SAME_S)  # else it were a double click
        shown = await world.ada.click(world.message, label="Refine")
        await world.ada.submit_modal(shown, {"words": "make it blue", "prompt": ""})
        made = await newest(world)
        assert made.order.base
        assert made.order.base.prompt == "a red boat on a calm lake"

    async def test_what_was_understood_does_not_outlive_an_edited_prompt(self, world: World) -> None:
        await imagine(world)
        world.engine.answer = "no JSON"
        shown = await world.ada.click(world.message, label="Refine")
        await world.ada.submit_modal(shown, {"words": "at night", "prompt": "a white house"})
        made = await newest(world)
        assert made.spec
        assert "white house" in made.spec.understood
        assert "boat" not in made.spec.understood

    async def test_its_words_are_read_first_as_those_of_a_reply(self, world: World) -> None:
        """Chat draws nothing, an undo points to its version, and neither is counted."""
        await imagine(world)
        painted = len(world.engine.painted)
        empty = {"understood": "", "keywords": [], "prompt": "", "negative": ""}
        for answer, said in (
            ({"kind": "chat", **empty}, text("en-US", "refine-no-change")),
            ({"kind": "undo", "version": -1, **empty}, text("en-US", "undo-none")),
        ):
            world.engine.answer = json.dumps(answer)
            world.env.backend.advance_clock(SAME_S)
            shown = await world.ada.click(world.message, label="Refine")
            result = await world.ada.submit_modal(shown, {"words": "haha nice", "prompt": ""})
            assert result.response.content == said
        assert len(world.engine.painted) == painted
        assert await world.used(world.ada) == 1

    async def test_a_style_that_the_change_was_understood_as_takes_the_old_ones_place(self, world: World) -> None:
        await imagine(world, style="anime")
        new = {"understood": "x", "keywords": ["red", "boat", "watercolor"], "prompt": "a red boat, watercolor"}
        world.engine.answer = json.dumps({"kind": "change", **new, "negative": ""})
        shown = await world.ada.click(world.message, label="Refine")
        await world.ada.submit_modal(shown, {"words": "改成水彩", "prompt": ""})
        assert (await newest(world)).order.style == "watercolor"

    async def test_words_change_an_edited_prompt(self, world: World) -> None:
        await imagine(world)
        shown = await world.ada.click(world.message, label="Refine")
        await world.ada.submit_modal(shown, {"words": "at night", "prompt": "a blue boat on a stormy sea"})
        assert "a blue boat on a stormy sea" in world.engine.chats[-1].messages[-2].text


async def as_it_was(world: World, job: Job) -> None:
    """Give the job's message the buttons that messages had before there was More."""
    old = discord.ui.View(timeout=None)
    for action in FINISHED:
        old.add_item(discord.ui.Button(label=action.capitalize(), custom_id=custom_id(action, job.id)))
    channel = world.bot.get_partial_messageable(world.channel.id)
    await channel.get_partial_message(job.message_id or 0).edit(view=old)


async def test_buttons_of_earlier_messages_go_on_working(world: World) -> None:
    await loaded(world)
    job = await imagine(world)
    await as_it_was(world, job)
    await world.restart()
    message = await world.find(job)
    assert (await world.ada.click(message, label="Details")).response.embeds
    assert (await world.ada.click(message, label="Refine")).modal
    await world.ada.click(message, label="Delete")
    assert job.message_id not in [one.id for one in await world.messages()]


class TestMenus:
    async def test_refine_picture_opens_the_form(self, world: World) -> None:
        job = await imagine(world)
        shown = await world.ben.context_menu(world.channel, "Refine picture", world.message)
        await world.ben.submit_modal(shown, {"words": "make it blue"})
        assert (await newest(world)).parent_id == job.id

    async def test_refine_picture_on_anything_else_says_so(self, world: World) -> None:
        other = await world.ben.send(world.channel, "hello")
        result = await world.ada.context_menu(world.channel, "Refine picture", other)
        assert result.response.content == text("en", "refused-not-mine")

    async def test_start_from_anyones_picture(self, world: World) -> None:
        await loaded(world)
        await world.ben.slash(world.channel, "my settings", photos="yes")
        other = await world.ben.send(world.channel, "look", attachments=[("cat.png", PNG)])
        shown = await world.ada.context_menu(world.channel, "Start from this picture", other)
        await world.ada.submit_modal(shown, {"words": "as a watercolor"})
        made = await newest(world)
        assert (made.order.kind, made.parent_id, made.place.user_id) == (Kind.START, None, world.ada.id)
        start = world.engine.starts[-1]
        assert start
        assert start.image == PNG
        await world.ada.click(world.message, label="Again")
        again = world.engine.starts[-1]
        assert again
        assert again.image == PNG, "Again starts from it once more"

    async def test_start_without_a_picture_says_so(self, world: World) -> None:
        other = await world.ben.send(world.channel, "look", attachments=[("cat.txt", b"meow")])
        result = await world.ada.context_menu(world.channel, "Start from this picture", other)
        assert result.response.content.startswith("There is no picture on this message")

    async def test_a_form_from_before_a_restart_says_what_to_do(self, world: World) -> None:
        other = await world.ada.send(world.channel, "look", attachments=[("cat.png", PNG)])
        shown = await world.ada.context_menu(world.channel, "Start from this picture", other)
        await world.restart()
        result = await world.ada.submit_modal(shown, {"words": "as a watercolor"})
        assert "choose Start from this picture once more" in result.response.content
        assert await world.used(world.ada) == 0


class TestSelects:
    async def test_vary_of_one_among_several(self, world: World, when: str) -> None:
        await loaded(world)
        job = await imagine(world, count=2)
        asked = await world.ben.click(world.message, label="Vary")
        assert asked.ephemeral
        await maybe_restart(world, when)
        await world.ben.select(asked.response, ["1"], custom_id=f"limner:picture:vary:{job.id}")
        await maybe_restart(world, when)
        await world.ben.select(asked.response, ["subtle"], custom_id=f"limner:strength:{job.id}:1")
        made = await newest(world)
        assert (made.order.kind, made.order.count, made.order.strength) == (Kind.VARY, 1, 0.35)
        assert made.place.user_id == world.ben.id

    async def test_upscale_of_one_among_several(self, world: World, when: str) -> None:
        await loaded(world)
        job = await imagine(world, count=2)
        await as_it_was(world, job)
        asked = await world.ada.click(await world.find(job), label="Upscale")
        await maybe_restart(world, when)
        await world.ada.select(asked.response, ["1"], custom_id=f"limner:picture:upscale:{job.id}")
        request, _ = world.engine.painted[-1]
        assert (request.size, request.n, request.seed) == ("1024x1024", 1, 8)

    async def test_a_picture_that_is_large_already_is_refused(self, world: World) -> None:
        await loaded(world)
        await imagine(world)
        await world.ada.click(world.message, label="Upscale")
        result = await world.ada.click((await world.pictures())[0], label="Upscale")
        assert "larger than 1024 pixels a side" in result.response.content
        assert await world.used(world.ada) == 2

    @pytest.mark.parametrize(
        ("label", "cannot"), [("Vary", "start from a picture"), ("Upscale", "enlarge a picture by itself")]
    )
    async def test_a_model_that_starts_from_nothing_says_so(self, world: World, label: str, cannot: str) -> None:
        await loaded(world, NO_STARTS)
        await imagine(world)
        result = await world.ada.click(world.message, label=label)
        assert result.response.content.startswith(f"The loaded model cannot {cannot}")

    async def test_a_model_without_strength_varies_but_does_not_enlarge(self, world: World) -> None:
        await loaded(
            world, Model("painter", limner=ModelFacts("painter", sizes={"square": "512x512"}, lacks=["strength"]))
        )
        await imagine(world)
        result = await world.ada.click(world.message, label="Upscale")
        assert result.response.content.startswith("The loaded model cannot enlarge a picture")
        assert await world.used(world.ada) == 1
        assert (await world.ada.click(world.message, label="Vary")).response.content == "A variation of this picture:"

    async def test_a_picture_that_is_gone_meanwhile_costs_nothing(self, world: World) -> None:
        await loaded(world)
        job = await imagine(world)
        asked = await world.ada.click(world.message, label="Vary")
        await world.mo.delete(world.message)
        result = await world.ada.select(asked.response, ["strong"])
        assert "That picture is gone" in result.response.content
        assert await world.used(world.ada) == 1
        assert await world.jobs.unfinished() == []
        assert job.message_id


async def test_details_of_a_long_ancestry_in_hostile_words_fit_discord(world: World) -> None:
    world.engine.answer = json.dumps(
        {"understood": "*" * 300, "keywords": [], "prompt": "*_" * 1_000, "negative": "`" * 900}
    )
    job = await imagine(world, exact=False)
    for number in range(26):
        world.clock.at += 3_600
        message = next(found for found in await world.messages() if found.id == job.message_id)
        await world.ada.send(world.channel, f"{'|' * 200} {number}", reply_to=message)
        job = await newest(world)
    details = await under_more(world.ada, await world.find(job), "Details")
    embed = details.response.embeds[0]
    assert len(embed) <= 6_000
    assert embed.fields[-1].value.endswith("…")
    assert embed.fields[-1].value.count("https://discord.com/channels/") >= 5
