"""What /moderation does at its edges: mirrors that fail, threads, pages, jobs on their way, and answers in Chinese."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.builders import ChannelHandle

from bot.domain.actor import Actor
from bot.domain.jobs import JobState
from bot.domain.quota import Limit
from bot.services.orders import Rules
from bot.ui.i18n import text
from tests.integration import conftest
from tests.integration.conftest import World
from tests.integration.test_refusals import options, verbs

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "RULES", Rules((Limit(50, "hour"),), at_once=9))


@pytest.fixture
def boss(world: World) -> Any:
    managers = world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return world.env.guild.add_member(world.env.create_user("Boss"), roles=[managers])


async def order(world: World, who: Any, verb: str, where: Any = None, **given: Any) -> str:
    result = await who.slash(where or world.channel, verb, **given)
    assert result.ephemeral
    return str(result.response.content)


async def imagine(world: World, where: Any = None) -> str:
    """Return what Ada alone is told; nothing where the picture in the channel says enough."""
    shown = (await world.ada.slash(where or world.channel, "imagine", prompt="a boat")).response
    return "" if shown is None else str(shown.content)


async def actions(world: World) -> list[str]:
    return await world.database.read(
        lambda connection: [row["action"] for row in connection.execute("SELECT action FROM audit ORDER BY id")]
    )


async def take(world: World, channel: Any, *names: str) -> None:
    deny = discord.Permissions(**dict.fromkeys(names, True)).value
    world.env.backend.set_overwrite(channel.id, Overwrite(target_id=world.env.bot.user.id, type=1, allow=0, deny=deny))
    await world.env.settle()


def thread(world: World, parent: Any) -> Any:
    made = world.env.backend.create_thread(parent.id, "a thread", world.ada.id)
    return ChannelHandle(world.env, world.env.guild, made)


class TestTheMirror:
    async def test_each_entry_appears_there_in_words(self, world: World, boss: Any) -> None:
        shown = world.env.guild.create_text_channel("log")
        await order(world, boss, "moderation log-channel", channel=shown)
        await order(world, boss, "limits set", target=world.ada, images=3, per="hour", at_once=2, reason="calm *now*")
        await order(world, boss, "limits set", target=world.env.guild.default_role, images=9, per="day", expires="2h")
        await order(world, boss, "limits grant", user=world.ada, images=5)
        await order(world, boss, "limits reset", target=world.ada)
        told = [message.content.partition(" · ")[2] for message in shown.history()]
        ada, who = f"<@{world.ada.id}>", f"<@{boss.id}>"
        assert told[1:] == [
            f"{who} · set the limit of {ada} (nothing → 3 each hour, 2 requests at once) Reason: calm \\*now\\*",
            f"{who} · set the limit of everyone (nothing → 9 each day ends <t:1800007200:f>)",
            f"{who} · granted pictures to {ada} (nothing → 5 granted pictures)",
            f"{who} · took away the limits of {ada} (3 each hour, 2 requests at once, 5 granted pictures → nothing)",
        ]

    @pytest.mark.parametrize("how", ["forbidden", "deleted"])
    async def test_where_it_cannot_be_written_the_deed_stands(self, world: World, boss: Any, how: str) -> None:
        shown = world.env.guild.create_text_channel("log")
        await order(world, boss, "moderation log-channel", channel=shown)
        if how == "forbidden":
            await take(world, shown, "send_messages")
        else:
            await world.bot.http.delete_channel(shown.id)
        assert "Nobody can draw" in await order(world, boss, "moderation pause")
        assert "each hour" in await order(world, boss, "limits set", target=world.ada, images=3, per="hour")
        assert await actions(world) == ["log-channel", "pause", "limit-set"]

    @pytest.mark.parametrize("name", ["view_channel", "send_messages"])
    async def test_a_channel_that_cannot_be_written_is_refused_by_name(
        self, world: World, boss: Any, name: str
    ) -> None:
        shown = world.env.guild.create_text_channel("log")
        await take(world, shown, name)
        said = await order(world, boss, "moderation log-channel", channel=shown)
        assert said.startswith("I cannot write in that channel: I lack ")
        assert text("en", f"permission-{name}") in said
        assert await actions(world) == []

    async def test_without_a_channel_it_ends(self, world: World, boss: Any) -> None:
        await order(world, boss, "moderation log-channel", channel=world.channel)
        assert "no channel any more" in await order(world, boss, "moderation log-channel")
        seen = world.message.id
        await order(world, boss, "moderation pause")
        assert world.message.id == seen


class TestThreads:
    async def test_a_thread_is_as_its_channel(self, world: World, boss: Any) -> None:
        inside = thread(world, world.channel)
        await order(world, boss, "moderation channels deny", channel=world.channel)
        assert "cannot be drawn in this channel" in await imagine(world, inside)
        await order(world, boss, "moderation channels allow", channel=world.channel)
        assert "drawn" not in await imagine(world, inside)
        assert inside.last_message.attachments

    async def test_said_inside_a_thread_or_a_forums_post_the_parent_is_meant(self, world: World, boss: Any) -> None:
        forum = world.env.guild.create_forum_channel("Forum")
        for parent in (world.channel, forum):
            inside = thread(world, parent)
            said = await order(world, boss, "moderation channels deny", inside)
            assert f"<#{parent.id}>" in said
            assert "cannot be drawn in this channel" in await imagine(world, inside)
            await order(world, boss, "moderation channels allow", inside)
            assert "drawn" not in await imagine(world, inside)
            assert inside.last_message.attachments

    async def test_a_reply_in_a_thread_is_gated_too(self, world: World, boss: Any) -> None:
        inside = thread(world, world.channel)
        await imagine(world, inside)
        picture = inside.last_message
        await order(world, boss, "moderation channels deny", channel=world.channel)
        await world.ada.send(inside, "at night", reply_to=picture)
        assert "cannot be drawn in this channel" in inside.last_message.content
        assert await world.used(world.ada) == 1


class TestPages:
    async def test_of_the_log(self, world: World, boss: Any) -> None:
        for number in range(19):
            await order(world, boss, "moderation pause", reason=f"reason {number:02}")
        await order(world, boss, "moderation block", user=world.ada)
        shown = await boss.slash(world.channel, "moderation log")
        assert shown.response.content == "What moderators did: 20, newest first; page 1 of 3"
        assert "reason 18" in shown.response.embeds[0].description
        second = await boss.click(shown.response, label="Older ▶")
        assert "reason 11" in second.response.embeds[0].description
        third = await boss.click(second.response, label="Older ▶")
        assert "page 3 of 3" in third.response.content
        assert "reason 00" in third.response.embeds[0].description
        back = await boss.click(third.response, label="◀ Newer")
        assert "page 2 of 3" in back.response.content

    async def test_of_the_log_of_one_person(self, world: World, boss: Any) -> None:
        for _ in range(5):
            await order(world, boss, "limits set", target=world.ada, images=3, per="hour")
            await order(world, boss, "limits grant", user=world.ada, images=1)
            await order(world, boss, "moderation pause")
        shown = await boss.slash(world.channel, "moderation log", user=world.ada)
        assert "10, newest first; page 1 of 2" in shown.response.content
        second = await boss.click(shown.response, label="Older ▶")
        assert "10, newest first; page 2 of 2" in second.response.content
        assert "paused" not in second.response.embeds[0].description
        assert (
            "Nothing yet"
            in (await boss.slash(world.channel, "moderation log", user=world.ben)).response.embeds[0].description
        )

    async def test_of_words(self, world: World, boss: Any) -> None:
        empty = await boss.slash(world.channel, "moderation words list")
        assert "No word is blocked" in empty.response.embeds[0].description
        for number in range(120):
            await world.bot.services.moderation.add_word(
                _moderator(world, boss), f"{'abcdefghij'[number // 12]}{'klmnopqrstuv'[number % 12]}-word-to-block"
            )
        shown = await boss.slash(world.channel, "moderation words list")
        assert shown.response.content == "Blocked words: 120"
        found = shown.response.embeds[0].description.count("- ")
        second = await boss.click(shown.response, label="On ▶")
        found += second.response.embeds[0].description.count("\n- ") + 1
        assert found > 100
        back = await boss.click(second.response, label="◀ Back")
        assert back.response.embeds[0].description == shown.response.embeds[0].description

    async def test_of_channels_there_is_a_line(self, world: World, boss: Any) -> None:
        other = world.env.guild.create_text_channel("other")
        assert await order(world, boss, "moderation channels list") == "Pictures can be drawn in every channel."
        await order(world, boss, "moderation channels deny", channel=other)
        assert (
            await order(world, boss, "moderation channels list")
            == f"Pictures can be drawn everywhere but in <#{other.id}>."
        )
        await order(world, boss, "moderation channels allow", channel=world.channel)
        said = await order(world, boss, "moderation channels list")
        assert said == f"Pictures can be drawn in <#{world.channel.id}> alone."


class TestBlocking:
    async def test_stops_and_refunds_what_is_on_its_way_of_this_person_alone(self, world: World, boss: Any) -> None:
        painted = world.hold()
        for _ in range(2):
            await imagine(world)
        await world.ben.slash(world.channel, "imagine", prompt="a boat")
        mine = [job for job in await world.jobs.unfinished() if job.place.user_id == world.ada.id]
        assert len(mine) == 2
        said = await order(world, boss, "moderation block", user=world.ada)
        assert "2" in said
        assert await world.used(world.ada) == 0
        for job in mine:
            ended = await world.jobs.get(job.id)
            assert ended
            assert ended.state is JobState.CANCELLED
            assert not [button for row in (await world.find(ended)).components for button in row.children]
        assert sorted(world.engine.cancelled) == sorted(job.id for job in mine)
        assert await world.used(world.ben) == 1
        painted.set()
        await world.env.settle()
        assert world.message.attachments

    async def test_leaves_what_is_on_its_way_elsewhere(self, world: World, boss: Any) -> None:
        elsewhere = world.env.create_guild(name="Elsewhere")
        away = elsewhere.add_member(world.ada._user if hasattr(world.ada, "_user") else world.ada.user)
        channel = elsewhere.create_text_channel("drawing")
        painted = world.hold()
        await away.slash(channel, "imagine", prompt="a boat")
        await order(world, boss, "moderation block", user=world.ada)
        assert len(await world.jobs.unfinished()) == 1
        painted.set()
        await world.env.settle()
        assert channel.last_message.attachments


async def test_every_verb_answers_in_chinese(world: World, boss: Any) -> None:
    world.speaks[boss.id] = "zh-CN"
    for name, command in verbs(world).items():
        for _ in range(2):  # the second time there may be nothing to lift
            result = await boss.slash(world.channel, name, **options(world, command))
            said = result.response
            assert HAN.search(said.content), name
            for embed in said.embeds:
                assert HAN.search(embed.description), name
            assert not re.search(r"[a-z]{3,} [a-z]{3,}", re.sub(r"`[^`]*`|<[^>]*>|/\S+ \w+", "", said.content)), name
    log = (await boss.slash(world.channel, "moderation log")).response.embeds[0].description
    assert "设置了限额" in log or "取消了限额" in log or "额外授予" in log


def _moderator(world: World, boss: Any) -> Actor:
    return Actor(boss.id, world.env.guild.id, manages=True)


ODD = [
    ("pause", None, "paused", "asleep", ""), ("nsfw-policy", None, "hold", "a policy to come", ""),
    ("limit-set", 5, "3/month; nonsense", "7", "user"), ("limit-set", 5, "", "5/hour until soon", "guild"),
    ("block", 5, "", "never", ""), ("channel-deny", 7, "x", "y", ""), ("log-channel", None, "*", "_", ""),
    ("word-add", None, "", "||*a*||", ""), ("from-a-later-version", 9, "one", "@everyone", "thing"),
    ("from-a-later-version", None, "", "", ""), ("delete", 5, "", "", ""),
]  # fmt: skip
"""Actions, targets, values before and after, and kinds of target, as other versions of Limner may have written them."""


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_the_log_opens_whatever_is_in_it(world: World, boss: Any, locale: str) -> None:
    def work(connection: sqlite3.Connection) -> None:
        for action, target, before, after, kind in ODD:
            connection.execute(
                "INSERT INTO audit (guild_id, actor_id, action, target_id, before, after, reason, at, target_kind)"
                " VALUES (?, ?, ?, ?, ?, ?, 'why', 5.0, ?)",
                (world.env.guild.id, boss.id, action, target, before, after, kind),
            )

    await world.database.write(work)
    world.speaks[boss.id] = locale
    shown = await boss.slash(world.channel, "moderation log")
    assert str(len(ODD)) in shown.response.content
    told = shown.response.embeds[0].description.splitlines()
    older = await boss.click(shown.response, label=text(locale, "page-log-on"))
    told += older.response.embeds[0].description.splitlines()
    assert len(told) == len(ODD)
    for raw in ("asleep", "a policy to come", "one"):
        assert any(raw in line for line in told), "what has no words is shown as it stands"
