"""Ways to give the host's machine work that came after the first bounds: each is bounded, and closed to the blocked."""

from __future__ import annotations

import json

import pytest

from bot.cogs.agents import CALLS_A_MINUTE
from bot.cogs.double_press import SAME_S
from bot.domain.quota import Limit
from bot.host.agent_wire import Draw, LookUp
from bot.services.orders import CANCELS_A_MINUTE, Rules
from bot.services.picks import GONE_A_PICTURE
from bot.services.understanding_budget import PER_MINUTE
from bot.ui.i18n import text
from tests.fakes import PNG, SPEC
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_mentions import CHAT, grant_intent, mention
from tests.integration.test_moderation import moderator
from tests.integration.test_picks import a_set
from tests.integration.test_replies import answer, imagine, reply
from tests.integration.test_reply_floods import block


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


def calls(world: World, method: str, part: str) -> int:
    return sum(one.method == method and part in one.path for one in world.env.backend.http_requests)


async def test_a_form_of_someone_blocked_is_not_read(world: World) -> None:
    await imagine(world)
    form = await world.ben.click(world.message, label="Refine")
    await block(world, world.ben, world.env.guild.id)
    chats = len(world.engine.chats)
    said = await world.ben.submit_modal(form, {"words": "make it blue", "prompt": SPEC["prompt"]})
    assert said.response.content.startswith("A moderator has blocked you")
    assert len(world.engine.chats) == chats


async def test_a_picture_that_is_posted_and_deleted_again_and_again_is_posted_no_more(world: World) -> None:
    made = await a_set(world, 2)
    posts, most = calls(world, "POST", "/messages"), 2 * GONE_A_PICTURE
    for _ in range(most + 1):
        world.env.backend.advance_clock(2 * SAME_S)
        await world.ada.click(await world.find(made), label="1")
        await under_more(world.ada, world.message, "Delete")
    world.env.backend.advance_clock(2 * SAME_S)
    refused = await world.ada.click(await world.find(made), label="1")
    assert [one.content for one in refused.followups] == [text("en", "refused-picked-often")]
    assert calls(world, "POST", "/messages") - posts == most + 1


async def test_photos_that_chat_answers_are_looked_up_no_oftener_than_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await world.ben.send(world.channel, "me", attachments=[("me.png", PNG)])
    grant_intent(monkeypatch, photo)
    world.engine.answer = CHAT
    await world.env.settle()
    before = calls(world, "GET", "/messages/")
    for number in range(3 * PER_MINUTE):
        world.clock.at += 1.0
        await world.ada.send(world.channel, f"{mention(world)} haha {number}", reply_to=photo)
    await world.env.settle()
    assert calls(world, "GET", "/messages/") - before <= PER_MINUTE


@pytest.mark.parametrize("blocked", [True, False])
async def test_an_agent_that_asks_without_end_is_answered_some_times_a_minute(world: World, blocked: bool) -> None:
    job = await imagine(world)
    who = {"user_id": world.ada.id, "channel_id": world.channel.id}
    if blocked:
        await block(world, world.ada, world.env.guild.id)
    asked = Draw(**who, words="a boat") if blocked else LookUp(**who, picture=job.id)
    before = calls(world, "GET", "/members/"), calls(world, "GET", "/messages/")
    answers = [await world.bot.agents.answer(asked) for _ in range(3 * CALLS_A_MINUTE)]
    assert sum(one.says == text("en", "refused-agent-too-fast") for one in answers) == 2 * CALLS_A_MINUTE
    assert calls(world, "GET", "/members/") - before[0] == CALLS_A_MINUTE
    assert calls(world, "GET", "/messages/") - before[1] == (0 if blocked else CALLS_A_MINUTE)
    world.clock.at += 60.0
    again = await world.bot.agents.answer(asked)
    assert again.says != text("en", "refused-agent-too-fast")


async def test_an_undo_repeats_no_word_that_was_blocked_since(world: World) -> None:
    world.engine.answer = json.dumps({**SPEC, "understood": "a zorkslur boat"})
    job = await imagine(world)
    world.engine.answer = answer(kind="change", prompt="a red boat at night")
    await reply(world, job, "at night")
    second = await world.jobs.by_message(world.message.id)
    assert second
    await under_more(world.ada, await world.find(job), "Delete")
    world.engine.answer = answer(kind="undo", version=None)
    await reply(world, second, "go back")
    assert "zorkslur" in world.message.content, "as long as it is no blocked word"
    await moderator(world).slash(world.channel, "moderation words add", word="zorkslur")
    world.clock.at += 60.0
    await reply(world, second, "go back please")
    assert world.message.content == text("en", "undo-gone-unsaid")


async def test_one_person_is_refused_in_one_channel_of_many(world: World) -> None:
    posts = calls(world, "POST", "/messages")
    for number in range(6):
        await world.ben.send(world.env.guild.create_text_channel(f"c{number}"), mention(world))
    await world.env.settle()
    assert calls(world, "POST", "/messages") - posts == 1


async def test_what_a_moderator_cancels_keeps_nobody_from_asking(world: World) -> None:
    await imagine(world)
    picture, painted = world.message, world.hold()
    for _ in range(CANCELS_A_MINUTE):
        world.env.backend.advance_clock(2 * SAME_S)
        await world.ada.click(picture, label="Again")
        await world.mo.click(world.message, label="Cancel")
    painted.set()
    world.env.backend.advance_clock(2 * SAME_S)
    before = len(world.engine.painted)
    await world.ada.click(picture, label="Again")
    assert len(world.engine.painted) == before + 1


async def test_who_cancels_again_and_again_waits_for_a_while(world: World) -> None:
    """Each such request has a post in the channel, for which others' posts would wait."""
    await imagine(world)
    picture, posts = world.message, calls(world, "POST", "/messages")
    painted = world.hold()
    for _ in range(CANCELS_A_MINUTE):
        world.env.backend.advance_clock(2 * SAME_S)
        await world.ada.click(picture, label="Again")
        await world.ada.click(world.message, label="Cancel")
    painted.set()
    world.env.backend.advance_clock(2 * SAME_S)
    refused = await world.ada.click(picture, label="Again")
    assert refused.response.content.startswith("You cancelled several requests")
    assert calls(world, "POST", "/messages") - posts == CANCELS_A_MINUTE
    await world.ben.click(picture, label="Again")
    world.clock.at += 60.0
    world.env.backend.advance_clock(2 * SAME_S)
    await world.ada.click(picture, label="Again")
    assert calls(world, "POST", "/messages") - posts == CANCELS_A_MINUTE + 2
