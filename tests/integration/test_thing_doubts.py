"""A thing that the starter does not know is said before anything is painted or counted, with things near it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord import interactions
from simcord.backend import serializers
from simcord.components import walk_components
from simcord.enums import InteractionType

from bot.cogs import doubts, thing_doubts
from bot.domain.jobs import Job, JobState, Kind
from bot.domain.quota import Limit
from bot.host.agent_wire import Draw
from bot.services.orders import Rules
from bot.services.understanding_budget import PER_MINUTE
from bot.ui.i18n import text
from engine.api.chat_progress import OnProgress, ignore_progress
from engine.api.errors import Unavailable
from engine.api.messages import ChatRequest, Model, ModelFacts
from engine.chatting import small_world
from engine.chatting.planner_facts import PlannerFacts
from engine.jobs.requests import Conversation
from tests.fakes import PNG, FakeEngine
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_mentions import mention
from tests.integration.test_moderation import moderator
from tests.integration.test_personal import in_dm
from tests.integration.test_same_moment import send_press

FOLDER = Path(__file__).parents[2] / "engine" / "starter" / "models" / "planner"
CARD = json.loads((FOLDER / "limner.json").read_text("utf-8"))
FACTS = {name: CARD[name] for name in ("knows", "words", "languages", "common")}
READER = small_world.reader_of(PlannerFacts(**FACTS), FOLDER)
STARTER = ModelFacts("planner", **FACTS)
PAINTER = Model("limner-starter", limner=ModelFacts("painter", sizes={"square": "512x512"}))


class StarterReads(FakeEngine):
    """Reads as the starter does, whose model repeats the words that it knows; not `away` times, late `slow` times."""

    away = slow = 0

    async def chat(self, request: ChatRequest, on_progress: OnProgress = ignore_progress) -> str:
        self.chats.append(request)
        if self.away:
            self.away -= 1
            raise Unavailable("gone")
        if self.slow:
            self.slow -= 1
            await asyncio.sleep(1.0)
        assert READER, "the starter's words are read by tables"
        return small_world.answer(READER, request, _prompt)


def _prompt(asked: Conversation) -> str:
    words = asked.request.messages[-1].text
    return json.dumps({"understood": words, "keywords": words.split()[:3], "prompt": f"{words}, day", "negative": ""})


@pytest.fixture
def engine() -> StarterReads:
    return StarterReads(models=[PAINTER, Model("limner-starter", limner=STARTER)])


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(8, "hour"),), at_once=9))


async def loaded(world: World) -> None:
    await world.bot.services.catalog.refresh()


async def imagine(world: World, words: str, **options: Any) -> Any:
    return (await world.ada.slash(world.channel, "imagine", prompt=words, **options)).response


async def jobs(world: World) -> list[Job]:
    """Return Ada's jobs, newest first."""
    return await world.jobs.of_user(world.ada.id, 0, 20)


async def untouched(world: World, count: int = 0) -> None:
    """Nothing was painted or counted but what was before."""
    await world.env.settle()
    assert (len(world.engine.painted), len(await jobs(world)), await world.used(world.ada)) == (count, count, count)


async def press_directly(world: World, who: Any, message: Any, label: str) -> None:
    """Press a button in direct messages."""
    backend = world.env.backend
    channel = await world.bot.create_dm(discord.Object(who.id))
    stored = backend.get_message(channel.id, message.id)
    (pressed,) = (each for each in walk_components(stored.components) if each.get("label") == label)
    data = {"custom_id": pressed["custom_id"], "component_type": pressed["type"]}
    kind = InteractionType.MESSAGE_COMPONENT
    record, payload = interactions.base_payload(
        backend, type=kind, channel_id=channel.id, guild_id=None, user_id=who.id, data=data
    )
    record.source_message_id = stored.id
    payload["message"] = dict(serializers.message_payload(backend, stored))
    backend.emit("INTERACTION_CREATE", payload)
    await world.env.settle()


def labels(message: Any) -> list[str]:
    rows = message.components
    found = [each for row in rows for each in (row["components"] if isinstance(row, dict) else row.children)]
    return [each["label"] if isinstance(each, dict) else each.label for each in found]


