"""/my usage, /my pictures and /my settings, as members see them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.domain.jobs import JobState
from bot.domain.preferences import Preferences
from bot.services.orders import Rules
from bot.storage.members import Members
from bot.ui.paging import PICTURES, page_buttons
from tests.integration import conftest
from tests.integration.conftest import World, under_more

MANY = Rules((), at_once=20)


@pytest.fixture
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", MANY)


pytestmark = pytest.mark.usefixtures("no_limits")


async def draw(world: World, count: int, who: Any = None) -> None:
    for number in range(count):
        await (who or world.ada).slash(world.channel, "imagine", prompt=f"picture {number}", exact=True)
        world.clock.at += 60


def words(answer: Any) -> list[str]:
    """Return the words of the pictures on a page."""
    return [re.findall(r"\*\*(.+)\*\*", embed.description)[0] for embed in answer.embeds]


def buttons(answer: Any) -> dict[str, bool]:
    """Return the labels on a page, and whether each can be pressed."""
    return {b["label"]: not b.get("disabled") for row in answer.components for b in row["components"]}


def turning(answer: Any) -> dict[str, bool]:
    """Return those of the buttons that turn pages."""
    return {label: can for label, can in buttons(answer).items() if {"◀", "▶"} & {*label}}


def row(number: int) -> list[str]:
    """Return the labels of one picture's buttons."""
    return [f"Refine {number}", f"☆ {number}", f"Delete {number}"]


async def test_pictures_are_listed_newest_first_with_time_link_and_thumbnail(world: World) -> None:
    await draw(world, 2)
    await draw(world, 1, world.ben)
    result = await world.ada.slash(world.channel, "my pictures")

    assert result.ephemeral
    answer = result.response
    assert answer.content == "Your pictures: 2, newest first; page 1 of 1"
    assert words(answer) == ["picture 1", "picture 0"]
    assert list(buttons(answer)) == [*row(1), *row(2), "★ Favourites"]
    messages = {message.id: message for message in await world.messages()}
    for embed, at in zip(answer.embeds, (1_800_000_060, 1_800_000_000), strict=True):
        assert f"<t:{at}:R>" in embed.description
        guild, channel, message = re.findall(r"\(https://discord.com/channels/(\d+)/(\d+)/(\d+)\)", embed.description)[
            0
        ]
        assert (int(guild), int(channel)) == (world.env.guild.id, world.channel.id)
        assert embed.thumbnail.url == messages[int(message)].attachments[0].url


@pytest.mark.parametrize("restart", [False, True])
async def test_pages_turn_there_and_back_after_a_restart_too(world: World, restart: bool) -> None:
    await draw(world, 9)
    shown = (await world.ada.slash(world.channel, "my pictures")).response
    assert words(shown) == [f"picture {number}" for number in (8, 7, 6, 5)]
    assert turning(shown) == {"◀ Newer": False, "Older ▶": True}
    for pages in ((4, 3, 2, 1), (0,)):
        if restart:
            await world.restart()
        await world.ada.click(shown, label="Older ▶")
        assert words(shown) == [f"picture {number}" for number in pages]
    assert shown.content == "Your pictures: 9, newest first; page 3 of 3"
    assert turning(shown) == {"◀ Newer": True, "Older ▶": False}
    await world.ada.click(shown, label="◀ Newer")
    assert shown.content.endswith("page 2 of 3")
    assert len([message for message in await world.messages() if not message.attachments]) == 0


async def test_another_member_cannot_turn_the_pages(world: World) -> None:
    await draw(world, 5)
    view = page_buttons("en", PICTURES, world.ada.id, 0, 2)
    message = await world.env.bot.get_channel(world.channel.id).send("a list of Ada's", view=view)
    result = await world.ben.click(message, label="Older ▶")
    assert result.ephemeral
    assert result.response.content.startswith("This list is someone else's")
    assert result.response.embeds == []
    assert world.message.content == "a list of Ada's"


