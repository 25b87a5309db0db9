"""Two presses that reach the bot before it has answered either: what they ask for happens once."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from simcord import interactions
from simcord.backend import serializers
from simcord.components import walk_components
from simcord.enums import InteractionType
from simcord.results import InteractionResult

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.ui.button_items import FINISHED, PARTS, UNDER_MORE
from bot.ui.button_items import ONE as ONE_LAYOUT
from bot.ui.button_items import SET as SET_LAYOUT
from bot.ui.i18n import text
from engine.api.messages import MAX_IMAGES, Model, ModelFacts, UpscalerFacts
from tests.fakes import SPEC
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_edit_by_instruction import newest
from tests.integration.test_personal import rows


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


def send_press(world: World, who: Any, message: Any, what: str, values: tuple[str, ...] = ()) -> InteractionResult:
    """Let the gateway tell of a button by its label, or of a select's answer by its custom id; wait for nothing."""
    backend = world.env.backend
    stored = backend.get_message(world.channel.id, message.id)
    key = "custom_id" if values else "label"
    (component,) = (one for one in walk_components(stored.components) if str(one.get(key, "")).startswith(what))
    data = {"custom_id": component["custom_id"], "component_type": component["type"]}
    if values:
        data["values"] = list(values)
    return _send(world, who, InteractionType.MESSAGE_COMPONENT, data, stored)


def send_form(world: World, who: Any, shown: InteractionResult, **filled: str) -> InteractionResult:
    """Let the gateway tell of a form that was opened before and is sent now; wait for nothing."""
    modal: Any = shown.modal
    rows_ = [
        {"type": 1, "components": [{"type": 4, "custom_id": name, "value": value}]} for name, value in filled.items()
    ]
    data = {"custom_id": modal["custom_id"], "components": rows_}
    return _send(world, who, InteractionType.MODAL_SUBMIT, data, None)


def _send(world: World, who: Any, kind: InteractionType, data: dict[str, Any], stored: Any) -> InteractionResult:
    backend = world.env.backend
    record, payload = interactions.base_payload(
        backend, type=kind, channel_id=world.channel.id, guild_id=world.env.guild.id, user_id=who.id, data=data
    )
    if stored:
        record.source_message_id = stored.id
        payload["message"] = dict(serializers.message_payload(backend, stored))
    backend.emit("INTERACTION_CREATE", payload)
    return InteractionResult(world.env, record)


async def at_once(world: World, who: tuple[Any, ...], message: Any, what: str, *values: str) -> list[InteractionResult]:
    """Let everybody press in the same moment; return what each was shown."""
    shown = [send_press(world, one, message, what, values) for one in who]
    assert not any(one.acknowledged for one in shown)
    await world.env.settle()
    assert all(one.acknowledged for one in shown), "nobody reads that the interaction failed"
    return shown


def words_of(shown: list[InteractionResult], *messages: Any) -> list[str]:
    """Return what the pressers alone were told, beside what stood in these messages."""
    before = [message.id for message in messages]
    first = [one.response.content for one in shown if one.response and one.response.id not in before]
    return [*first, *(each.content for one in shown for each in one.followups)]


class Counts(NamedTuple):
    painted: int
    pictures: int
    jobs: int
    used: int


def plus(before: Counts, further: Counts) -> Counts:
    return Counts(*map(sum, zip(before, further, strict=True)))


async def counts(world: World) -> Counts:
    used = await world.used(world.ada)
    return Counts(len(world.engine.painted), len(await world.pictures()), len(await rows(world, "jobs")), used)


async def drawn(world: World, count: int) -> tuple[Job, Any]:
    world.engine.distinct = True
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, count=count)
    world.env.backend.advance_clock(SAME_S)
    return await newest(world), world.message


NOTHING, ONE, FREE = Counts(0, 0, 0, 0), Counts(1, 1, 1, 1), Counts(0, 1, 1, 0)
OF_ONE = {"Refine": NOTHING, "Again": ONE, "Vary": NOTHING, "Upscale": ONE, "★": NOTHING,
          "More": NOTHING}  # fmt: skip
