"""/my data: all that is kept about someone is handed over, and can be erased to the last byte."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.services.orders import Rules
from bot.services.ports.storage import StoreUnavailable
from bot.services.retention import DAY_S, Retention
from bot.storage.erase import OF_A_JOB, OF_A_PERSON
from bot.storage.personal_data import Records
from bot.storage.retention import Retention as OldRecords
from bot.ui.i18n import text
from bot.ui.my_data import erase_view
from tests.fakes import PNG, FakeEngine
from tests.integration import conftest
from tests.integration.conftest import World, under_more
from tests.integration.test_forms import PAINTER
from tests.integration.test_moderation import moderator
from tests.integration.test_replies import reply

MARK = "zebrafinch"
"""A word that nothing but the tests writes."""


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((), at_once=20))


@pytest.fixture(autouse=True)
def understood(engine: FakeEngine) -> None:
    """What the model makes of the words holds a word of its own."""
    engine.answer = json.dumps(
        {"understood": f"{MARK} uu", "keywords": [MARK], "prompt": f"{MARK} pp", "negative": f"{MARK} nn"}
    )


async def in_dm(world: World, who: Any) -> list[Any]:
    """Return the bot's messages in someone's direct messages, oldest first."""
    channel = await world.bot.create_dm(discord.Object(who.id))
    return [message async for message in channel.history(limit=None, oldest_first=True)]


async def zips(messages: list[Any]) -> dict[str, bytes]:
    """Return the entries of all ZIP files there."""
    found: dict[str, bytes] = {}
    for message in messages:
        for attachment in message.attachments:
            if attachment.filename.endswith(".zip"):
                packed = zipfile.ZipFile(io.BytesIO(await attachment.read()))
                assert packed.testzip() is None
                found |= {name: packed.read(name) for name in packed.namelist()}
    return found


async def erase(world: World, who: Any) -> Any:
    asked = await who.slash(world.channel, "my data erase")
    assert asked.ephemeral
    await who.click(asked.response, label="Erase everything")
    return asked.response


async def rows(world: World, table: str) -> list[dict[str, Any]]:
    def work(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]

    return await world.database.read(work)


async def tidied(world: World) -> None:
    """An erase leaves nothing to be tidied up after."""
    assert not await Records(world.database).untidy()


def files_with(folder: Path, sought: str | bytes) -> list[str]:
    """Return the files that hold the bytes, or the words in UTF-8 or UTF-16."""
    forms = [sought] if isinstance(sought, bytes) else [sought.encode(f) for f in ("utf-8", "utf-16-le", "utf-16-be")]
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return [file.name for file in files if any(form in file.read_bytes() for form in forms)]


async def test_an_export_holds_words_pictures_settings_and_decisions(world: World, tmp_path: Path) -> None:
    await world.ada.slash(world.channel, "imagine", prompt=f"a {MARK} boat", seed=7, negative="fog")
    await world.ben.slash(world.channel, "imagine", prompt="of ben's")
    await world.ada.slash(world.channel, "imagine", prompt="a secret boat", private=True)
    await world.ada.slash(world.channel, "my settings", style="watercolor")
    result = await world.ada.slash(world.channel, "my data export")

    assert result.ephemeral
    assert result.response.content == "I sent you a file by direct message: 2 requests and 2 pictures."
    entries = await zips(await in_dm(world, world.ada))
    data = json.loads(entries["data.json"])
    newest, first = data["jobs"]
    assert (first["words"], first["seed"], first["options"]["negative"]) == (f"a {MARK} boat", 7, "fog")
    assert first["understood_as"]["prompt"]
    assert first["channel_id"] == str(world.channel.id)
    assert newest["words"] == "a secret boat"
    assert data["settings"] == {"style": "watercolor", "shape": "", "private": 0, "photos": None}
    assert [use["images"] for use in data["usage"]] == [1, 1]
    assert entries[f"pictures/{first['id']}-1.png"] == PNG
    assert entries[f"pictures/{newest['id']}-1.png"] == PNG, "also private ones, as far as Discord gives them"
    assert "of ben's" not in json.dumps(data)
    assert await in_dm(world, world.ben) == []
    assert files_with(tmp_path, "PK\x03\x04") == [], "no file stays"


async def test_closed_direct_messages_bring_the_file_into_the_answer(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50_007, message="Cannot send messages")
    result = await world.ada.slash(world.channel, "my data export")
    assert result.response.content.startswith("Your direct messages are closed to me, so here is the file")
    assert result.ephemeral
    assert [file.filename for file in result.response.attachments] == ["limner-data-1.zip"]
    assert json.loads((await zips([result.response]))["data.json"])["jobs"][0]["words"] == "a red boat"
    assert len(await world.messages()) == 1, "nothing in the channel"


async def test_what_is_left_out_is_told(world: World) -> None:
    for _ in range(2):
        await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    await world.mo.delete(world.message)
    result = await world.ada.slash(world.channel, "my data export")
    assert "Left out: 1, as the message is gone" in result.response.content
    entries = await zips(await in_dm(world, world.ada))
    assert len([name for name in entries if name.startswith("pictures/")]) == 1
    assert list(json.loads(entries["left-out.json"]).values()) == ["gone"]


async def test_a_start_picture_that_cannot_be_read_keeps_no_other_file_from_its_owner(world: World) -> None:
    world.engine.listed = [PAINTER]
    await world.bot.services.catalog.refresh()
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    asked = await world.ada.click(world.message, label="Vary")
    await world.ada.select(asked.response, values=["strong"])
    await world.env.settle()
    varied = (await world.pictures())[0]
    sealed_elsewhere = "UPDATE start_pictures SET sealed = 1"
    assert await world.database.write(lambda connection: connection.execute(sealed_elsewhere).rowcount) == 1
    result = await world.ada.slash(world.channel, "my data export")
    assert "Left out: 1, as I cannot read it any more" in result.response.content
    entries = await zips(await in_dm(world, world.ada))
    assert len([name for name in entries if name.startswith("pictures/")]) == 2
    assert list(json.loads(entries["left-out.json"]).values()) == ["unreadable"]
    again = await world.ada.click(varied, label="Again")
    assert again.response.content.startswith("The picture that this one started from cannot be read any more")
    assert await world.used(world.ada) == 2


@pytest.mark.usefixtures("many")
async def test_a_large_export_is_split_within_the_limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cogs.my_data.MARGIN", discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES - 6_000)
    for _ in range(8):
        await world.ada.slash(world.channel, "imagine", prompt="a red boat", count=4)
        world.clock.at += 10
    await world.ada.slash(world.channel, "my data export")
    sent = await in_dm(world, world.ada)
    files = [file for message in sent for file in message.attachments]
    assert len(files) > 1
    assert all(file.size <= 6_000 for file in files)
    pictures = [name for name in await zips(sent) if name.startswith("pictures/")]
    assert len(pictures) == 32


async def test_an_erase_leaves_no_byte_and_nothing_to_export(world: World, tmp_path: Path) -> None:
    for private in (False, True):
        await world.ada.slash(world.channel, "imagine", prompt=f"{MARK} ww", negative=f"{MARK} oo", private=private)
    await world.ada.slash(world.channel, "my settings", style="watercolor")
    await world.ada.slash(world.channel, "my data export")
    assert files_with(tmp_path, MARK), "the search finds what is there"

    answer = await erase(world, world.ada)

    assert "Erased: 2 requests" in answer.content
    assert "names you by your Discord id" in answer.content
    assert "2 pictures count against limits" in answer.content
    await tidied(world)
    assert files_with(tmp_path, MARK) == []
    assert await world.messages() == []
    assert await in_dm(world, world.ada) == [], "what was written directly goes too"
    tables = ("jobs", "starts", "job_starts", "start_pictures", "reservations", "tallies", "members", "erased_messages")
    for table in tables:
        assert await rows(world, table) == []
    result = await world.ada.slash(world.channel, "my data export")
    assert result.response.content.startswith("I keep nothing about you")
    assert await in_dm(world, world.ada) == []


async def test_an_erase_does_not_give_the_limit_back(world: World) -> None:
    for _ in range(3):
        await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    await erase(world, world.ada)
    await world.restart()
    refused = await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    assert "3 of 3 pictures used" in refused.response.content
    assert (await world.ben.slash(world.channel, "imagine", prompt="a red boat")).response.content.startswith("On its")
    assert str(world.ada.id) not in str(await rows(world, "erased_uses"))
    world.clock.at += 3_601
    assert (await world.ada.slash(world.channel, "imagine", prompt="a boat")).response.content.startswith("On its")


async def test_what_others_made_stays_theirs_without_the_erased_words(world: World, tmp_path: Path) -> None:
    await world.ada.slash(world.channel, "imagine", prompt=f"{MARK} ww")
    world.engine.answer = json.dumps(
        {"understood": f"{MARK} night", "keywords": [MARK, "night"], "prompt": f"{MARK} at night", "negative": ""}
    )
    (first,) = await world.pictures()
    parent = await world.jobs.by_message(first.id)
    assert parent
    await reply(world, parent, f"<@{world.env.bot.user.id}> make it night", world.ben)
    await world.mo.click(first, label="Again")
    assert len(await world.pictures()) == 3
    await erase(world, world.ada)

    await tidied(world)
    assert files_with(tmp_path, MARK) == []
    (ben,) = await world.jobs.of_user(world.ben.id, 0, 5)
    (mo,) = await world.jobs.of_user(world.mo.id, 0, 5)
    assert (ben.order.words, ben.spec, ben.parent_id) == ("make it night", None, None)
    assert mo.order.words == ""
    for job in (ben, mo):
        for label in ("Refine", "Again", "Vary"):
            refused = await world.ben.click(await world.find(job), label=label)
            assert refused.ephemeral
            assert "the words that this picture was made from have been deleted" in refused.response.content.lower()
    assert await world.used(world.ben) == 1
    await under_more(world.mo, await world.find(mo), "Delete")  # mo's own
    assert len(await world.pictures()) == 1


async def test_what_is_on_its_way_is_stopped_first(world: World, tmp_path: Path) -> None:
    world.hold()
    await world.ada.slash(world.channel, "imagine", prompt=f"{MARK} ww")
    await erase(world, world.ada)
    assert await world.messages() == []
    await tidied(world)
    assert files_with(tmp_path, MARK) == []
    assert await world.used(world.ada) == 0, "what was stopped does not count"


async def test_a_message_that_may_not_be_deleted_is_told(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    world.env.inject_error("DELETE", "/channels/*/messages/*", status=403, code=50_013, message="Missing Permissions")
    answer = await erase(world, world.ada)
    assert "One message stays, as I may not delete there any more" in answer.content
    assert "0 messages deleted" in answer.content


async def test_the_question_survives_a_restart_and_is_the_askers_alone(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    asked = await world.ada.slash(world.channel, "my data erase")
    assert len(await world.messages()) == 1, "nothing goes before the answer"
    await world.restart()
    shown = await world.bot.get_channel(world.channel.id).send("Ada's", view=erase_view("en", world.ada.id))  # type: ignore[union-attr]
    refused = await world.ben.click(shown, label="Erase everything")
    assert refused.response.content.startswith("Only the one who asked")
    assert len(await world.jobs.of_user(world.ada.id, 0, 5)) == 1
    await world.ada.click(asked.response, label="Erase everything")
    assert await world.jobs.of_user(world.ada.id, 0, 5) == []


@pytest.mark.parametrize("label", ["Refine", "Again", "Vary", "Upscale"])
async def test_a_purged_picture_says_so_under_every_button(world: World, tmp_path: Path, label: str) -> None:
    await world.ada.slash(world.channel, "imagine", prompt=f"{MARK} ww")
    world.clock.at += 31 * DAY_S
    await Retention(OldRecords(world.database), 30, world.clock).purge()
    assert files_with(tmp_path, MARK) == []
    refused = await world.ada.click(world.message, label=label)
    assert refused.ephemeral
    assert refused.response.content.startswith("The words that this picture was made from have been deleted")
    (embed,) = (await world.ada.slash(world.channel, "my pictures")).response.embeds
    assert "(its words were deleted)" in embed.description
    await under_more(world.ada, world.message, "Delete")
    assert await world.messages() == []


async def test_details_of_a_purged_picture_say_so(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt=f"{MARK} ww")
    world.clock.at += 31 * DAY_S
    await Retention(OldRecords(world.database), 30, world.clock).purge()
    refused = await under_more(world.ada, world.message, "Details")
    assert refused.ephemeral
    assert refused.response.content == text("en", "refused-purged")
    assert not refused.response.embeds


async def test_one_at_a_time_for_each_person(world: World) -> None:
    personal = world.bot.services.personal
    with personal.export(world.ada.id):
        refused = await world.ada.slash(world.channel, "my data export")
        assert refused.response.content == "I am still at your data; wait until that is done."
        await world.ben.slash(world.channel, "my data export")
    assert (await world.ada.slash(world.channel, "my data export")).response.content.startswith("I keep nothing")


async def test_the_log_stays_and_says_who(world: World) -> None:
    await moderator(world).slash(world.channel, "moderation block", user=world.ada, reason="flooding")
    await erase(world, world.ada)
    assert [entry["target_id"] for entry in await rows(world, "audit")] == [world.ada.id]
    await world.ada.slash(world.channel, "my data export")
    (data,) = (await zips(await in_dm(world, world.ada))).values()
    kept = json.loads(data)
    assert kept["jobs"] == []
    assert [(entry["action"], entry["as_whom"], entry["about_id"]) for entry in kept["log"]] == [
        ("block", "concerned", None)
    ]
    assert [block["reason"] for block in kept["blocks"]] == ["flooding"]


async def test_an_erase_that_was_cut_off_goes_on_at_the_next_start(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    message = world.message
    await world.database.write(
        lambda connection: connection.execute(
            "INSERT INTO erased_messages (channel_id, message_id) VALUES (?, ?)", (world.channel.id, message.id)
        )
    )
    await world.restart()
    assert await world.messages() == []
    assert await rows(world, "erased_messages") == []


@pytest.mark.usefixtures("many")
async def test_an_erase_that_the_disk_cut_off_goes_on_at_the_next_start(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.erase.STEP", 1)
    for number in range(4):
        await world.ada.slash(world.channel, "imagine", prompt=f"{MARK} {number}")
        world.clock.at += 10
    write, left = world.database.write, [4]

    async def full(*arguments: Any, **named: Any) -> Any:
        if named.get("alone"):
            left[0] -= 1
            if left[0] < 0:
                raise StoreUnavailable("disk full")
        return await write(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(world.database, "write", full)
        asked = await world.ada.slash(world.channel, "my data erase")
        told = await world.ada.click(asked.response, label="Erase everything")
    assert "The rest goes when I start next" in str(told.followups[0].content)
    assert 0 < len(await rows(world, "jobs")) < 4
    world.clock.at += 10
    await world.ada.slash(world.channel, "imagine", prompt="a later boat")
    await world.restart()
    await world.env.settle()
    (kept,) = await world.jobs.of_user(world.ada.id, 0, 9)
    assert kept.order.words == "a later boat"
    assert [message.id for message in await world.messages()] == [kept.message_id]
    assert await rows(world, "erasing") == await rows(world, "erased_messages") == []
    assert await world.used(world.ada) == 5


async def test_whoever_adds_a_table_decides_what_an_erase_does_with_it(world: World) -> None:
    """Tables with a user's or a job's id are deleted with them, or are listed here as what stays."""
    stays = {
        "grants",
        "blocks",
        "reservations",
        "jobs",
        "tallies",
    }  # the last three by hand

    def work(connection: Any) -> dict[str, set[str]]:
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables}

    for table, columns in (await world.database.read(work)).items():
        if table in stays:
            continue
        if table in ("job_photos", "favourites"):  # rows belong to a job and to a person, and go with either
            continue
        assert ("job_id" in columns) == (table in OF_A_JOB), table
        assert ("user_id" in columns) == (table in OF_A_PERSON), table
