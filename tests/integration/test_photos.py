"""Whose photos may be painted from: five kinds of people, three modes, and every way to start from a picture."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.cogs.public_refusals import INTERVAL_S
from bot.domain.moderation import Action
from bot.domain.photos import PhotoMode
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.storage.audit import Audit
from bot.ui.i18n import text
from tests.docs.reading import ROOT, table
from tests.fakes import PNG
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_mentions import grant_intent
from tests.integration.test_moderation import moderator
from tests.integration.test_personal import erase, in_dm, rows, zips


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(99, "hour"),), at_once=9))


MODES = ("own", "everyone", "off")
PEOPLE = ("its author", "someone the author allows", "someone else", "someone the author refuses", "a moderator")
SAMPLED = {("someone else", "everyone"), ("its author", "off"), ("someone the author refuses", "everyone")}
"""The pairs that `make test` tries beside those of the usual mode; `make full` tries the whole table."""
CONSENTS = {"someone the author allows": "yes", "someone the author refuses": "no"}
REFUSED = {"off": "barred-photos-off", "no": "barred-photo-refused", "": "barred-photo-not-shared"}
HEAD = "who starts from a member's photo"


def may(person: str, mode: str) -> bool:
    """Return what the moderators' guide promises."""
    rows_ = {row[0]: row[1:] for row in table(ROOT / "docs" / "moderators.md", HEAD)}
    return rows_[person][MODES.index(mode)] == "yes"


def answered(result: Any) -> str:
    """Return what the asker alone is told; nothing where the channel says it all."""
    return str(result.response.content) if result.response else ""


async def menu(world: World, photo: Any, made: Any, who: Any) -> str:
    shown = await who.context_menu(world.channel, "Start from this picture", photo)
    if shown.modal is None:
        return answered(shown)
    return answered(await who.submit_modal(shown, {"words": "as a watercolor"}))


async def menu_on_the_result(world: World, photo: Any, made: Any, who: Any) -> str:
    return await menu(world, made, made, who)


async def reply(world: World, photo: Any, made: Any, who: Any) -> str:
    await who.send(world.channel, "make it blue", reply_to=made)
    return str(world.message.content)


async def refine(world: World, photo: Any, made: Any, who: Any) -> str:
    shown = await who.click(made, label="Refine")
    if shown.modal is None:
        return answered(shown)
    return answered(await who.submit_modal(shown, {"words": "make it blue"}))


async def refine_by_menu(world: World, photo: Any, made: Any, who: Any) -> str:
    shown = await who.context_menu(world.channel, "Refine picture", made)
    if shown.modal is None:
        return answered(shown)
    return answered(await who.submit_modal(shown, {"words": "make it blue"}))


async def mention_with_a_picture(world: World, photo: Any, made: Any, who: Any) -> str:
    words = f"<@{world.env.bot.user.id}> put this hat on"
    await who.send(world.channel, words, reply_to=photo, attachments=[("hat.png", PNG + b"hat")])
    return str(world.message.content)


async def mention(world: World, photo: Any, made: Any, who: Any) -> str:
    await who.send(world.channel, f"<@{world.env.bot.user.id}> as a knight", reply_to=photo)
    return str(world.message.content)


async def again(world: World, photo: Any, made: Any, who: Any) -> str:
    return answered(await who.click(made, label="Again"))


async def vary(world: World, photo: Any, made: Any, who: Any) -> str:
    asked = await who.click(made, label="Vary")
    if not asked.response.components:
        return answered(asked)
    return answered(await who.select(asked.response, values=["strong"]))


async def upscale(world: World, photo: Any, made: Any, who: Any) -> str:
    return answered(await who.click(made, label="Upscale"))


async def region(world: World, photo: Any, made: Any, who: Any) -> str:
    asked = await under_more(who, made, "Edit region")
    if not asked.response.components:
        return answered(asked)
    await who.click(asked.response, label="1")
    form = await who.click(asked.response, label=text("en", "region-words"))
    done = await who.submit_modal(form, {"words": "a hat"})
    return answered(done)