OF_SET = {"1": FREE, "2": FREE, "3": FREE, "4": FREE, "Again": Counts(1, 1, 1, 4), "Vary": NOTHING, "Details": NOTHING,
          "Delete": NOTHING}  # fmt: skip
GONE_UNDER_MORE = {"Edit region": 0, "Zoom out": 0, "Details": 0, "Delete": 1}


@pytest.mark.parametrize(("count", "label"), [*((1, label) for label in OF_ONE), *((4, label) for label in OF_SET)])
async def test_a_button_pressed_twice_at_once_does_its_work_once(world: World, count: int, label: str) -> None:
    _, picture = await drawn(world, count)
    before = await counts(world)
    shown = await at_once(world, (world.ada, world.ada), picture, label)
    further = (OF_ONE if count == 1 else OF_SET)[label]
    assert await counts(world) == plus(before, further)
    answers = len([one for one in shown if one.modal]) + len(words_of(shown, picture))
    assert answers == (further is NOTHING), "what it asks or tells comes once"


def test_every_button_of_the_layouts_is_among_them() -> None:
    def labels(actions: tuple[str, ...]) -> list[str]:
        return [text("en", f"button-{action}") for action in actions]

    assert list(OF_ONE) == labels(ONE_LAYOUT)
    assert list(OF_SET) == [*(str(index + 1) for index in range(MAX_IMAGES)), *labels(SET_LAYOUT)]
    assert list(GONE_UNDER_MORE) == labels((*PARTS, *UNDER_MORE))
    assert {*OF_ONE, *GONE_UNDER_MORE} >= {*labels(FINISHED)}, "private pictures and older ones have no others"


@pytest.mark.parametrize(("label", "gone"), GONE_UNDER_MORE.items())
async def test_what_is_under_more_likewise(world: World, label: str, gone: int) -> None:
    _, picture = await drawn(world, 1)
    more = (await world.ada.click(picture, label="More")).response
    shown = await at_once(world, (world.ada, world.ada), more, label)
    assert len(await world.pictures()) == 1 - gone
    assert len(words_of(shown, more)) == 1 - gone


@pytest.mark.parametrize("number", ["1", "4"])
async def test_two_people_who_press_a_number_at_once_get_one_message(world: World, number: str) -> None:
    job, picture = await drawn(world, 4)
    before = await counts(world)
    shown = await at_once(world, (world.ada, world.ben, world.mo), picture, number)
    assert await counts(world) == plus(before, FREE)
    picked = await newest(world)
    assert (picked.parent_id, picked.order.of_picture) == (job.id, int(number))
    assert await world.used(world.ben) == 0
    where = text("en", "picked-before", number=int(number), link=picked.link)
    assert words_of(shown, picture) == [where, where], "the others are told where it is"


@pytest.mark.parametrize("count", [1, 4])
async def test_a_variation_that_is_chosen_twice_at_once_is_painted_once(world: World, count: int) -> None:
    _, picture = await drawn(world, count)
    asked = (await world.ada.click(picture, label="Vary")).response
    before = await counts(world)
    await at_once(world, (world.ada, world.ada), asked, "limner:strength", "strong")
    assert await counts(world) == plus(before, ONE)


async def test_a_size_that_is_chosen_twice_at_once_is_made_once(world: World) -> None:
    facts = ModelFacts("painter", sizes={"square": "512x512"}, upscaler=UpscalerFacts("x4plus", [2, 4], 6_144))
    world.engine.listed = [Model("fake", limner=facts)]
    await world.bot.services.catalog.refresh()
    _, picture = await drawn(world, 1)
    asked = (await world.ada.click(picture, label="Upscale")).response
    before = await counts(world)
    await at_once(world, (world.ada, world.ada), asked, "×4")
    assert await counts(world) == plus(before, ONE)


@pytest.mark.parametrize(("choice", "left"), [("1", 3), ("all", 0)])
async def test_what_of_a_set_shall_go_is_chosen_twice_at_once(world: World, choice: str, left: int) -> None:
    job, picture = await drawn(world, 4)
    asked = (await world.ada.click(picture, label="Delete")).response
    shown = await at_once(world, (world.ada, world.ada), asked, "limner:picture:delete", choice)
    pictures = await world.pictures()
    assert sum(len(message.attachments) for message in pictures) == left
    assert words_of(shown, asked) == []
    assert asked.content == text("en", "deleted")
    assert (await world.used(world.ada), (await world.jobs.get(job.id)) is not None) == (4, True)


