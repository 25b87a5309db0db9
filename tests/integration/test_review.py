"""The picture check as members and moderators meet it: blocked, held, released, removed, never first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import discord
import pytest
from msgspec import structs

from bot.domain.actor import Actor, NotModerator
from bot.domain.held_pictures import WAITING_S
from bot.domain.jobs import Job, JobState
from bot.domain.picture_policy import Policy
from bot.domain.progress import Finished, HeldForReview
from bot.services.review import AlreadyDecided
from bot.storage import review as storage
from bot.storage.ledger import Ledger
from bot.storage.review import HeldPictures
from bot.ui.i18n import text
from bot.ui.review import ReviewButton
from engine.api.errors import CheckFailed
from engine.api.messages import CheckState, Model, ModelFacts
from tests.fakes import PNG
from tests.integration.conftest import World

BAD, GOOD = 0.9, 0.1


@pytest.fixture
def max_(world: World) -> Any:
    """A moderator of the server; the engine has a check that finds everything bad."""
    checked(world, "on", [BAD])
    role = world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return world.env.guild.add_member(world.env.create_user("Max"), roles=[role])


def checked(world: World, check: CheckState | None, scores: list[float | None]) -> None:
    world.engine.listed = [Model("fake", limner=ModelFacts("painter", check=check))]
    world.engine.scores = scores


async def imagine(world: World, who: Any = None, **options: Any) -> Any:
    return await (who or world.ada).slash(world.channel, "imagine", prompt="a red boat", **options)


async def policy(world: World, who: Any, chosen: str) -> str:
    return str((await who.slash(world.channel, "moderation nsfw", policy=chosen)).response.content)


async def review(world: World, who: Any) -> Any:
    return (await who.slash(world.channel, "moderation review")).response


async def only_job(world: World) -> Job:
    (job_id,) = await world.database.read(lambda connection: connection.execute("SELECT id FROM jobs").fetchone())
    job = await world.jobs.get(job_id)
    assert job
    return job


async def count(world: World, what: str) -> int:
    sql = f"SELECT count(*) FROM {what}"
    return int(await world.database.read(lambda connection: connection.execute(sql).fetchone()[0]))


async def actions(world: World) -> list[str]:
    return await world.database.read(
        lambda connection: [row[0] for row in connection.execute("SELECT action FROM audit ORDER BY id")]
    )


def pictures_sent(world: World) -> int:
    """How often, first to last, a request to Discord put files into the channel."""
    here = f"/channels/{world.channel.id}/"
    asked = [request for request in world.env.backend.http_requests if here in request.path]
    return sum(bool((request.json or {}).get("attachments")) for request in asked)


def private_channel(world: World, moderator: Any, **bot: bool) -> Any:
    """A channel that @everyone cannot see, but the moderator and the bot can."""
    everyone = world.env.guild.default_role
    me = world.env.bot.get_guild(world.env.guild.id).me
    allowed = {"view_channel": True, "send_messages": True, "attach_files": True} | bot
    overwrites = {
        everyone: discord.PermissionOverwrite(view_channel=False),
        moderator: discord.PermissionOverwrite(view_channel=True),
        me: discord.PermissionOverwrite(**allowed),
    }
    return world.env.guild.create_text_channel("back-room", overwrites=overwrites)


async def messages_of(world: World, channel: Any) -> list[Any]:
    return [message async for message in world.env.bot.get_channel(channel.id).history(limit=50)]


async def test_without_a_policy_a_bad_picture_is_blocked_and_refunded(world: World, max_: Any) -> None:
    await imagine(world)
    assert "not safe to post here" in world.message.content
    assert pictures_sent(world) == 0
    assert (await only_job(world)).state is JobState.FAILED
    assert await world.used(world.ada) == 0
    assert world.engine.painted[0][0].partial_images == 0, "previews are pictures that nothing checked"


async def test_a_good_picture_is_posted_but_without_previews(world: World, max_: Any) -> None:
    world.engine.scores = [GOOD]
    await imagine(world)
    assert len(world.message.attachments) == 1
    assert pictures_sent(world) == 1
    assert world.engine.painted[0][0].partial_images == 0


async def test_one_that_ended_while_it_was_judged_is_neither_held_nor_shown(
    world: World, max_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await policy(world, max_, "hold")
    hold = HeldPictures.hold

    async def too_late(self: HeldPictures, job: Job, finished: Finished, at: float) -> bool:
        assert await Ledger(world.database).settle(job.id, JobState.CANCELLED, at)
        return await hold(self, job, finished, at)

    monkeypatch.setattr(HeldPictures, "hold", too_late)
    await imagine(world)
    assert pictures_sent(world) == 0
    assert "moderator" not in world.message.content
    assert (await only_job(world)).state is JobState.CANCELLED
    assert await count(world, "held_pictures") == 0


async def test_a_service_that_previews_unasked_is_not_shown(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    shown: list[object] = []
    world.bot.services.messenger.show = lambda job, stage: shown.append(stage)  # type: ignore[method-assign]
    world.engine.previews, ask = True, world.engine.images

    def unasked(request: Any, **options: Any) -> Any:
        return ask(structs.replace(request, partial_images=2), **options)

    world.engine.images = unasked  # type: ignore[method-assign]
    await imagine(world)
    assert shown
    assert all(getattr(stage, "preview", None) is None for stage in shown)


async def test_a_policy_that_is_set_while_a_picture_is_painted_ends_its_previews(world: World, max_: Any) -> None:
    checked(world, "off", [])
    shown: list[object] = []
    world.bot.services.messenger.show = lambda job, stage: shown.append(stage)  # type: ignore[method-assign]
    world.engine.previews, set_policy = True, world.bot.services.review.set_policy
    world.engine.hold = lambda: set_policy(Actor(max_.id, world.env.guild.id, manages=True), Policy.BLOCK)
    await imagine(world)
    assert shown
    assert all(getattr(stage, "preview", None) is None for stage in shown)
    assert "wants every picture checked" in world.message.content


async def test_the_starter_passes_under_every_policy_with_previews(world: World, max_: Any) -> None:
    checked(world, "unneeded", [])
    for chosen in Policy:
        await policy(world, max_, chosen.value)
        await imagine(world)
        assert len(world.message.attachments) == 1, chosen
        assert world.engine.painted[-1][0].partial_images > 0


@pytest.mark.parametrize("check", ["off", None])
async def test_an_engine_without_a_check_draws_only_while_no_policy_is_set(
    world: World, max_: Any, check: CheckState | None
) -> None:
    checked(world, check, [])
    await imagine(world)
    assert len(world.message.attachments) == 1
    said = await policy(world, max_, "block")
    assert "nothing is drawn here without a check" in said or check is None
    await imagine(world)
    assert "wants every picture checked" in world.message.content
    assert len(world.engine.painted) == 1, "nothing is painted that could not be posted"
    await policy(world, max_, "default")
    await imagine(world)
    assert len(world.message.attachments) == 1
    assert await world.used(world.ada) == 2
    assert await actions(world) == ["nsfw-policy", "nsfw-policy"]


async def test_a_check_that_does_not_run_fails_closed(world: World, max_: Any) -> None:
    world.engine.fails = [CheckFailed("The picture check cannot be run.")]
    await imagine(world)
    assert "picture check does not work" in world.message.content
    world.engine.scores = []  # "on", and yet no score
    await imagine(world)
    assert "wants every picture checked" in world.message.content
    assert await world.used(world.ada) == 0


async def test_age_restricted_channels_alone(world: World, max_: Any) -> None:
    await policy(world, max_, "age-restricted")
    await imagine(world)
    assert "age-restricted channels alone" in world.message.content
    assert await world.used(world.ada) == 0
    world.env.bot.get_channel(world.channel.id).nsfw = True  # SimCord's channels never are
    await imagine(world)
    assert len(world.message.attachments) == 1
    assert world.engine.painted[-1][0].partial_images > 0, "whoever is there may see it anyway"
    private = await imagine(world, private=True)
    assert private.response.attachments == [], "it may end in direct messages"
    assert await world.used(world.ada) == 1


async def test_hold_then_release(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    assert "a moderator looks at it first" in world.message.content
    assert world.message.attachments == []
    assert world.labels() == ["Cancel"]
    assert (await only_job(world)).state is JobState.HELD
    assert await world.used(world.ada) == 1, "what it holds stays held"
    page = await review(world, max_)
    assert page.ephemeral
    assert pictures_sent(world) == 0, "never posted first"
    assert [file.filename.startswith("SPOILER_") for file in page.attachments] == [True]
    for part in (f"<@{world.ada.id}>", "a red boat", "90 %"):
        assert part in page.content
    pressed = await max_.click(page, label="Release")
    assert "Released" in str(pressed.followups[-1].content)
    assert len(world.message.attachments) == 1
    assert pictures_sent(world) == 1, "exactly once"
    assert "Understood as: a red boat" in world.message.content
    assert world.labels()[0] == "Refine"
    job = await only_job(world)
    assert job.state is JobState.DONE
    assert job.painted
    assert len(world.engine.painted) == 1, "it is not painted again"
    assert await world.used(world.ada) == 1
    assert len(await world.messages()) == 1
    assert await count(world, "held_pictures") == 0
    assert await actions(world) == ["nsfw-policy", "review-release"]


async def test_hold_then_remove(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    await max_.click(await review(world, max_), label="Remove")
    assert "A moderator looked at this picture and removed it" in world.message.content
    assert world.message.attachments == []
    assert (await only_job(world)).state is JobState.FAILED
    assert await world.used(world.ada) == 0
    assert await count(world, "held_pictures") == 0
    assert await actions(world) == ["nsfw-policy", "review-remove"]
    log = (await max_.slash(world.channel, "moderation log", user=world.ada)).response.embeds[0].description
    assert "removed a picture of" in log
    assert "boat" not in log, "the log holds no words"


async def test_what_is_held_survives_restarts_and_is_neither_painted_nor_failed(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    page = await review(world, max_)
    world.clock.at += 2 * 3_600
    await world.restart()
    await world.restart()
    assert (await only_job(world)).state is JobState.HELD
    assert "a moderator looks at it first" in world.message.content
    assert len(world.engine.painted) == 1
    await max_.click(page, label="Release")  # the button of before the restart
    assert len((await world.find(await only_job(world))).attachments) == 1
    assert len(await world.messages()) == 2, "the picture, and the one ping after a long wait"


async def test_a_crash_between_the_decision_and_the_delivery(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    job = await only_job(world)
    start, world.bot.services.orders.start = world.bot.services.orders.start, lambda job: None  # type: ignore[method-assign]
    await max_.click(await review(world, max_), label="Release")
    assert world.message.attachments == []
    world.bot.services.orders.start = start  # type: ignore[method-assign]
    await world.restart()
    assert len((await world.find(job)).attachments) == 1
    assert (await only_job(world)).state is JobState.DONE
    assert await actions(world) == ["nsfw-policy", "review-release"]


async def test_a_held_picture_does_not_count_against_requests_at_once(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    for _ in range(3):  # two at once are allowed, three an hour
        assert "On its way" in (await imagine(world)).response.content
    assert await count(world, "held_pictures") == 3
    assert "3 of 3" in (await imagine(world)).response.content


@pytest.mark.parametrize("first", ["release", "remove"])
async def test_of_two_moderators_at_once_one_wins(world: World, max_: Any, first: str) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    job, made = await only_job(world), world.bot.services.review
    here = world.env.guild.id
    deeds = [made.release(Actor(1, here, True), job.id), made.remove(Actor(2, here, True), job.id)]
    outcome = await asyncio.gather(*(deeds if first == "release" else deeds[::-1]), return_exceptions=True)
    assert sum(isinstance(one, AlreadyDecided) for one in outcome) == 1, outcome
    async with asyncio.timeout(5):
        while not (await only_job(world)).state.ended:
            await asyncio.sleep(0.01)
    assert await count(world, "audit WHERE action LIKE 'review-%'") == 1
    released = await count(world, "audit WHERE action = 'review-release'")
    assert await world.used(world.ada) == released


async def test_the_second_press_is_told(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    one, other = await review(world, max_), await review(world, max_)
    await max_.click(one, label="Remove")
    pressed = await max_.click(other, label="Release")
    assert "does not wait any more" in str(pressed.followups[-1].content)
    assert world.message.attachments == []


async def test_a_stale_message_in_the_channel_loses_its_picture_when_pressed(world: World, max_: Any) -> None:
    room = private_channel(world, max_)
    await policy(world, max_, "hold")
    await max_.slash(world.channel, "moderation review", channel=room)
    await imagine(world)
    await world.database.write(lambda connection: connection.execute("UPDATE held SET shown_message_id = NULL"))
    await world.ada.click(world.message, label="Cancel")
    (shown,) = await messages_of(world, room)
    assert len(shown.attachments) == 1, "a crash kept its place from being written down"
    await max_.click(shown, label="Release")
    (shown,) = await messages_of(world, room)
    assert shown.attachments == []
    assert shown.components == []
    assert world.message.attachments == []


async def test_the_owner_may_take_it_back(world: World, max_: Any) -> None:
    room = private_channel(world, max_)
    await policy(world, max_, "hold")
    await max_.slash(world.channel, "moderation review", channel=room)
    await imagine(world)
    assert len((await messages_of(world, room))[0].attachments) == 1
    assert "Cancelled" in (await world.ada.click(world.message, label="Cancel")).response.content
    (shown,) = await messages_of(world, room)
    assert shown.attachments == []
    assert shown.components == []
    assert (await only_job(world)).state is JobState.CANCELLED
    assert await world.used(world.ada) == 0
    assert await count(world, "held_pictures") == 0


async def test_a_deleted_message_takes_what_it_held_along(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    await world.mo.delete(world.message)
    assert (await only_job(world)).state is JobState.CANCELLED
    assert await count(world, "held_pictures") == 0
    assert "No picture waits" in (await review(world, max_)).content


async def test_a_review_channel_shows_each_at_once_and_its_buttons_work(world: World, max_: Any) -> None:
    room = private_channel(world, max_)
    await policy(world, max_, "hold")
    said = (await max_.slash(world.channel, "moderation review", channel=room)).response.content
    assert room.mention in said
    await imagine(world, count=2)
    (shown,) = await messages_of(world, room)
    assert [file.filename.startswith("SPOILER_") for file in shown.attachments] == [True, True]
    await world.restart()
    (shown,) = await messages_of(world, room)
    await max_.click(shown, label="Release")
    (closed,) = await messages_of(world, room)
    assert closed.attachments == []
    assert closed.components == []
    assert f"<@{max_.id}> released" in closed.content
    assert len(world.message.attachments) == 2
    assert await actions(world) == ["nsfw-policy", "review-channel", "review-release"]
    said = (await max_.slash(world.channel, "moderation review", unset=True)).response.content
    assert "no channel" in said
    await imagine(world)
    assert len(await messages_of(world, room)) == 1


async def test_the_log_channel_gets_a_line_without_the_picture(world: World, max_: Any) -> None:
    room = private_channel(world, max_)
    await policy(world, max_, "hold")
    await max_.slash(world.channel, "moderation log-channel", channel=room)
    await imagine(world)
    newest = (await messages_of(world, room))[0]
    assert "waits for a moderator" in newest.content
    assert newest.attachments == []
    assert "boat" not in newest.content
    await world.restart()
    assert (await messages_of(world, room))[0].id == newest.id, "a restart says nothing twice"


async def test_a_channel_that_everyone_sees_or_that_the_bot_cannot_use_is_refused(world: World, max_: Any) -> None:
    said = (await max_.slash(world.channel, "moderation review", channel=world.channel)).response.content
    assert "Everyone can see that channel" in said
    closed = private_channel(world, max_, attach_files=False)
    said = (await max_.slash(world.channel, "moderation review", channel=closed)).response.content
    assert "I lack Attach Files" in said
    assert await actions(world) == []


async def test_pages_turn(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    for _ in range(2):
        await imagine(world)
    page = await review(world, max_)
    assert "1 of 2" in page.content
    turned = await max_.click(page, label="On ▶")
    assert "2 of 2" in turned.response.content


async def test_one_bad_picture_holds_the_whole_request(world: World, max_: Any) -> None:
    world.engine.scores = [GOOD, BAD]
    await policy(world, max_, "hold")
    await imagine(world, count=2)
    assert world.message.attachments == []
    assert await count(world, "held_pictures") == 2


async def test_a_private_picture_is_held_and_released_to_its_requester(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    asked = await imagine(world, private=True)
    assert asked.response.attachments == []
    assert "a moderator looks at it first" in asked.response.content
    await max_.click(await review(world, max_), label="Release")
    assert (await only_job(world)).state is JobState.DONE
    assert await world.messages() == []


async def test_what_nobody_decides_on_is_removed_after_a_week(world: World, max_: Any) -> None:
    room = private_channel(world, max_)
    await policy(world, max_, "hold")
    await max_.slash(world.channel, "moderation review", channel=room)
    await imagine(world)
    made = world.bot.services.review
    world.clock.at += WAITING_S - 1
    assert await made.sweep() == 0
    world.clock.at += 2
    await world.restart()
    async with asyncio.timeout(5):
        while not (await only_job(world)).state.ended:
            await asyncio.sleep(0.01)
    assert await world.bot.services.review.sweep() == 0
    assert (await only_job(world)).state is JobState.FAILED
    assert "No moderator looked" in world.message.content
    assert await world.used(world.ada) == 0
    assert (await messages_of(world, room))[0].attachments == []


async def test_a_message_that_went_while_limner_was_stopped_is_a_refund(world: World, max_: Any) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    await world.mo.delete(world.message)
    undo = "UPDATE jobs SET ended_at = NULL, state = 'painting'"  # as if nobody had been there to see it go
    await world.database.write(lambda connection: connection.execute(undo))
    await world.restart()
    assert (await only_job(world)).state is JobState.FAILED


OTHERS = {
    "member": lambda world: Actor(world.ada.id, world.env.guild.id),
    "member with a role": lambda world: Actor(world.mo.id, world.env.guild.id),
    "moderator of another server": lambda world: Actor(77, 4242, manages=True),
    "bot": lambda world: Actor(78, world.env.guild.id, manages=True, is_bot=True),
    "direct message": lambda world: Actor(world.ada.id, None, manages=True),
}


@pytest.mark.parametrize("who", OTHERS)
async def test_others_are_refused_by_the_service_and_nothing_changes(world: World, max_: Any, who: str) -> None:
    await policy(world, max_, "hold")
    await imagine(world)
    job, made, actor = await only_job(world), world.bot.services.review, OTHERS[who](world)
    deeds: list[Awaitable[object]] = [made.release(actor, job.id), made.remove(actor, job.id)]
    if who != "moderator of another server":
        deeds += [
            made.policy(actor), made.set_policy(actor, None), made.set_channel(actor, 7), made.page(actor, 0),
        ]  # fmt: skip
    for deed in deeds:
        with pytest.raises(NotModerator):
            await deed
    assert (await only_job(world)).state is JobState.HELD
    assert await actions(world) == ["nsfw-policy"]
    assert await count(world, "held WHERE released_by IS NULL") == 1
    if who == "moderator of another server":
        assert (await made.page(actor, 0)).held is None


async def test_a_forged_press_is_refused(world: World, max_: Any) -> None:
    """Ben presses the moderators' button, whose id he guessed, on a message of his own reach."""
    await policy(world, max_, "hold")
    await imagine(world)
    job = await only_job(world)
    view = discord.ui.View(timeout=None)
    view.add_item(ReviewButton("release", job.id, "Release"))
    sent = await world.env.bot.get_channel(world.channel.id).send("forged", view=view)
    pressed = await world.ben.click(sent, label="Release")
    assert "Manage Server" in pressed.response.content
    assert (await only_job(world)).state is JobState.HELD


