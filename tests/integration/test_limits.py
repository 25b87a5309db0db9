"""/limits, as moderators set them and members meet them."""

from __future__ import annotations

import sqlite3
from typing import Any

import discord
import pytest
from simcord import interactions

from bot.cogs.public_refusals import REFUSAL_SHOWN_S
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.ui.i18n import text
from tests.integration import conftest
from tests.integration.conftest import World

HOST = Rules((Limit(5, "hour"),), at_once=3, ceiling=(Limit(9, "hour"),))


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", HOST)


@pytest.fixture
def boss(world: World) -> Any:
    managers = world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return world.env.guild.add_member(world.env.create_user("Boss"), roles=[managers])


async def draw(world: World, count: int = 1) -> str:
    result = await world.ada.slash(world.channel, "imagine", prompt="a boat", count=count, exact=True)
    return str(result.response.content)


async def order(world: World, who: Any, verb: str, **options: Any) -> str:
    result = await who.slash(world.channel, f"limits {verb}", **options)
    assert result.ephemeral
    return str(result.response.content)


async def test_a_limit_bites_after_set_and_is_gone_after_reset(world: World, boss: Any) -> None:
    said = await order(world, boss, "set", target=world.ada, images=1, per="hour", reason="too *many*", expires="2h")
    assert said.splitlines() == [
        f"**Set. What counts for <@{world.ada.id}> now**",
        f"<@{world.ada.id}>: 1 each hour · ends <t:1800007200:R> · reason: too \\*many\\*",
    ]
    assert "n its way" in await draw(world)
    assert await draw(world) == "1 of 1 pictures used this hour; the next is free <t:1800003600:R>."
    usage = (await world.ada.slash(world.channel, "my usage")).response.content
    assert "0 of 1 pictures left this hour" in usage
    assert "Why: a moderator set this for you." in usage
    assert "too \\*many\\*" in usage
    await order(world, boss, "grant", user=world.ada, images=2)
    said = await order(world, boss, "reset", target=world.ada)
    assert said.startswith(f"**Taken away from <@{world.ada.id}>**")
    assert said.endswith("\n2 granted pictures")
    assert "n its way" in await draw(world)
    assert await order(world, boss, "reset", target=world.ada) == f"There was nothing set for <@{world.ada.id}>."


async def test_a_grant_adds_until_it_is_used(world: World, boss: Any) -> None:
    await order(world, boss, "set", target=world.env.guild.default_role, images=1, per="day")
    await draw(world)
    assert "1 of 1 pictures used this day" in await draw(world)
    said = await order(world, boss, "grant", user=world.ada, images=2, reason="a prize")
    assert f"<@{world.ada.id}> may draw 2 pictures on top" in said
    assert "reason: a prize" in said
    assert "Nobody has more than 9 each hour, over all servers and direct messages together, granted" in said
    for _ in range(2):
        assert "n its way" in await draw(world)
    assert "1 of 1 pictures used this day" in await draw(world)


async def test_of_several_roles_the_most_generous_counts_and_why_tells(world: World, boss: Any) -> None:
    few, many = (world.env.guild.create_role(name) for name in ("Few", "Many"))
    for role, images in ((few, 1), (many, 2)):
        await order(world, boss, "set", target=role, images=images, per="hour")
    eve = world.env.guild.add_member(world.env.create_user("Eve"), roles=[few, many])
    await order(world, boss, "set", target=world.env.guild.default_role, images=8, per="hour")
    await order(world, boss, "set", target=world.env.guild.default_role, images=20, per="day")
    for left in (1, 0):
        answer = await eve.slash(world.channel, "imagine", prompt="a boat", exact=True)
        assert f"{left} of 2 left this hour" in answer.response.content
    refused = await eve.slash(world.channel, "imagine", prompt="a boat", exact=True)
    assert refused.response.content.startswith("2 of 2 pictures used this hour; the next is free <t:")
    lines = (await order(world, boss, "why", user=eve)).splitlines()
    assert lines == [
        f"**What <@{eve.id}> may draw, and why**",
        f"<@&{few.id}>: 1 each hour · does not count: another goes first",
        f"<@&{many.id}>: 2 each hour · **this one wins**",
        "everyone: 8 each hour · does not count: another goes first",
        "everyone: 20 each day · does not count: another goes first",
        "The host's default: 5 each hour; 3 requests at once",
        "-# Nobody has more than 9 each hour, over all servers and direct messages together, granted pictures"
        " included: the host's ceiling.",
        "**Used**",
        f"2 of 2 used this hour (the rule of <@&{many.id}>); the next comes back <t:1800003600:R>",
        "0 of 3 requests at once are on their way (the rule of the host).",
    ]
    assert "your roles, that one leaves you the most" in (await eve.slash(world.channel, "my usage")).response.content
    shown = await order(world, boss, "show")
    assert shown.count("each hour") == 5
    assert shown.count("each day") == 1


