"""One picture of a set: by its number as a message of its own, or by a reply that names it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, JobState, Kind
from bot.domain.moderation import Action, Block, Entry
from bot.domain.quota import Limit
from bot.domain.stats import day_of
from bot.services.orders import Rules
from bot.storage.moderation import Decisions
from bot.ui.button_items import FINISHED
from bot.ui.buttons import _buttons
from bot.ui.i18n import text
from tests.fakes import SPEC
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_personal import rows

NIGHT = {**SPEC, "kind": "change", "version": None, "prompt": "a red boat at night", "instruction": "Make it night."}


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(20, "hour"),), at_once=9))


async def a_set(world: World, count: int = 4, **options: Any) -> Job:
    world.engine.distinct = True
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, count=count, **options)
    return await newest(world)


async def newest(world: World) -> Job:
    await world.env.settle()
    job = await world.jobs.by_message(world.message.id)
    assert job
    return job


async def reply(world: World, job: Job, words: str, **answer: Any) -> None:
    world.engine.answer = json.dumps({**NIGHT, **answer})
    await world.ada.send(world.channel, words, reply_to=await world.find(job))
    await world.env.settle()


async def files(world: World, job: Job) -> list[bytes]:
    return [bytes(await one.read()) for one in (await world.find(job)).attachments]


@pytest.mark.parametrize("count", [2, 3, 4])
async def test_a_set_has_a_number_for_each_picture(world: World, count: int) -> None:
    await a_set(world, count)
    assert world.labels() == [*map(str, range(1, count + 1)), "Again", "Vary", "Details", "Delete"]


@pytest.mark.parametrize("restart", [False, True])
async def test_a_number_makes_the_picture_a_message_of_its_own(world: World, restart: bool) -> None:
    made = await a_set(world)
    if restart:
        await world.restart()
    painted, used, before = len(world.engine.painted), await world.used(world.ada), await files(world, made)
    await world.ben.click(await world.find(made), label="3")
    picked = await newest(world)
    assert await files(world, picked) == [before[2]]
    assert world.labels() == ["Refine", "Again", "Vary", "Upscale", "★", "More"]
    assert (picked.state, picked.order.kind, picked.seed) == (JobState.DONE, Kind.PICK, made.seed + 2)
    assert (picked.parent_id, picked.place.user_id) == (made.id, world.ada.id)
    assert len(world.engine.painted) == painted
    assert (await world.used(world.ada), await world.used(world.ben)) == (used, 0)
    assert "Of picture 3" in world.message.content


async def test_each_only_once_and_the_second_press_says_where(world: World) -> None:
    made = await a_set(world)
    message = await world.find(made)
    await world.ada.click(message, label="2")
    picked = await newest(world)
    for who in (world.ada, world.ben):
        world.env.backend.advance_clock(SAME_S)
        said = await who.click(message, label="2")
        followups = [one.content for one in said.followups]
        assert followups == [text("en", "picked-before", number=2, link=picked.link)]
    assert len([job for job in await rows(world, "jobs") if job["picked"] is not None]) == 1


async def test_two_presses_in_the_same_moment_post_once(world: World) -> None:
    made = await a_set(world)
    message, services = await world.find(made), world.bot.services
    data = (await files(world, made))[1]
    fetches = 0

    async def fetch() -> bytes:
        nonlocal fetches
        fetches += 1
        await asyncio.sleep(0)
        return data

    both = await asyncio.gather(*(services.picks.pick(made, 1, made.place, fetch) for _ in range(2)))
    assert fetches == 1
    assert [one is None for one in both] == [True, False]
    assert len([one for one in await world.pictures() if one.id != message.id]) == 1


async def test_the_database_holds_a_picture_of_a_set_once(world: World) -> None:
    """Two bots on one database, as while one takes over, share no lock."""
    made = await a_set(world)
    (data,) = (await files(world, made))[1:2]

    async def fetch() -> bytes:
        return data

    assert await world.bot.services.picks.pick(made, 1, made.place, fetch) is None
    picked = await world.jobs.picked(made.id, 1)
    assert picked
    with pytest.raises(sqlite3.IntegrityError):
        await world.jobs.add_pick(replace(picked, id="0" * 32, message_id=None))


async def test_a_crash_between_row_and_message_is_made_good_by_the_next_press(world: World) -> None:
    made = await a_set(world)
    message = await world.find(made)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50_013, message="Missing Permissions")
    await world.ada.click(message, label="1")
    assert [row["message_id"] for row in await rows(world, "jobs") if row["picked"] == 0] == [None]
    await world.restart()
    world.env.backend.advance_clock(SAME_S)
    await world.ada.click(await world.find(made), label="1")
    assert (await newest(world)).order.of_picture == 1
    assert len([row for row in await rows(world, "jobs") if row["picked"] == 0]) == 1


async def test_what_was_picked_and_deleted_can_be_picked_again(world: World) -> None:
    made = await a_set(world)
    await world.ada.click(await world.find(made), label="1")
    first = await newest(world)
    await under_more(world.ada, await world.find(first), "Delete")
    world.env.backend.advance_clock(SAME_S)
    await world.ada.click(await world.find(made), label="1")
    assert (await newest(world)).id not in (first.id, made.id)


async def test_it_lives_on_without_its_set_and_changes_from_there(world: World) -> None:
    made = await a_set(world)
    await world.ada.click(await world.find(made), label="1")
    picked = await newest(world)
    await world.ada.click(await world.find(made), label="Delete")
    await reply(world, picked, "make it night")
    changed = await newest(world)
    assert (changed.parent_id, changed.order.count, world.engine.painted[-1][0].seed) == (picked.id, 1, picked.seed)
    turns = [message.text for message in world.engine.chats[-1].messages if message.text == "a red boat"]
    assert turns == ["a red boat"], "a set and what was picked of it are one version"


async def test_a_blocked_member_s_number_posts_nothing(world: World) -> None:
    made = await a_set(world)
    entry = Entry(world.mo.id, Action.BLOCK, 0.0, world.ben.id, after="always")
    await Decisions(world.database).set_block(world.env.guild.id, world.ben.id, Block(), entry)
    await world.ben.click(await world.find(made), label="1")
    assert (await newest(world)).id == made.id


async def test_a_private_set_s_picture_stays_private(world: World) -> None:
    world.engine.distinct = True
    result = await world.ada.slash(world.channel, "imagine", prompt="a red boat", count=2, private=True)
    picked = await world.ada.click(result.response, label="2")
    (sent,) = picked.followups
    assert sent.flags.ephemeral
    assert len(sent.attachments) == 1
    assert await world.pictures() == []


async def test_figures_count_no_picked_picture(world: World) -> None:
    made = await a_set(world)
    await world.ada.click(await world.find(made), label="1")
    today = day_of(world.clock.now())
    report = await world.bot.services.stats._figures.days(world.env.guild.id, today, today)
    assert report.pictures == 4


@pytest.mark.parametrize(("words", "number"), [("the second one, at night", 2), ("左下那张，夜晚", 3)])
async def test_a_reply_that_says_which_changes_that_one(world: World, words: str, number: int) -> None:
    made = await a_set(world)
    await reply(world, made, words, picture=number)
    changed = await newest(world)
    assert (changed.parent_id, changed.order.count, changed.order.of_picture) == (made.id, 1, number)
    assert world.engine.painted[-1][0].seed == made.seed + number - 1
    assert await world.used(world.ada) == 5
    asked = world.engine.chats[-1]
    assert "a set of 4" in asked.messages[0].text
    assert asked.response_format and asked.response_format.json_schema
    assert "picture" in asked.response_format.json_schema.schema["properties"]


@pytest.mark.parametrize("restart", [False, True])
async def test_without_saying_which_a_row_asks(world: World, restart: bool) -> None:
    made = await a_set(world)
    await reply(world, made, "make it night", picture=None)
    asked = world.message
    assert asked.content == text("en", "which-of-set")
    assert world.labels() == ["1", "2", "3", "4"]
    assert await world.used(world.ada) == 4
    if restart:
        await world.restart()
    refused = await world.ben.click(asked, label="2")
    assert [one.content for one in refused.followups] == [text("en", "refused-not-yours")]
    await world.ada.click(asked, label="2")
    changed = await newest(world)
    assert (changed.parent_id, changed.order.of_picture, changed.order.words) == (made.id, 2, "make it night")
    assert await world.used(world.ada) == 5
    assert asked.id not in [message.id for message in await world.messages()]


async def test_a_number_that_the_set_does_not_have_is_said(world: World) -> None:
    made = await a_set(world)
    await reply(world, made, "the fifth one, brighter", picture=5)
    assert world.message.content == text("en", "refused-no-such-picture", count="4")
    assert await world.used(world.ada) == 4


async def test_a_reply_that_only_names_a_picture_picks_it(world: World) -> None:
    made = await a_set(world)
    await reply(world, made, "第二张", kind="chat", picture=2, prompt="", instruction="")
    picked = await newest(world)
    assert (picked.order.kind, picked.order.of_picture) == (Kind.PICK, 2)
    assert await world.used(world.ada) == 4


async def test_refine_picture_on_a_set_asks_which(world: World) -> None:
    made = await a_set(world)
    asked = await world.ada.context_menu(world.channel, "Refine picture", await world.find(made))
    shown = await world.ada.select(asked.response, ["1"], custom_id=f"limner:picture:refine:{made.id}")
    await world.ada.submit_modal(shown, {"words": "make it night"})
    changed = await newest(world)
    assert (changed.order.of_picture, changed.order.count) == (2, 1)


async def without_the_second(world: World, **options: Any) -> Job:
    """A set of four, of which the second picture was deleted."""
    made = await a_set(world, **options)
    await take_out(world, made, 1)
    return made


async def take_out(world: World, made: Job, index: int) -> None:
    world.env.backend.advance_clock(SAME_S)
    asked = await world.ada.click(await world.find(made), label="Delete")
    await world.ada.select(asked.response, [str(index)])


def offered(asked: Any) -> list[str]:
    """Return the pictures that a row of selects offers."""
    select = asked.response.components[0]["components"][0]
    return [option["value"] for option in select["options"]]


@pytest.mark.parametrize("label", ["Vary", "Upscale", "Refine", "which", "Delete"])
async def test_rows_offer_the_pictures_that_are_left(world: World, label: str) -> None:
    made = await without_the_second(world)
    if label == "which":
        await reply(world, made, "make it night", picture=None)
        assert world.labels() == ["1", "3", "4"]
        return
    if label == "Refine":
        asked = await world.ada.context_menu(world.channel, "Refine picture", await world.find(made))
    else:
        world.env.backend.advance_clock(SAME_S)
        asked = await pressed(world, made, label)
    assert [one for one in offered(asked) if one != "all"] == ["0", "2", "3"]


async def pressed(world: World, made: Job, label: str) -> Any:
    """Press a button of the set's row; Upscale is under those of earlier messages alone."""
    message = await world.find(made)
    if label != "Upscale":
        return await world.ada.click(message, label=label)
    channel = world.bot.get_channel(world.channel.id)
    assert channel
    posted = await channel.fetch_message(message.id)  # type: ignore[union-attr]
    view = discord.ui.View(timeout=None)
    for one in _buttons("en", made.id, *FINISHED):
        view.add_item(one)
    await posted.edit(view=view)
    return await world.ada.click(await world.find(made), label=label)