async def test_a_picture_whose_message_is_gone_is_left_out_and_noted(world: World) -> None:
    await draw(world, 6)
    newest, *_ = await world.messages()
    job = await world.jobs.by_message(newest.id)
    await world.mo.delete(newest)
    # As after a deletion while the bot was away.
    await world.database.write(lambda connection: connection.execute("UPDATE jobs SET deleted_at = NULL").rowcount)
    result = await world.ada.slash(world.channel, "my pictures")
    assert words(result.response) == ["picture 4", "picture 3", "picture 2", "picture 1"], "the page is full again"
    assert result.response.content == "Your pictures: 5, newest first; page 1 of 2"
    noted = await world.jobs.get(job.id if job else "")
    assert noted
    assert noted.deleted_at is not None


async def test_a_page_that_is_no_more_shows_the_last_one(world: World) -> None:
    await draw(world, 5)
    shown = (await world.ada.slash(world.channel, "my pictures")).response
    for message in await world.messages():
        await under_more(world.ada, message, "Delete")
    await draw(world, 1)
    await world.ada.click(shown, label="Older ▶")
    assert shown.content == "Your pictures: 1, newest first; page 1 of 1"
    assert turning(shown) == {}


async def test_a_picture_that_cannot_be_read_is_listed_without_its_thumbnail(world: World) -> None:
    await draw(world, 1)
    world.env.inject_error("GET", "/channels/*/messages/*", status=403, code=50_001, message="Missing Access")
    (embed,) = (await world.ada.slash(world.channel, "my pictures")).response.embeds
    assert embed.thumbnail is None or embed.thumbnail.url is None
    assert "Go to the picture" in embed.description
    again = (await world.ada.slash(world.channel, "my pictures")).response
    assert len(again.embeds) == 1, "nothing was noted as deleted"
    assert again.embeds[0].thumbnail.url


async def test_a_private_picture_is_listed_and_stays_listed_when_nobody_can_fetch_it(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a secret boat", exact=True, private=True)
    (embed,) = (await world.ada.slash(world.channel, "my pictures")).response.embeds
    assert embed.thumbnail.url, "the answer to an interaction can be read for a quarter of an hour"
    for code in (10_008, 10_015):
        world.env.inject_error("GET", "/webhooks/*", status=404, code=code, message="Unknown")
        (embed,) = (await world.ada.slash(world.channel, "my pictures")).response.embeds
        assert embed.description == "`1` **a secret boat**\n<t:1800000000:R> · only you see it", "no link leads there"
        assert not embed.thumbnail


async def test_a_private_picture_in_direct_messages_is_linked_there(world: World) -> None:
    await draw(world, 1)
    await world.database.write(lambda connection: connection.execute("UPDATE jobs SET private = 1").rowcount)
    (embed,) = (await world.ada.slash(world.channel, "my pictures")).response.embeds
    assert "(https://discord.com/channels/@me/" in embed.description


async def test_unfinished_and_failed_pictures_are_not_listed(world: World) -> None:
    none = await world.ada.slash(world.channel, "my pictures")
    assert none.ephemeral
    assert none.response.content == "You have no pictures yet. `/imagine` draws one from a few words."
    painted = world.hold()
    await draw(world, 1)
    still = await world.ada.slash(world.channel, "my pictures")
    assert still.response.embeds == []
    painted.set()
    await world.env.settle()
    done = await world.ada.slash(world.channel, "my pictures")
    assert len(done.response.embeds) == 1


async def test_pictures_of_direct_messages_are_listed_and_linked_there(world: World) -> None:
    user = world.env.create_user("Eve")
    await user.slash("imagine", prompt="a secret boat", exact=True)
    (embed,) = (await user.slash("my pictures")).response.embeds
    assert re.search(r"\(https://discord.com/channels/@me/\d+/\d+\)", embed.description)
    assert embed.thumbnail.url


async def test_words_take_no_effect_in_the_list(world: World) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="@everyone [x](https://evil.example) **bold**", exact=True)
    (embed,) = (await world.ada.slash(world.channel, "my pictures")).response.embeds
    for live in ("@everyone", "[x](", "https://evil", "**bold**"):
        assert live not in embed.description


