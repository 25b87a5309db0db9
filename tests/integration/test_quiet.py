"""What Limner says, to whom and how often: once, to whoever it concerns, and never what is no longer so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.cogs.double_press import SAME_S
from bot.domain.jobs import Job, JobState
from bot.domain.progress import InLine, Painting
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.ui.i18n import text
from bot.ui.messenger import DiscordMessenger
from engine.api.errors import Unavailable
from engine.api.messages import Model, ModelFacts, Progress, Queued
from tests.fakes import PNG, SPEC
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_edit_by_instruction import CHANGE, EDITOR, listing, newest
from tests.integration.test_personal import in_dm

LOCALES = ["en-US", "zh-CN"]


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(8, "hour"),), at_once=9))


def said(result: Any) -> str:
    """Return what the asker alone is told; nothing where it went away, or never came."""
    shown = result.response
    return "" if shown is None else str(shown.content or "")


async def imagine(world: World, words: str = "a red boat", **options: Any) -> Any:
    world.env.backend.advance_clock(SAME_S)
    result = await world.ada.slash(world.channel, "imagine", prompt=words, **options)
    await world.env.settle()
    return result


async def told_alone(world: World) -> list[str]:
    """Return what Ada is told in direct messages."""
    return [message.content for message in await in_dm(world, world.ada)]


async def test_on_its_way_is_said_once_then_when_five_or_fewer_are_left(world: World) -> None:
    answers = [said(await imagine(world, f"boat {number}")) for number in range(5)]
    per = text("en", "per-hour")
    lines = [text("en", "left", left=left, limit=8, per=per) for left in (7, 5, 4, 3)]
    first, *few = [f"{text('en', 'accepted', count=1)} {line}" for line in lines]
    assert answers == [first, "", *few]
    assert len(await world.pictures()) == 5


async def test_a_press_that_needs_no_word_gets_none(world: World) -> None:
    await imagine(world)
    picture = world.message
    world.env.backend.advance_clock(SAME_S)
    await world.ada.click(picture, label="Again")
    await world.env.settle()
    assert len(await world.pictures()) == 2
    assert picture.id in [message.id for message in await world.pictures()], "what all see stays"


@pytest.mark.parametrize("locale", LOCALES)
async def test_cancelled_and_refunded_is_said_once(world: World, locale: str) -> None:
    world.speaks[world.ada.id] = locale
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    label = text(locale, "button-cancel") if text(locale, "button-cancel") in world.labels() else "Cancel"
    result = await world.ada.click(world.message, label=label)
    assert text("en", "failed-cancelled") in world.message.content
    assert result.response is None or result.response.id == world.message.id, "the message says it, and nothing else"
    assert await world.used(world.ada) == 0


def watch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the stages that messages are to show, as they come."""
    shown: list[str] = []
    real = DiscordMessenger.show

    def show(self: Any, job: Job, stage: Any) -> None:
        shown.append({InLine: "in line", Painting: "painting"}.get(type(stage), "waiting"))
        real(self, job, stage)

    monkeypatch.setattr(DiscordMessenger, "show", show)
    return shown