async def zoom(world: World, photo: Any, made: Any, who: Any) -> str:
    asked = await under_more(who, made, "Zoom out")
    if not asked.response.components:
        return answered(asked)
    return answered(await who.click(asked.response, label="1.5×"))


async def reply_with_a_picture(world: World, photo: Any, made: Any, who: Any) -> str:
    await who.send(world.channel, "put this hat on", reply_to=made, attachments=[("hat.png", PNG + b"hat")])
    return str(world.message.content)


async def favourite(world: World, photo: Any, made: Any, who: Any) -> str:
    await who.click(made, label="★")
    job = await world.jobs.by_message(made.id)
    assert job
    return answered(await who.slash(world.channel, "imagine", prompt="as a knight", favourite=job.id, exact=True))


def option(*names: str) -> Way:
    """Return the way by options that each hold a file of the asker's own."""

    async def by_options(world: World, photo: Any, made: Any, who: Any) -> str:
        files = {name: (f"{name}.png", PNG + name.encode()) for name in names}
        return answered(await who.slash(world.channel, "imagine", prompt="as a painting", exact=True, **files))

    return by_options


async def own_photos_in_a_mention(world: World, photo: Any, made: Any, who: Any) -> str:
    files = [("a.png", PNG + b"a"), ("b.png", PNG + b"b")]
    await who.send(world.channel, f"<@{world.env.bot.user.id}> as a painting", attachments=files)
    return str(world.message.content)


async def own_photo_in_a_reply(world: World, photo: Any, made: Any, who: Any) -> str:
    """To a picture of Limner's that no photo is in."""
    await world.mo.slash(world.channel, "imagine", prompt="a hill", exact=True)
    await who.send(world.channel, "put this hat on", reply_to=world.message, attachments=[("hat.png", PNG + b"hat")])
    return str(world.message.content)


Way = Callable[[World, Any, Any, Any], Awaitable[str]]
WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        menu, menu_on_the_result, reply, reply_with_a_picture, mention, mention_with_a_picture, refine, refine_by_menu,
        again, vary, upscale, region, zoom, favourite,
    )
}  # fmt: skip
OWN: dict[str, Way] = {
    "image": option("image"),
    "image2 alone": option("image2"),
    "image and image3": option("image", "image3"),
    "all three": option("image", "image2", "image3"),
    "a mention": own_photos_in_a_mention,
    "a reply": own_photo_in_a_reply,
}
"""Whoever attaches a file is its author."""


async def consent(world: World, who: Any, said: str) -> None:
    await who.slash(world.channel, "my settings", photos=said)


async def set_mode(world: World, mode: str) -> Any:
    who = moderator(world)
    await who.slash(world.channel, "moderation photos", mode=mode)
    return who