async def test_a_reply_meets_the_limit_of_a_role_too(world: World, boss: Any) -> None:
    role = world.env.guild.create_role("Few")
    eve = world.env.guild.add_member(world.env.create_user("Eve"), roles=[role])
    await order(world, boss, "set", target=role, images=1, per="hour")
    await eve.slash(world.channel, "imagine", prompt="a boat", exact=True)
    await eve.send(world.channel, f"<@{world.env.bot.user.id}> at night", reply_to=world.message)
    assert "1 of 1 pictures used this hour" in world.message.content


async def test_requests_at_once_have_their_rule(world: World, boss: Any) -> None:
    await order(world, boss, "set", target=world.ada, images=5, per="hour", at_once=1)
    painted = world.hold()
    await draw(world)
    assert (await draw(world)).startswith("1 of 1 requests of yours are on their way; ask again <t:")
    painted.set()


async def test_a_server_cannot_allow_more_than_the_host(world: World, boss: Any) -> None:
    said = await order(world, boss, "set", target=world.ada, images=10, per="hour")
    assert said == "The host's ceiling is 9 each hour, so a server cannot allow more; nothing was changed."
    said = await order(world, boss, "set", target=world.ada, images=1, per="hour", at_once=4)
    assert said.startswith("The host allows at most 3 requests at once")
    said = await order(world, boss, "set", target=world.ada, images=100, per="day")
    assert "the host's default goes on: 5 each hour" in said
    await order(world, boss, "grant", user=world.ada, images=50)
    for _ in range(3):
        assert "n its way" in await draw(world, 3)
    assert "9 of 9 pictures used this hour, which is the most that the host lets anyone have" in await draw(world)
    usage = (await world.ada.slash(world.channel, "my usage")).response.content
    assert "0 of 9 pictures left this hour under the host's ceiling" not in usage, "the default is felt first"


@pytest.mark.parametrize("typed", ["soon", "2020-01-01", "@everyone", "0h", "2026-13-01", "99999w"])
async def test_a_time_that_cannot_be_read_is_told(world: World, boss: Any, typed: str) -> None:
    said = await order(world, boss, "set", target=world.ada, images=1, per="hour", expires=typed)
    assert "is no time that I can read" in said
    assert "@everyone" not in said
    assert await rows(world) == []


async def test_none_at_all_stops_a_person_whatever_was_granted(world: World, boss: Any) -> None:
    assert "0 stops a person altogether" in await order(world, boss, "set", target=world.ada, images=0, per="week")
    assert "0 stops a person altogether" in await order(world, boss, "grant", user=world.ada, images=5)
    assert (await draw(world)).startswith("No pictures are allowed for you here, granted ones included")
    usage = (await world.ada.slash(world.channel, "my usage")).response.content
    assert "5 granted pictures are left, but none may be drawn" in usage
    await order(world, boss, "reset", target=world.ada)
    assert "n its way" in await draw(world)


async def test_a_role_of_none_leaves_what_was_granted(world: World, boss: Any) -> None:
    await order(world, boss, "set", target=world.env.guild.default_role, images=0, per="week")
    assert (await draw(world)).startswith("No pictures are allowed for you here")
    await order(world, boss, "grant", user=world.ada, images=2)
    assert await draw(world, 3) == (
        "You asked for 3 pictures; the limit is 0 each week, and 2 granted ones are left. Ask for fewer."
    )
    assert "n its way" in await draw(world, 2)