@pytest.mark.parametrize(
    ("locale", "words", "thing", "near", "painted"),
    [
        ("en-US", "a mermaid on the beach", "mermaid", ["snowman", "teddy bear", "robot"], "a snowman on the beach"),
        ("zh-CN", "海滩上的一条美人鱼", "美人鱼", ["雪人", "泰迪熊", "机器人"], "海滩上的一条雪人"),
    ],
)
async def test_a_command_is_asked_about_and_the_near_thing_takes_its_place(
    world: World, locale: str, words: str, thing: str, near: list[str], painted: str
) -> None:
    await loaded(world)
    world.speaks[world.ada.id] = locale
    asked = await imagine(world, words, seed=7, shape="square", negative="clouds")
    assert asked.ephemeral
    assert asked.content == text(locale, "thing-doubt", thing=thing)
    assert labels(asked) == [*near, text(locale, "doubt-anyway")]
    await untouched(world)
    await world.ada.click(asked, label=near[0])
    await world.env.settle()
    (job,) = await jobs(world)
    assert (job.order.words, job.seed, job.order.negative, job.state) == (painted, 7, "clouds", JobState.DONE)
    assert (len(world.engine.painted), await world.used(world.ada)) == (1, 1)


async def test_drawn_anyway_it_is_painted_as_it_was_read_and_the_word_is_told(world: World) -> None:
    await loaded(world)
    asked = await imagine(world, "a mermaid on the beach")
    pressed = await world.ada.click(asked, label="Draw it anyway")
    await world.env.settle()
    (job,) = await jobs(world)
    assert (job.order.words, job.state, await world.used(world.ada)) == ("a mermaid on the beach", JobState.DONE, 1)
    assert ["mermaid" in each.content for each in pressed.followups] == [True]
    assert len(world.engine.chats) == 1, "the words are read once"


@pytest.mark.parametrize("words", ["a cat with big eyes", "a castle in Paris", "a boat on a lake", "一只表情忧郁的猫"])
async def test_a_detail_that_is_unknown_is_painted_and_told(world: World, words: str) -> None:
    await loaded(world)
    result = await world.ada.slash(world.channel, "imagine", prompt=words)
    await world.env.settle()
    assert (len(world.engine.painted), await world.used(world.ada), len(world.engine.chats)) == (1, 1, 1)
    assert len(result.followups) == (words != "a boat on a lake")


async def test_exact_words_and_models_without_a_vocabulary_are_asked_about_nothing(world: World) -> None:
    await loaded(world)
    await imagine(world, "a mermaid", exact=True)
    await untouched(world, 1)
    world.engine.listed = [PAINTER, Model("large", limner=ModelFacts("planner"))]
    await loaded(world)
    await imagine(world, "a mermaid by the sea")
    await untouched(world, 2)


async def test_a_mention_is_asked_about_in_a_reply_that_its_writer_alone_can_press(world: World) -> None:
    await loaded(world)
    await world.ada.send(world.channel, f"{mention(world)} a mermaid and a boat")
    await untouched(world)
    (asked,) = await world.pictures()
    assert asked.content == text("en-US", "thing-doubt", thing="mermaid")
    refused = await world.ben.click(asked, label="snowman")
    assert refused.response.ephemeral
    assert refused.response.content == text("en-US", "refused-not-yours")
    await untouched(world)
    await world.ada.click(asked, label="snowman")
    await world.env.settle()
    (job,) = await jobs(world)
    assert (job.order.words, await world.used(world.ada)) == ("a snowman and a boat", 1)
    assert [message.id for message in await world.pictures()] == [job.message_id], "the question is gone"


async def test_a_direct_message_is_asked_about_there(world: World) -> None:
    await loaded(world)
    cleo = world.env.create_user("Cleo")
    await cleo.send_dm("a witch at night")
    await world.env.settle()
    asked = cleo.dm_channel.last_message
    assert asked.content == text("en-US", "thing-doubt", thing="witch")
    assert await world.jobs.of_user(cleo.id, 0, 9) == []
    await press_directly(world, cleo, asked, "Draw it anyway")
    (job,) = await world.jobs.of_user(cleo.id, 0, 9)
    assert (job.state, job.order.words) == (JobState.DONE, "a witch at night")