async def test_of_a_set_with_one_picture_left_that_one_is_meant(world: World) -> None:
    made = await a_set(world, 2)
    await take_out(world, made, 0)
    await reply(world, made, "make it night", picture=None)
    changed = await newest(world)
    assert (changed.order.kind, changed.order.of_picture) == (Kind.REFINE, 2)


GONE = text("en", "refused-picture-gone")


@pytest.mark.parametrize("deleted", ["the picture", "the message", "the message, unseen"])
@pytest.mark.parametrize("row", ["Vary", "Vary another", "Upscale", "Refine", "the form", "which"])
async def test_a_press_whose_picture_went_meanwhile_gets_one_sentence(
    world: World, row: str, deleted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await a_set(world)
    if row == "which":
        await reply(world, made, "make it night", picture=None)
        asked = world.message
    elif row in ("Refine", "the form"):
        asked = await world.ada.context_menu(world.channel, "Refine picture", await world.find(made))
        if row == "the form":
            asked = await world.ada.select(asked.response, ["1"])
    else:
        asked = await pressed(world, made, row.partition(" ")[0])
    if row == "Vary":  # which then is of the second
        await world.ada.select(asked.response, ["1"], custom_id=f"limner:picture:vary:{made.id}")
    before = len(world.engine.painted), await world.used(world.ada)
    if deleted == "the picture":
        await take_out(world, made, 1)
    elif deleted == "the message":
        await (await world.find(made)).delete()
    else:
        with monkeypatch.context() as away:  # the event came while the bot was away
            away.setattr(world.env.backend, "emit", lambda *_: None)
            world.env.backend.delete_message(world.channel.id, (await world.find(made)).id)
    world.env.backend.advance_clock(SAME_S)
    if row == "which":
        told = await world.ada.click(asked, label="2")
    elif row == "the form":
        told = await world.ada.submit_modal(asked, {"words": "make it night"})
    elif row == "Vary":
        told = await world.ada.select(asked.response, ["strong"], custom_id=f"limner:strength:{made.id}:1")
    else:
        menu = row.split()[0].lower()
        told = await world.ada.select(asked.response, ["1"], custom_id=f"limner:picture:{menu}:{made.id}")
    await world.env.settle()
    said = [one.content for one in (told.response, *told.followups) if one and one.content == GONE]
    assert said == [GONE]
    assert (len(world.engine.painted), await world.used(world.ada)) == before


async def test_delete_of_what_is_gone_already_is_done(world: World) -> None:
    made = await a_set(world)
    asked = await world.ada.click(await world.find(made), label="Delete")
    await (await world.find(made)).delete()
    world.env.backend.advance_clock(SAME_S)
    await world.ada.select(asked.response, ["1"])
    assert asked.response.content == text("en", "deleted")