async def test_two_who_may_delete_different_pictures_of_a_set_at_once_delete_both(world: World) -> None:
    _, picture = await drawn(world, 4)
    asked = [(await world.ada.click(picture, label="Delete")).response]
    world.env.backend.advance_clock(SAME_S)
    asked.append((await world.ada.click(picture, label="Delete")).response)
    for one, index in zip(asked, ("0", "2"), strict=True):
        send_press(world, world.ada, one, "limner:picture:delete", (index,))
    await world.env.settle()
    assert [label for label in world.labels() if label.isdigit()] == ["2", "4"]
    assert len(world.message.attachments) == 2


CHANGE = {**SPEC, "kind": "change", "version": None, "picture": None, "instruction": "Make it night."}


async def test_which_of_a_set_a_reply_means_is_chosen_twice_at_once(world: World) -> None:
    _, picture = await drawn(world, 4)
    world.engine.answer = json.dumps(CHANGE)
    await world.ada.send(world.channel, "make it night", reply_to=picture)
    before = await counts(world)
    await at_once(world, (world.ada, world.ada), world.message, "2")
    assert await counts(world) == plus(before, Counts(1, 0, 1, 1)), "the picture came, the question went"


async def test_a_change_that_is_offered_under_chat_is_taken_twice_at_once(world: World) -> None:
    _, picture = await drawn(world, 1)
    world.engine.answer = json.dumps({**CHANGE, "kind": "chat", "prompt": "a blue boat"})
    await world.ada.send(world.channel, "would be great at night haha", reply_to=picture)
    offered = world.message
    before = await counts(world)
    await at_once(world, (world.ada, world.ada), offered, text("en", "chat-change-it"))
    assert await counts(world) == plus(before, Counts(1, 0, 1, 1)), "the picture came, the question went"


async def test_a_form_that_is_sent_twice_at_once_is_one_change(world: World) -> None:
    _, picture = await drawn(world, 1)
    world.engine.answer = json.dumps(CHANGE)
    form = await world.ada.click(picture, label="Refine")
    before = await counts(world)
    for _ in range(2):
        send_form(world, world.ada, form, words="make it night", prompt=SPEC["prompt"])
    await world.env.settle()
    assert await counts(world) == plus(before, ONE)


async def test_a_part_is_painted_once_however_often_each_step_is_pressed(world: World) -> None:
    _, picture = await drawn(world, 1)
    more = (await world.ada.click(picture, label="More")).response
    shown = (await world.ada.click(more, label="Edit region")).response
    await at_once(world, (world.ada, world.ada), shown, "5")
    assert "✓ 5" in [one.get("label") for one in walk_components(shown.components)], "taken in, and not out again"
    form = await world.ada.click(shown, label=text("en", "region-words"))
    before = await counts(world)
    for _ in range(2):
        send_form(world, world.ada, form, words="a lighthouse")
    await world.env.settle()
    assert await counts(world) == plus(before, ONE)


async def test_zooming_out_twice_at_once_is_one_picture(world: World) -> None:
    _, picture = await drawn(world, 1)
    more = (await world.ada.click(picture, label="More")).response
    asked = (await world.ada.click(more, label="Zoom out")).response
    before = await counts(world)
    await at_once(world, (world.ada, world.ada), asked, "1.5×")
    assert await counts(world) == plus(before, ONE)


async def test_cancel_pressed_twice_at_once_refunds_once(world: World) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    shown = await at_once(world, (world.ada, world.ada), world.message, "Cancel")
    assert text("en", "failed-cancelled") in world.message.content
    assert (await world.used(world.ada), words_of(shown, world.message)) == (0, [])


async def test_everything_is_erased_once(world: World) -> None:
    await drawn(world, 4)
    asked = (await world.ada.slash(world.channel, "my data erase")).response
    shown = await at_once(world, (world.ada, world.ada), asked, "Erase everything")
    assert (await rows(world, "jobs"), await world.pictures()) == ([], [])
    assert asked.content.startswith("Erased: one request")
    assert words_of(shown, asked) == []