async def test_all_of_it_is_in_chinese_for_those_who_read_chinese(world: World, max_: Any) -> None:
    world.speaks[max_.id] = "zh-CN"
    assert "等版主" in await policy(world, max_, "hold")
    await imagine(world)
    assert "等待的图片" in (await review(world, max_)).content


async def test_a_release_while_the_message_still_tells_of_the_wait_is_delivered_after_it(
    world: World, max_: Any
) -> None:
    """A large picture takes seconds to reach the moderators' channel, and /moderation review lists it before."""
    room = private_channel(world, max_)
    await policy(world, max_, "hold")
    await max_.slash(world.channel, "moderation review", channel=room)
    board, uploaded = world.bot.services.review._board, asyncio.Event()
    show = board.show

    async def slowly(*told: Any) -> Any:
        await world.env.external_wait(uploaded.wait(), reason="the upload")
        return await show(*told)

    board.show = slowly  # type: ignore[method-assign, assignment]
    await imagine(world)
    job = await only_job(world)
    await world.bot.services.review.release(Actor(max_.id, world.env.guild.id, True), job.id)
    assert world.message.attachments == []
    uploaded.set()
    async with asyncio.timeout(5):
        while not (await only_job(world)).state.ended:
            await asyncio.sleep(0.01)
    assert (await only_job(world)).state is JobState.DONE
    assert len((await world.find(job)).attachments) == 1