async def test_states_never_go_backwards(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = watch(monkeypatch)
    real = world.engine.images

    async def lost(*_: Any, **__: Any) -> Any:
        """The engine goes away amid the first picture, and queues it again when it is back."""
        monkeypatch.setattr(world.engine, "images", real)
        yield Queued(1, 4.0)
        yield Progress(1, 2)
        raise Unavailable("it broke")

    monkeypatch.setattr(world.engine, "images", lost)
    await imagine(world)
    assert shown[0] == "in line"
    assert "painting" in shown
    assert "in line" not in shown[shown.index("painting") :], shown


async def test_a_service_that_tells_no_progress_is_shown_as_painting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listing(world, Model("gpt-image", limner=ModelFacts("painter", lacks=["progress"])))
    stages = watch(monkeypatch)
    await imagine(world)
    assert stages == ["painting"] * len(stages) != []


UNKNOWN = json.dumps({**SPEC, "kind": "change", "version": None, "unknown": ["zebra"]})
SMALL = Model("small", limner=ModelFacts("planner", knows={"en": ["boats"], "zh": ["船"]}))


async def quiet_channel(world: World) -> None:
    assert all("zebra" not in message.content for message in await world.pictures())


@pytest.mark.parametrize("locale", LOCALES)
async def test_unknown_words_are_told_to_the_requester_alone(world: World, locale: str) -> None:
    await listing(world, SMALL)
    world.speaks[world.ada.id] = locale
    world.engine.answer = UNKNOWN
    result = await imagine(world, "a zebra")
    await quiet_channel(world)
    known = {"en-US": "boats.", "zh-CN": "船."}[locale]
    followups = [each.content for each in result.followups]
    assert followups == [text(locale, "unknown", words="zebra", knows=known)]
    assert all(each.flags.ephemeral for each in result.followups)
    again = {locale: text(locale, "button-again") for locale in LOCALES}
    pressed = await world.ada.click(world.message, label=next(one for one in world.labels() if one in again.values()))
    await world.env.settle()
    assert (len(world.engine.painted), await told_alone(world), pressed.followups) == (2, [], []), "once"


async def test_who_asks_again_for_someone_else_s_picture_is_told_as_well(world: World) -> None:
    await listing(world, SMALL)
    world.engine.answer = UNKNOWN
    await imagine(world, "a zebra")
    pressed = await world.ben.click(world.message, label="Again")
    await world.env.settle()
    assert [each.content for each in pressed.followups] == [text("en", "unknown", words="zebra", knows="boats.")]


async def test_a_change_tells_the_words_that_are_new_alone(world: World) -> None:
    await listing(world, SMALL)
    world.engine.answer = UNKNOWN
    await imagine(world, "a zebra")
    world.engine.answer = json.dumps({**json.loads(UNKNOWN), "unknown": ["zebra", "top hat"]})
    form = await world.ada.click(world.message, label="Refine")
    await world.ada.submit_modal(form, {"words": "with a top hat"})
    await world.env.settle()
    sent = [one for one in world.env.backend.http_requests if one.method == "POST" and "/webhooks/" in one.path]
    lines = [text("en", "unknown", words=words, knows="boats.") for words in ("zebra", "top hat")]
    assert [one.json["content"] for one in sent] == lines


@pytest.mark.parametrize("way", ["reply", "image"])
async def test_an_editor_reads_the_instruction_so_no_word_is_unknown(world: World, way: str) -> None:
    await listing(world, SMALL)
    await imagine(world)
    beside = Model("sdxl", limner=ModelFacts("painter", edits_by_instruction=True, references=3))
    world.engine.listed = [SMALL, beside]
    await world.bot.services.catalog.refresh()
    world.engine.answer = json.dumps({**json.loads(UNKNOWN), "understood": "a zebra", "instruction": "Add a zebra."})
    if way == "reply":
        await world.ada.send(world.channel, "add a zebra", reply_to=world.message)
        followups = []
    else:
        followups = (await imagine(world, "add a zebra", image=("boat.png", PNG))).followups
    await world.env.settle()
    assert world.engine.painted[-1][0].prompt == "Add a zebra."
    assert ([each.content for each in followups], await told_alone(world)) == ([], [])
    assert "Understood as: a zebra" in world.message.content


async def test_where_no_command_asked_they_are_told_by_direct_message(world: World) -> None:
    await listing(world, SMALL)
    await imagine(world)
    world.engine.answer = UNKNOWN
    await world.ada.send(world.channel, "add a zebra", reply_to=world.message)
    await world.env.settle()
    await quiet_channel(world)
    (line,) = await told_alone(world)
    job = await newest(world)
    assert line == f"{text('en', 'unknown', words='zebra', knows='boats.')}\n{job.link}"


async def test_a_private_picture_tells_them_itself(world: World) -> None:
    await listing(world, SMALL)
    world.engine.answer = UNKNOWN
    result = await imagine(world, "a zebra", private=True)
    assert "zebra" in result.response.content
    assert await told_alone(world) == []


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_form_that_comes_back_unchanged_says_so(world: World, locale: str) -> None:
    await imagine(world)
    world.speaks[world.ada.id] = locale
    shown = await world.ada.click(world.message, label="Refine")
    prompt = SPEC["prompt"]
    result = await world.ada.submit_modal(shown, {"words": "  ", "prompt": f" {prompt} "})
    assert said(result) == text(locale, "refused-unchanged")
    assert (len(world.engine.painted), await world.used(world.ada)) == (1, 1)


async def test_mentions_within_words_are_left_out_of_what_is_written(world: World) -> None:
    words = f"a boat for <@{world.ben.id}> in <#{world.channel.id}> <t:1800000000:R> <a:wave:123> </imagine:5>"
    world.engine.answer = json.dumps({**SPEC, "understood": words})
    for exact in (False, True):
        await imagine(world, words, exact=exact)
        picture = world.message
        shown = picture.content.partition(" · ")[2] + str(picture.attachments[0].description)
        assert not {"<", "@", "#", str(world.ben.id), "1800000000"} & {*shown, *shown.split()}, shown
        assert str(world.ben.id) not in shown
        assert "a boat for" in shown
        assert "wave" in shown


async def a_set(world: World) -> tuple[Job, list[bytes]]:
    world.engine.distinct = True
    await imagine(world, count=4)
    job = await newest(world)
    return job, await files(world, job)


def choices(asked: Any) -> list[str]:
    """Return what a select offers."""
    (row,) = asked.response.components
    return [option["label"] for select in row["components"] for option in select["options"]]


async def files(world: World, job: Job) -> list[bytes]:
    return [bytes(await one.read()) for one in (await world.find(job)).attachments]


async def test_delete_of_a_set_asks_which_and_takes_that_one_out(world: World) -> None:
    job, made = await a_set(world)
    asked = await world.ada.click(await world.find(job), label="Delete")
    assert said(asked) == text("en", "delete-ask")
    assert choices(asked) == ["Picture 1", "Picture 2", "Picture 3", "Picture 4", text("en", "delete-all")]
    assert len(await files(world, job)) == 4, "nothing went yet"
    await world.ada.select(asked.response, values=["1"])
    assert await files(world, job) == [made[0], made[2], made[3]]
    assert world.labels() == ["1", "3", "4", "Again", "Vary", "Details", "Delete"]

    await world.restart()
    await world.ada.click(await world.find(job), label="3")
    third = await newest(world)
    assert await files(world, third) == [made[2]], "the numbers still name the same pictures"
    asked = await world.ada.click(await world.find(job), label="Delete")
    assert choices(asked) == ["Picture 1", "Picture 3", "Picture 4", text("en", "delete-all")]
    await world.ada.select(asked.response, values=["all"])
    assert [message.id for message in await world.pictures()] == [third.message_id]


async def test_the_last_one_taken_out_takes_the_message_with_it(world: World) -> None:
    job, _ = await a_set(world)
    for index in range(4):
        world.env.backend.advance_clock(SAME_S)
        asked = await world.ada.click(await world.find(job), label="Delete")
        await world.ada.select(asked.response, values=[str(index)])
    assert await world.pictures() == []
    gone = await world.jobs.get(job.id)
    assert gone
    assert gone.deleted_at is not None


async def test_one_of_a_set_is_deleted_by_a_moderator_with_a_reason_and_by_nobody_else(world: World) -> None:
    job, made = await a_set(world)
    refused = await world.ben.click(await world.find(job), label="Delete")
    assert said(refused) == text("en", "refused-not-yours")
    asked = await world.mo.click(await world.find(job), label="Delete")
    form = await world.mo.select(asked.response, values=["0"])
    await world.mo.submit_modal(form, {"reason": "too bright"})
    assert await files(world, job) == made[1:]


async def test_details_tell_how_each_version_differs(world: World) -> None:
    await listing(world, EDITOR)
    job, _ = await a_set(world)
    await world.ada.click(await world.find(job), label="3")
    third = await newest(world)
    world.engine.answer = json.dumps(CHANGE)
    await world.ada.send(world.channel, "make it night", reply_to=await world.find(third))
    world.env.backend.advance_clock(SAME_S)
    await world.ada.click(world.message, label="Again")
    again = await newest(world)
    world.env.backend.advance_clock(SAME_S)
    await world.ada.click(world.message, label="Again")
    shown = await under_more(world.ada, world.message, "Details")
    fields = {field.name: field.value for field in shown.response.embeds[0].fields}
    newest_seed = (await newest(world)).seed
    assert fields["Differs from the one before"] == text("en", "kind-again", seed=str(newest_seed))
    lines = fields["Came from"].splitlines()
    assert len(set(lines)) == len(lines) == 4
    assert f"Again, with seed {again.seed}" in lines[0]
    assert "make it night" in lines[1]
    assert "Of picture 3" in lines[2]


@pytest.mark.parametrize("status", [400, 403])
async def test_a_picture_in_a_thread_that_was_archived_meanwhile_is_posted_anew(world: World, status: int) -> None:
    inside = world.env.backend.create_thread(world.channel.id, "a thread", world.ada.id)
    thread = world.channel.threads[0]
    painted = world.hold()
    await world.ada.slash(thread, "imagine", prompt="a red boat")
    before = thread.last_message
    world.env.inject_error(
        "PATCH",
        f"/channels/{inside.id}/messages/*",
        status=status,
        code=50083,
        message="Thread is archived",
        times=None,
    )
    painted.set()
    await world.env.settle()
    after = thread.last_message
    assert after.id != before.id
    assert len(after.attachments) == 1
    job = await world.jobs.by_message(after.id)
    assert job
    assert (job.state, await world.used(world.ada)) == (JobState.DONE, 1)
    assert await world.jobs.by_message(before.id) is None
    left = [message.id async for message in world.env.bot.get_channel(inside.id).history(limit=50)]
    assert before.id not in left, "the one that stood still is gone"


@pytest.mark.parametrize("locale", LOCALES)
async def test_the_public_line_and_the_alt_text_do_not_claim_what_is_unknown(world: World, locale: str) -> None:
    await listing(world, SMALL)
    world.speaks[world.ada.id] = locale
    claims = {**SPEC, "understood": "a Zebra by a lake", "unknown": ["zebra"]}
    world.engine.answer = json.dumps(claims)
    await imagine(world, "a Zebra by a lake")
    shown = world.message
    words = text("en", "asked-for", who=world.ada.mention, words="a Zebra by a lake")
    assert shown.content.splitlines()[0] == words
    assert "Understood" not in shown.content
    assert shown.attachments[0].description == text(
        "en", "alt-asked-for", understood=claims["understood"], index=1, count=1
    )
    world.engine.answer = json.dumps({**claims, "understood": "a lake"})
    await imagine(world, "a Zebra by a lake once more")
    assert "Understood as: a lake" in world.message.content