async def test_settings_are_kept_shown_and_taken_away(world: World) -> None:
    members = Members(world.database)
    first = await world.ada.slash(world.channel, "my settings")
    assert first.ephemeral
    assert first.response.content.splitlines()[:4] == [
        "**What /imagine takes where you do not say**",
        "Style: none",
        "Shape: none",
        "Only you see your pictures: no",
    ]
    await world.ada.slash(world.channel, "my settings", style="watercolor", private=True)
    second = await world.ada.slash(world.channel, "my settings", shape="wide")
    assert second.response.content.splitlines()[:4] == [
        "**Saved. What /imagine takes now where you do not say**",
        "Style: Watercolor",
        "Shape: wide",
        "Only you see your pictures: yes",
    ]
    assert await members.get(world.ada.id) == Preferences("watercolor", "wide", private=True)
    assert await members.get(world.ben.id) == Preferences(), "each has settings of their own"
    await world.restart()
    await world.ada.slash(world.channel, "my settings", style="none", shape="none", private=False)
    assert await members.get(world.ada.id) == Preferences()


async def test_a_style_may_be_typed_by_any_of_its_names(world: World) -> None:
    await world.ada.slash(world.channel, "my settings", style="Aquarelle")
    assert await Members(world.database).get(world.ada.id) == Preferences("watercolor")
    refused = await world.ada.slash(world.channel, "my settings", style="@everyone", shape="tall")
    assert refused.ephemeral
    assert refused.response.content == "There is no style @\u2060everyone; /styles lists those there are."
    assert await Members(world.database).get(world.ada.id) == Preferences("watercolor"), "nothing was changed"


async def test_the_styles_complete_in_the_members_language(world: World) -> None:
    offered = await world.ada.autocomplete(world.channel, "my settings", "style", "wat")
    assert [(choice["name"], choice["value"]) for choice in offered] == [("Watercolor", "watercolor")]
    everything = await world.ada.autocomplete(world.channel, "my settings", "style", "")
    assert everything[0]["value"] == "none"
    assert len(everything) == 25
    world.speaks[world.ada.id] = "zh-CN"
    (chinese,) = await world.ada.autocomplete(world.channel, "my settings", "style", "水彩")
    assert (chinese["name"], chinese["value"]) == ("水彩", "watercolor")
    (none,) = await world.ada.autocomplete(world.channel, "my settings", "style", "无")
    assert (none["name"], none["value"]) == ("无", "none")


async def test_a_disk_that_takes_nothing_is_told(world: World) -> None:
    await world.database.on_writer(lambda connection: connection.execute("PRAGMA query_only = 1"))
    result = await world.ada.slash(world.channel, "my settings", private=True)
    await world.database.on_writer(lambda connection: connection.execute("PRAGMA query_only = 0"))
    assert result.ephemeral
    assert "The host's disk takes nothing more" in result.response.content
    assert await Members(world.database).get(world.ada.id) == Preferences()


async def test_all_of_it_is_in_chinese_for_those_who_read_chinese(world: World) -> None:
    world.speaks[world.ada.id] = "zh-CN"
    await draw(world, 5)
    shown = (await world.ada.slash(world.channel, "my pictures")).response
    assert shown.content == "你的图：共 5 张，新的在前；第 1 页，共 2 页"
    assert turning(shown) == {"◀ 较新": False, "较早 ▶": True}
    assert list(buttons(shown))[:3] == ["修改 1", "☆ 1", "删除 1"]
    await world.ada.click(shown, label="较早 ▶")
    assert "第 2 页" in shown.content
    settings = await world.ada.slash(world.channel, "my settings", style="watercolor", shape="tall")
    assert "风格：水彩" in settings.response.content
    assert "画幅：高幅" in settings.response.content
    usage = await world.ada.slash(world.channel, "my usage")
    assert "你在这个服务器还剩多少" in usage.response.content


async def test_usage_without_limits_says_so(world: World) -> None:
    world.hold()
    await draw(world, 1)
    result = await world.ada.slash(world.channel, "my usage")
    assert result.ephemeral
    assert result.response.content.splitlines() == [
        "**What is left for you in this server**",
        "There is no limit here.",
        "1 of 20 requests at once are on their way.",
    ]
    job = (await world.jobs.unfinished())[0]
    assert job.state is JobState.PAINTING