async def picture(world: World) -> Any:
    await loaded(world)
    await imagine(world, "a boat on a lake")
    await world.env.settle()
    world.clock.at += 1
    return world.message


@pytest.mark.parametrize(
    ("words", "changed"),
    [("add a mermaid", "add a snowman"), ("make it a mermaid", "make it a snowman"), ("加一条美人鱼", "加一条雪人")],
)
async def test_a_reply_that_asks_for_an_unknown_thing_changes_nothing_before_it_is_asked(
    world: World, words: str, changed: str
) -> None:
    before = await picture(world)
    await world.ada.send(world.channel, words, reply_to=before)
    await untouched(world, 1)
    asked = world.message
    assert "mermaid" in asked.content or "美人鱼" in asked.content
    near = labels(asked)[0]
    await world.ada.click(asked, label=near)
    await untouched(world, 2)
    job, parent = await jobs(world)
    assert (job.order.words, job.parent_id, job.seed) == (changed, parent.id, parent.seed)
    assert "snowman" in world.engine.painted[-1][0].prompt


async def test_nothing_is_offered_for_details_and_all_are_named(world: World) -> None:
    before = await picture(world)
    await world.ada.send(world.channel, "add smoke and a moustache", reply_to=before)
    await untouched(world, 1)
    asked = world.message
    assert asked.content == text("en-US", "things-doubt-none", things="“smoke”, “moustache”")
    assert labels(asked) == ["Draw it anyway"]


async def test_the_refine_form_is_asked_about_to_its_sender_alone(world: World) -> None:
    before = await picture(world)
    form = await world.ada.click(before, label="Refine")
    asked = (await world.ada.submit_modal(form, {"words": "add a mermaid"})).response
    assert asked.ephemeral
    assert asked.content == text("en-US", "thing-doubt", thing="mermaid")
    await untouched(world, 1)
    await world.ada.click(asked, label="Draw it anyway")
    await untouched(world, 2)
    job, parent = await jobs(world)
    assert (job.order.words, job.parent_id) == ("add a mermaid", parent.id)


async def test_of_a_set_the_picture_is_named_first_and_then_the_thing_is_asked_about(world: World) -> None:
    await loaded(world)
    await imagine(world, "a boat on a lake", count=2)
    await world.env.settle()
    world.clock.at += 1
    await world.ada.send(world.channel, "add a mermaid", reply_to=world.message)
    await world.env.settle()
    await world.ada.click(world.message, label="2")
    await world.env.settle()
    assert world.message.content == text("en-US", "thing-doubt", thing="mermaid")
    assert len(await jobs(world)) == 1
    await world.ada.click(world.message, label="snowman")
    await world.env.settle()
    job, parent = await jobs(world)
    assert (job.order.words, job.order.of_picture, job.parent_id) == ("add a snowman", 2, parent.id)


async def test_a_private_picture_takes_the_question_s_place(world: World) -> None:
    await loaded(world)
    asked = await imagine(world, "a mermaid", private=True)
    await world.ada.click(asked, label="snowman")
    await world.env.settle()
    (job,) = await jobs(world)
    assert (job.order.private, job.state, job.message_id) == (True, JobState.DONE, asked.id)
    assert await world.messages() == []


async def test_a_picture_to_start_from_is_kept_for_the_answer(world: World) -> None:
    await loaded(world)
    asked = await imagine(world, "a mermaid", image=("photo.png", PNG), strength=0.5)
    await untouched(world)
    assert asked.content == text("en-US", "thing-doubt", thing="mermaid")
    await world.ada.click(asked, label="Draw it anyway")
    await untouched(world, 1)
    (job,) = await jobs(world)
    assert (job.order.kind, job.order.strength) == (Kind.START, 0.5)
    start = world.engine.starts[-1]
    assert start
    assert start.image == PNG