async def test_a_removal_meanwhile_is_the_last_word(world: World, max_: Any) -> None:
    room = private_channel(world, max_)
    await policy(world, max_, "hold")
    await max_.slash(world.channel, "moderation review", channel=room)
    show, told = world.bot.services.review._end.show, asyncio.Event()

    async def slowly(job: Job, stage: Any) -> None:
        if isinstance(stage, HeldForReview):
            await world.env.external_wait(told.wait(), reason="Discord is slow")
        await show(job, stage)

    world.bot.services.review._end.show = slowly  # type: ignore[method-assign]
    await imagine(world)
    job = await only_job(world)
    await world.bot.services.review.remove(Actor(max_.id, world.env.guild.id, True), job.id)
    told.set()
    await asyncio.sleep(0.1)
    assert "removed it" in (await world.find(job)).content
    assert await messages_of(world, room) == []


async def test_what_waits_of_one_person_is_bounded_in_bytes(
    world: World, max_: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "PERSON_BYTES", 2 * len(PNG))
    await policy(world, max_, "hold")
    for _ in range(3):
        await imagine(world)
    assert world.message.content.endswith(text("en", "failed-full"))
    assert await world.used(world.ada) == 2, "the third was refunded"
    await imagine(world, world.ben)
    assert await HeldPictures(world.database).count(world.env.guild.id) == 3


async def test_what_waits_of_all_is_bounded_in_bytes(world: World, max_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "TOTAL_BYTES", len(PNG))
    await policy(world, max_, "hold")
    await imagine(world)
    await imagine(world, world.ben)
    assert world.message.content.endswith(text("en", "failed-full"))
