"""Several pictures in: options, attachments of a reply and of a mention, as many as the painter looks at."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.ui.i18n import text
from engine.api.messages import Model, ModelFacts
from tests.fakes import PNG, SPEC
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_edit_by_instruction import BESIDE, CHANGE, EDITOR, PAINTER, listing, newest, posted
from tests.integration.test_personal import erase, in_dm, rows, zips

HAT, COAT = PNG + b"hat", PNG + b"coat"
TWO = Model("kontext", limner=ModelFacts("painter", lacks=["strength"], edits_by_instruction=True, references=2))


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


def sent(world: World) -> tuple[bytes, ...]:
    """Return the pictures that the painter got last."""
    start = world.engine.starts[-1]
    return start.pictures if start else ()


async def drawn(world: World) -> Job:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7)
    return await newest(world)


async def dressed(world: World, parent: Job, *files: bytes, who: Any = None) -> None:
    """Reply to a picture with others attached."""
    world.engine.answer = json.dumps(CHANGE)
    attachments = [(f"{number}.png", file) for number, file in enumerate(files)]
    picture = await world.find(parent)
    await (who or world.ada).send(world.channel, "put this hat on him", reply_to=picture, attachments=attachments)
    await world.env.settle()


async def by_options(world: World, parent: Job, *files: bytes) -> None:
    names = ("image", "image2", "image3", "image4")
    options = {name: (f"{name}.png", file) for name, file in zip(names, files, strict=False)}
    await world.ada.slash(world.channel, "imagine", prompt="him with this hat", **options)
    await world.env.settle()


async def by_mention(world: World, parent: Job, *files: bytes) -> None:
    attachments = [(f"{number}.png", file) for number, file in enumerate(files)]
    words = f"<@{world.env.bot.user.id}> him with this hat"
    await world.ada.send(world.channel, words, attachments=attachments)
    await world.env.settle()


Way = Callable[..., Awaitable[None]]


@pytest.mark.parametrize("way", [by_options, by_mention])
async def test_all_pictures_reach_the_painter_in_their_order(world: World, way: Way) -> None:
    await listing(world, EDITOR)
    await way(world, await drawn(world), PNG, HAT, COAT)
    job = await newest(world)
    assert sent(world) == (PNG, HAT, COAT)
    assert (job.order.from_picture, job.order.references, job.order.photos_of) == (True, 2, (world.ada.id,))
    asked = world.engine.chats[-1].messages[0].text
    assert "the first picture, the second picture, the third picture" in asked


@pytest.mark.parametrize("model", [EDITOR, BESIDE], ids=["the painter edits", "an editor beside it"])
async def test_pictures_of_a_reply_come_after_the_one_that_it_answers(world: World, model: Model) -> None:
    await listing(world, model)
    parent = await drawn(world)
    await dressed(world, parent, HAT, COAT)
    job = await newest(world)
    assert sent(world) == (await posted(world, parent), HAT, COAT)
    assert world.engine.painted[-1][0].prompt == CHANGE["instruction"]
    assert (job.parent_id, job.order.references, job.order.photos_of) == (parent.id, 2, (world.ada.id,))
    asked = world.engine.chats[-1].messages[0].text
    assert "the first picture, the second picture, the third picture" in asked


@pytest.mark.parametrize("kind", ["new", "change"])
async def test_a_reply_with_a_picture_is_a_change_whatever_the_model_takes_it_for(world: World, kind: str) -> None:
    await listing(world, EDITOR)
    parent = await drawn(world)
    world.engine.answer = json.dumps({**CHANGE, "kind": kind})
    picture = await world.find(parent)
    await world.ada.send(world.channel, "this hat", reply_to=picture, attachments=[("hat.png", HAT)])
    assert (await newest(world)).parent_id == parent.id
    assert sent(world) == (await posted(world, parent), HAT)


async def test_chat_with_a_picture_draws_nothing(world: World) -> None:
    await listing(world, EDITOR)
    parent = await drawn(world)
    world.engine.answer = json.dumps({"kind": "chat", **SPEC, "prompt": ""})
    picture = await world.find(parent)
    await world.ada.send(world.channel, "haha like this one", reply_to=picture, attachments=[("hat.png", HAT)])
    await world.env.settle()
    assert len(world.engine.painted) == 1


FEW = {"from words": (PAINTER, 1), "two": (TWO, 2)}


@pytest.mark.parametrize("painter", FEW)
@pytest.mark.parametrize("way", [by_options, by_mention, dressed])
async def test_a_painter_that_takes_fewer_says_so_before_anything_is_counted(
    world: World, way: Way, painter: str
) -> None:
    model, most = FEW[painter]
    await listing(world, model)
    parent = await drawn(world)
    read = len(world.engine.chats)
    answers: list[str] = []
    if way is by_options:
        shown = await world.ada.slash(
            world.channel, "imagine", prompt="him", image=("a.png", PNG), image2=("b.png", HAT), image3=("c.png", COAT)
        )
        answers.append(shown.response.content)
    else:
        await way(world, parent, *(PNG, HAT, COAT)[: 2 if way is dressed else 3])
        answers.append(world.message.content)
    assert answers == [text("en", "refused-too-many-pictures", most=most)]
    assert (len(world.engine.painted), len(world.engine.chats), await world.used(world.ada)) == (1, read, 1)
    assert await rows(world, "start_pictures") == []


async def test_a_strength_is_for_one_picture_also_with_an_editor(world: World) -> None:
    await listing(world, BESIDE)
    shown = await world.ada.slash(
        world.channel, "imagine", prompt="him", image=("a.png", PNG), image2=("b.png", HAT), strength=0.5
    )
    assert shown.response.content == text("en", "refused-too-many-pictures", most=1)


@pytest.mark.parametrize("restart", [False, True])
async def test_again_repeats_all_of_them_and_a_further_change_only_what_it_brings(world: World, restart: bool) -> None:
    await listing(world, EDITOR)
    await dressed(world, await drawn(world), HAT)
    edited, before = await newest(world), sent(world)
    if restart:
        await world.restart()
        await world.bot.services.catalog.refresh()
    await world.ada.click(await world.find(edited), label="Again")
    again = await newest(world)
    assert sent(world) == before
    assert (again.parent_id, again.order.references) == (edited.id, 1)
    await world.ada.send(world.channel, "make it night", reply_to=await world.find(again))
    assert sent(world) == (await posted(world, again),)
    assert (await newest(world)).order.references == 0


async def test_again_where_one_of_them_is_gone_says_so(world: World) -> None:
    await listing(world, EDITOR)
    await dressed(world, await drawn(world), HAT)
    edited = await newest(world)
    sql = "DELETE FROM job_starts WHERE job_id = ? AND position = 1"
    await world.database.write(lambda connection: connection.execute(sql, (edited.id,)))
    pressed = await world.ada.click(await world.find(edited), label="Again")
    assert pressed.response.content == text("en", "refused-picture-gone")
    assert len(world.engine.painted) == 2


async def test_a_reply_with_a_picture_to_a_set_asks_which_and_keeps_it(world: World) -> None:
    await listing(world, EDITOR)
    await world.ada.slash(world.channel, "imagine", prompt="a red boat", seed=7, count=4)
    whole = await newest(world)
    files = [bytes(await one.read()) for one in (await world.find(whole)).attachments]
    await dressed(world, whole, HAT)
    await world.ada.click(world.message, label="2")
    await world.env.settle()
    assert sent(world) == (files[1], HAT)


async def test_each_is_kept_once_exported_and_erased(world: World) -> None:
    await listing(world, EDITOR)
    await by_options(world, await drawn(world), PNG, HAT, PNG)
    job = await newest(world)
    world.env.backend.advance_clock(SAME_S)
    await world.ada.click(await world.find(job), label="Again")
    again = await newest(world)
    assert len(await rows(world, "start_pictures")) == 2
    assert await world.jobs.start_images(again.id) == (PNG, HAT, PNG)
    await world.ada.slash(world.channel, "my data export")
    files = await zips(await in_dm(world, world.ada))
    kept = {name: data for name, data in files.items() if name.startswith(f"starts/{job.id}")}
    assert list(kept.values()) == [PNG, HAT, PNG]
    assert json.loads(files["data.json"])["jobs"][0]["options"]["references"] == 2
    await erase(world, world.ada)
    assert await rows(world, "start_pictures") == await rows(world, "job_starts") == await rows(world, "jobs") == []


async def test_in_chinese_it_is_said_in_chinese(world: World) -> None:
    await listing(world, PAINTER)
    world.speaks[world.ada.id] = "zh-CN"
    shown = await world.ada.slash(world.channel, "imagine", prompt="他", image=("a.png", PNG), image2=("b.png", HAT))
    assert shown.response.content == text("zh-CN", "refused-too-many-pictures", most=1)