async def test_an_unknown_style_is_asked_about_first_and_the_thing_behind_it(world: World) -> None:
    await loaded(world)
    asked = await imagine(world, "a mermaid", style="pixel-art")
    assert "Pixel art" in asked.content
    again = await world.ada.click(asked, label="Draw it anyway")
    assert text("en-US", "thing-doubt", thing="mermaid") in await shown(world, again, asked)
    await untouched(world)


@pytest.mark.parametrize(
    ("locale", "words", "thing", "near", "painted"),
    [
        (
            "en-US",
            "a cat and a pangolin on the beach",
            "pangolin",
            ["rabbit", "fox", "raccoon"],
            "a cat and a fox on the beach",
        ),
        ("zh-CN", "二只猫和一个灯塔", "灯塔", ["城堡", "房子", "帐篷"], "二只猫和一个房子"),
        ("de", "ein Hund neben einem Leuchtturm", "Leuchtturm", ["Burg", "Haus", "Zelt"], "ein Hund neben einem Haus"),
    ],
)
async def test_a_second_thing_is_asked_about_and_what_takes_its_place_keeps_the_rest(
    world: World, locale: str, words: str, thing: str, near: list[str], painted: str
) -> None:
    await loaded(world)
    world.speaks[world.ada.id] = locale
    asked = await imagine(world, words)
    assert asked.content == text(locale, "thing-doubt", thing=thing)
    assert labels(asked) == [*near, text(locale, "doubt-anyway")]
    await untouched(world)
    await world.ada.click(asked, label=near[1])
    await untouched(world, 1)
    (job,) = await jobs(world)
    assert (job.order.words, job.state) == (painted, JobState.DONE)
    assert ("cat" in world.engine.painted[-1][0].prompt) != ("dog" in world.engine.painted[-1][0].prompt)


async def test_drawn_anyway_what_is_known_is_painted(world: World) -> None:
    await loaded(world)
    asked = await imagine(world, "two cats holding a sword on the beach")
    assert asked.content == text("en-US", "thing-doubt", thing="sword")
    await untouched(world)
    await world.ada.click(asked, label="Draw it anyway")
    await untouched(world, 1)
    prompt = world.engine.painted[-1][0].prompt
    assert [word for word in ("two cats", "beach") if word not in prompt] == []


async def test_of_two_unknown_things_the_second_is_asked_about_in_turn(world: World) -> None:
    await loaded(world)
    asked = await imagine(world, "a mermaid and an astronaut")
    assert asked.content == text("en-US", "things-doubt", things="“mermaid”, “astronaut”", thing="mermaid")
    again = await world.ada.click(asked, label="snowman")
    assert text("en-US", "thing-doubt", thing="astronaut") in await shown(world, again, asked)
    await untouched(world)


async def shown(world: World, pressed: Any, asked: Any) -> list[str]:
    """Return what the answer shows now."""
    await world.env.settle()
    return [each.content for each in (pressed.response, asked) if each is not None]


async def test_presses_after_the_first_draw_nothing_more(world: World) -> None:
    await loaded(world)
    await world.ada.send(world.channel, f"{mention(world)} a mermaid")
    await world.env.settle()
    (asked,) = await world.pictures()
    for label in ("snowman", "Draw it anyway", "snowman"):
        send_press(world, world.ada, asked, label)
    await untouched(world, 1)


async def test_what_a_limit_refuses_waits_on_and_is_counted_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await loaded(world)
    asked = await imagine(world, "a mermaid", count=4)
    await imagine(world, "a boat", count=4)
    await imagine(world, "a house", count=4)
    await world.env.settle()
    assert await world.used(world.ada) == 8
    refused = await world.ada.click(asked, label="snowman")
    assert "next" in refused.followups[-1].content or "8" in refused.followups[-1].content
    assert await world.used(world.ada) == 8
    world.clock.at += 3_700
    monkeypatch.setattr(doubts, "WAITS_S", 9_999.0)
    await world.ada.click(asked, label="snowman")
    await world.env.settle()
    assert len(await jobs(world)) == 3