@pytest.mark.parametrize(
    ("person", "mode"),
    [
        pytest.param(person, mode, marks=() if mode == "own" or (person, mode) in SAMPLED else pytest.mark.full)
        for person in PEOPLE
        for mode in MODES
    ],
)
async def test_who_may_start_from_a_photo(
    world: World, person: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = await world.ada.send(world.channel, "me", attachments=[("me.png", PNG)])
    grant_intent(monkeypatch, photo)
    await world.ada.slash(world.channel, "imagine", prompt="as a knight", image=("me.png", PNG), shape="square")
    made = world.message
    assert made.attachments
    if person in CONSENTS:
        await consent(world, world.ada, CONSENTS[person])
    await set_mode(world, mode)
    who = {"its author": world.ada, "a moderator": moderator(world)}.get(person, world.ben)
    for name, way in WAYS.items():
        world.env.backend.advance_clock(SAME_S)
        world.clock.at += INTERVAL_S
        painted = len(world.engine.painted)
        said = await way(world, photo, made, who)
        await world.env.settle()
        if may(person, mode):
            assert len(world.engine.painted) == painted + 1, (name, said)
        else:
            assert len(world.engine.painted) == painted, name
            key = REFUSED["off" if mode == "off" else "no" if CONSENTS.get(person) == "no" else ""]
            assert said == text("en", key), name
    for name, way in OWN.items():
        world.env.backend.advance_clock(SAME_S)
        world.clock.at += INTERVAL_S
        started = starts(world)
        said = await way(world, photo, made, who)
        await world.env.settle()
        assert starts(world) == started + may("its author", mode), (name, said)
        if not may("its author", mode):
            assert said == text("en", REFUSED["off"]), name


def starts(world: World) -> int:
    """Return how often painting started from a picture."""
    return len([start for start in world.engine.starts if start])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("names", [("image",), ("image2",), ("image", "image3"), ("image", "image2", "image3")])
async def test_attachments_of_one_s_own(world: World, mode: str, names: tuple[str, ...]) -> None:
    await set_mode(world, mode)
    files = {name: (f"{name}.png", PNG + name.encode()) for name in names}
    result = await world.ada.slash(world.channel, "imagine", prompt="as a knight", **files)
    assert bool(world.engine.painted) is (mode != "off")
    if mode == "off":
        assert result.response.content == text("en", "barred-photos-off")
        assert await world.used(world.ada) == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("how", ["a mention", "a reply to Limner's picture"])
async def test_photos_of_one_s_own_attached_to_a_message(world: World, how: str, mode: str) -> None:
    await set_mode(world, mode)
    await world.ben.slash(world.channel, "imagine", prompt="a red boat")
    picture, painted = world.message, len(world.engine.painted)
    two = [("a.png", PNG + b"a"), ("b.png", PNG + b"b")]
    if how == "a mention":
        await world.ada.send(world.channel, f"<@{world.env.bot.user.id}> as knights", attachments=two)
    else:
        await world.ada.send(world.channel, "with these", reply_to=picture, attachments=two)
    await world.env.settle()
    assert len(world.engine.painted) == painted + (mode != "off")
    if mode == "off":
        assert world.message.content == text("en", "barred-photos-off")
        assert await world.used(world.ada) == 0
    else:
        job = await world.jobs.by_message(world.message.id)
        assert job
        assert job.order.photos_of == (world.ada.id,)


@pytest.mark.parametrize("mode", MODES)
async def test_in_direct_messages_one_s_own_photos_count_and_no_server_s_mode(world: World, mode: str) -> None:
    await set_mode(world, mode)
    channel = world.ada.user.dm_channel
    files = world.env.backend.store_attachments(channel.id, [("me.png", PNG)])
    await world.ada.send_dm("as a knight", attachments=files)
    await world.env.settle()
    made = channel.last_message
    assert (len(world.engine.painted), len(made.attachments)) == (1, 1)
    job = await world.jobs.by_message(made.id)
    assert job
    assert job.order.photos_of == (world.ada.id,)


async def test_a_reference_makes_the_picture_its_author_s_photo_too(world: World) -> None:
    await world.ben.slash(world.channel, "imagine", prompt="a red boat")
    await world.ada.send(world.channel, "put me in", reply_to=world.message, attachments=[("me.png", PNG + b"me")])
    await world.env.settle()
    made = world.message
    again = await world.ben.click(made, label="Again")
    assert again.response.content == text("en", "barred-photo-not-shared")
    await consent(world, world.ada, "yes")
    world.env.backend.advance_clock(SAME_S)
    painted = len(world.engine.painted)
    await world.ben.click(made, label="Again")
    await world.env.settle()
    assert len(world.engine.painted) == painted + 1


@pytest.mark.parametrize("mode", MODES)
async def test_pictures_of_limner_s_are_free_for_all(world: World, mode: str) -> None:
    await set_mode(world, mode)
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    picture = world.message
    for way in WAYS.values():
        if way in (reply_with_a_picture, mention_with_a_picture) and mode == "off":  # whose own photo it adds
            continue
        world.env.backend.advance_clock(SAME_S)
        painted = len(world.engine.painted)
        await way(world, picture, picture, world.ben)
        await world.env.settle()
        assert len(world.engine.painted) == painted + 1


async def test_the_usual_mode_is_own(world: World) -> None:
    photo = await world.ada.send(world.channel, "me", attachments=[("me.png", PNG)])
    assert await menu(world, photo, None, world.ben) == text("en", "barred-photo-not-shared")


async def test_a_consent_taken_back_counts_at_once_also_for_a_form_that_is_open(world: World) -> None:
    await consent(world, world.ada, "yes")
    photo = await world.ada.send(world.channel, "me", attachments=[("me.png", PNG)])
    shown = await world.ben.context_menu(world.channel, "Start from this picture", photo)
    await consent(world, world.ada, "none")
    result = await world.ben.submit_modal(shown, {"words": "as a knight"})
    assert result.response.content == text("en", "barred-photo-not-shared")
    assert world.engine.painted == []


async def test_the_log_names_both_and_who_set_the_mode(world: World) -> None:
    setter = await set_mode(world, "everyone")
    photo = await world.ada.send(world.channel, "me", attachments=[("me.png", PNG)])
    await menu(world, photo, None, world.ben)
    made = world.message
    await under_more(world.ada, made, "Delete")
    entries = await Audit(world.database).entries(world.env.guild.id, None, 0, 9)
    assert [(entry.actor_id, entry.action, entry.target_id) for entry in entries] == [
        (world.ada.id, Action.PHOTO_DELETE, world.ben.id),
        (world.ben.id, Action.PHOTO_USE, world.ada.id),
        (setter.id, Action.PHOTOS, None),
    ]
    shown = await moderator(world).slash(world.channel, "moderation log")
    assert f"<@{world.ben.id}> · drew from a photo of <@{world.ada.id}>" in shown.response.embeds[0].description


async def test_whose_photo_it_was_can_delete_what_was_made_of_it_and_nobody_else(world: World) -> None:
    await consent(world, world.ada, "yes")
    photo = await world.ada.send(world.channel, "me", attachments=[("me.png", PNG)])
    await menu(world, photo, None, world.ben)
    made = world.message
    cleo = world.env.guild.add_member(world.env.create_user("Cleo"))
    refused = await under_more(cleo, made, "Delete")
    assert refused.response.content == text("en", "refused-not-yours")
    await under_more(world.ada, made, "Delete")
    assert made.id not in [message.id for message in await world.messages()]


async def test_details_say_whose_photo_it_was(world: World) -> None:
    await consent(world, world.ada, "yes")
    photo = await world.ada.send(world.channel, "me", attachments=[("me.png", PNG)])
    await menu(world, photo, None, world.ben)
    shown = await under_more(world.ben, world.message, "Details")
    assert [field.value for field in shown.response.embeds[0].fields if field.name == text("en", "details-photos")] == [
        f"<@{world.ada.id}>"
    ]


async def test_export_and_erase_know_what_others_made_of_a_photo(world: World) -> None:
    await consent(world, world.ada, "yes")
    photo = await world.ada.send(world.channel, "me", attachments=[("me.png", PNG)])
    await menu(world, photo, None, world.ben)
    made = world.message
    await world.ada.slash(world.channel, "my data export")
    data = json.loads((await zips(await in_dm(world, world.ada)))["data.json"])
    job = await world.jobs.by_message(made.id)
    assert job
    assert [one["job_id"] for one in data["made_of_your_photos"]] == [job.id]
    assert data["settings"]["photos"] == 1
    assert len(await rows(world, "start_pictures")) == 1

    await erase(world, world.ada)
    assert made.id not in [message.id for message in await world.messages()]
    assert await rows(world, "job_photos") == await rows(world, "start_pictures") == await rows(world, "members") == []
    kept = await world.jobs.get(job.id)
    assert kept
    assert kept.order.photos_of == ()
    assert kept.order.words == "as a watercolor"
    assert PhotoMode("own") is PhotoMode.OWN


async def test_the_setting_is_shown_in_the_reader_s_language(world: World) -> None:
    world.speaks[world.ada.id] = "zh-CN"
    result = await world.ada.slash(world.channel, "my settings", photos="no")
    assert text("zh-CN", "settings-photos-no") in result.response.content