async def test_the_ceiling_counts_over_servers_and_messages_together(world: World, boss: Any) -> None:
    user = world.env.create_user("Cleo")
    cleo = world.env.guild.add_member(user)
    for _ in range(5):
        await user.slash("imagine", prompt="a boat", exact=True)
    assert (
        "n its way"
        in (await cleo.slash(world.channel, "imagine", prompt="a boat", count=4, exact=True)).response.content
    )
    refused = (await cleo.slash(world.channel, "imagine", prompt="a boat", exact=True)).response.content
    assert refused.startswith("9 of 9 pictures used this hour, which is the most that the host lets anyone have")
    usage = (await cleo.slash(world.channel, "my usage")).response.content
    assert "1 of 5 pictures left this hour" in usage
    assert "0 of 9 pictures left this hour under the host's ceiling" in usage
    assert "The host's ceiling holds beside that, granted pictures included." in usage


async def test_all_of_it_is_in_chinese_for_those_who_read_chinese(world: World, boss: Any) -> None:
    world.speaks |= {boss.id: "zh-CN", world.ada.id: "zh-CN"}
    assert "现在适用的规则" in await order(world, boss, "set", target=world.ada, images=1, per="hour", expires="3天")
    await draw(world)
    assert await draw(world) == "本小时已用 1/1 张；下一张 <t:1800003600:R> 可用。"
    assert "为你单独设置" in (await world.ada.slash(world.channel, "my usage")).response.content
    assert "以此为准" in await order(world, boss, "why", user=world.ada)
    assert "每小时 1 张" in await order(world, boss, "show")
    assert "可在本服务器的规则和主机的默认限额之外再画 1 张" in await order(
        world, boss, "grant", user=world.ada, images=1
    )
    assert "已取消" in await order(world, boss, "reset", target=world.ada)


@pytest.mark.parametrize("who", ["member", "bot", "DM"])
@pytest.mark.parametrize(("verb", "options"), [("set", {"images": 5, "per": "day"}), ("reset", {}), ("show", {})])
async def test_a_forged_interaction_is_refused_with_no_row_changed(
    world: World, boss: Any, monkeypatch: pytest.MonkeyPatch, verb: str, options: dict[str, Any], who: str
) -> None:
    await order(world, boss, "set", target=world.ada, images=1, per="hour")
    kept = await rows(world)
    payload = interactions.base_payload

    def forged(backend: Any, **asked: Any) -> Any:
        record, sent = payload(backend, **asked)
        if who == "DM":
            user = sent.pop("member")["user"]
            return record, {key: sent[key] for key in sent if not key.startswith("guild")} | {"user": user}
        if who == "bot":
            sent["member"]["user"] = {**sent["member"]["user"], "bot": True}
        else:
            sent["member"]["permissions"] = "2048"
        return record, sent

    monkeypatch.setattr(interactions, "base_payload", forged)
    target = {} if verb == "show" else {"target": world.ada}
    result = await boss.slash(world.channel, f"limits {verb}", **target, **options)
    assert result.response.content.startswith("Only someone with Manage Server in this server can do that")
    assert await rows(world) == kept


async def rows(world: World) -> list[Any]:
    """Return every rule and grant."""

    def work(connection: sqlite3.Connection) -> list[Any]:
        return [tuple(row) for table in ("rules", "grants") for row in connection.execute(f"SELECT * FROM {table}")]

    return await world.database.read(work)


async def test_who_may_draw_none_reads_so_alone_and_below_a_reply_for_a_while(world: World, boss: Any) -> None:
    await draw(world)
    picture = world.message
    await order(world, boss, "set", target=world.ada, images=0, per="week")
    before = [message.id for message in await world.messages()]
    refused = text("en", "refused-zero")
    for result in (
        await world.ada.slash(world.channel, "imagine", prompt="a boat"),
        await world.ada.slash(world.channel, "imagine", prompt="a boat", private=True),
        await world.ada.click(picture, label="Again"),
    ):
        assert (result.response.content, result.ephemeral) == (refused, True)
    assert [message.id for message in await world.messages()] == before
    await world.ada.send(world.channel, "make it blue", reply_to=picture)
    assert world.message.content == refused
    await world.env.advance_time(REFUSAL_SHOWN_S + 1)
    assert refused not in [message.content for message in await world.messages()]