@pytest.mark.parametrize("how", ["a restart", "15 minutes"])
async def test_after_a_restart_or_a_quarter_of_an_hour_its_buttons_say_to_ask_again(world: World, how: str) -> None:
    await loaded(world)
    asked = await imagine(world, "a mermaid")
    if how == "a restart":
        await world.restart()
        await loaded(world)
    else:
        world.clock.at += doubts.WAITS_S + 1
    pressed = await world.ada.click(asked, label="snowman")
    assert pressed.response.content == text("en-US", "doubt-old")
    await untouched(world)


async def test_a_question_that_may_not_be_asked_in_the_open_goes_by_direct_message(world: World) -> None:
    await loaded(world)
    await world.ada.send(world.channel, f"{mention(world)} a mermaid")
    await world.ada.send(world.channel, f"{mention(world)} a witch")
    await untouched(world)
    (asked,) = await in_dm(world, world.ada)
    assert asked.content.startswith(text("en-US", "thing-doubt", thing="witch"))
    await press_directly(world, world.ada, asked, "snowman")
    (job,) = await jobs(world)
    assert (job.order.words, job.place.channel_id) == ("a snowman", world.channel.id)


async def test_questions_are_bounded_as_readings_are(world: World) -> None:
    await loaded(world)
    for _ in range(PER_MINUTE + 3):
        await world.ada.send(world.channel, f"{mention(world)} a mermaid")
    await world.env.settle()
    asked = [*await world.pictures(), *await in_dm(world, world.ada)]
    assert len(asked) <= PER_MINUTE + 1
    await untouched(world)


async def test_whoever_may_not_draw_is_refused_and_asked_nothing(world: World) -> None:
    await loaded(world)
    await moderator(world).slash(world.channel, "moderation block", user=world.ada)
    refused = await imagine(world, "a mermaid")
    assert "mermaid" not in refused.content
    assert (world.engine.chats, labels(refused)) == ([], [])


@pytest.mark.parametrize(("away", "slow"), [(1, 0), (0, 1)])
async def test_while_the_model_is_away_or_slow_the_request_waits_unread_and_is_refunded_in_the_end(
    world: World, engine: StarterReads, monkeypatch: pytest.MonkeyPatch, away: int, slow: int
) -> None:
    monkeypatch.setattr(thing_doubts, "READ_S", 0.05)
    await loaded(world)
    engine.away, engine.slow = away, slow
    await imagine(world, "a mermaid")
    await world.env.settle()
    assert text("en-US", "failed-thing", detail="mermaid") in world.message.content
    assert (engine.painted, await world.used(world.ada)) == ([], 0)
    engine.away, engine.slow = away, slow
    await imagine(world, "a boat")
    await world.env.settle()
    assert (len(engine.painted), await world.used(world.ada)) == (1, 1)


async def test_of_several_unknown_things_all_are_named_where_they_were_read_too_late(
    world: World, engine: StarterReads
) -> None:
    await loaded(world)
    engine.away = 1
    await imagine(world, "a mermaid, an astronaut and a cat")
    await world.env.settle()
    assert text("en-US", "failed-thing", detail="mermaid, astronaut") in world.message.content
    assert (engine.painted, await world.used(world.ada)) == ([], 0)


async def test_what_a_mention_asks_for_while_the_model_is_away_is_refunded_too(
    world: World, engine: StarterReads
) -> None:
    await loaded(world)
    engine.away = 1
    await world.ada.send(world.channel, f"{mention(world)} a mermaid")
    await world.env.settle()
    assert text("en-US", "failed-thing", detail="mermaid") in world.message.content
    assert (engine.painted, await world.used(world.ada)) == ([], 0)


async def test_an_agent_s_picture_is_painted_at_once(world: World) -> None:
    await loaded(world)
    call = Draw(user_id=world.ada.id, channel_id=world.channel.id, words="a mermaid")
    answered = asyncio.create_task(world.bot.agents.answer(call))
    await world.env.settle()
    assert not (await answered).refused
    await untouched(world, 1)
