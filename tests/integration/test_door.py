"""Whom and where the host lets draw: LIMNER_BLOCKED_USERS and LIMNER_SERVERS, on every way in."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot.services.orders import Rules
from bot.ui.i18n import text
from tests.integration import conftest
from tests.integration.conftest import World

BLOCKED = "The host of this Limner has blocked you from drawing; only they can lift that."
NOT_SERVED = "The host of this Limner lets people draw in chosen servers alone, and not in direct messages"


class Door:
    """Replaces the rules of the bot that starts next."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self._world, self._monkeypatch = world, monkeypatch

    async def close(self, *, users: frozenset[int] = frozenset(), servers: frozenset[int] = frozenset()) -> None:
        rules: Rules = replace(conftest.RULES, blocked_users=users, servers=servers)
        self._monkeypatch.setattr(conftest, "RULES", rules)
        await self._world.restart()


@pytest.fixture
def door(world: World, monkeypatch: pytest.MonkeyPatch) -> Door:
    return Door(world, monkeypatch)


async def test_a_blocked_person_draws_nowhere_and_is_not_answered_in_the_open(world: World, door: Door) -> None:
    cleo = world.env.create_user("Cleo")
    member = world.env.guild.add_member(cleo)
    await member.slash(world.channel, "imagine", prompt="a red boat")
    picture = world.message
    await door.close(users=frozenset({cleo.id}))
    painted = len(world.engine.painted)
    assert (await member.slash(world.channel, "imagine", prompt="a boat")).response.content == BLOCKED
    assert (await member.click(picture, label="Again")).response.content == BLOCKED
    assert (await cleo.slash("imagine", prompt="a boat")).response.content == BLOCKED
    await member.send(world.channel, "make it blue", reply_to=picture)
    assert world.message.content == "make it blue"
    assert len(world.engine.painted) == painted
    assert "pictures left" in (await member.slash(world.channel, "my usage")).response.content, (
        "what is theirs stays so"
    )
    assert "n its way" in (await world.ada.slash(world.channel, "imagine", prompt="a boat")).response.content


@pytest.mark.parametrize("served", [True, False])
async def test_in_chosen_servers_alone_and_not_in_messages(world: World, door: Door, served: bool) -> None:
    await world.ada.slash(world.channel, "imagine", prompt="a red boat")
    picture, painted = world.message, len(world.engine.painted)
    await door.close(servers=frozenset({world.env.guild.id if served else 5}))
    told = (await world.ada.slash(world.channel, "imagine", prompt="a boat")).response.content
    assert ("n its way" in told) is served
    assert told.startswith(NOT_SERVED) is not served
    await world.ada.send(world.channel, "make it blue", reply_to=picture)
    assert len(world.engine.painted) == painted + (2 if served else 0)
    cleo = world.env.create_user("Cleo")
    assert (await cleo.slash("imagine", prompt="a boat")).response.content.startswith(NOT_SERVED)


@pytest.mark.parametrize("served", [True, False])
async def test_only_a_server_that_is_served_is_greeted(world: World, door: Door, served: bool) -> None:
    await door.close(servers=frozenset({world.env.guild.id if served else 5}))
    guild = world.bot.get_guild(world.env.guild.id)
    assert guild
    await world.bot.on_guild_join(guild)
    await world.env.settle()
    assert [message.content for message in await world.pictures()] == ([text("en", "greeting")] if served else [])


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_moderators_are_told_that_they_cannot_lift_the_hosts_block(world: World, door: Door, locale: str) -> None:
    manage = world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    boss = world.env.guild.add_member(world.env.create_user("Boss"), roles=[manage])
    world.speaks[boss.id] = locale
    await boss.slash(world.channel, "moderation block", user=world.ben)
    await door.close(users=frozenset({world.ada.id, world.ben.id}))
    line = text(locale, "host-blocks", user=world.ada.mention)
    granted = await boss.slash(world.channel, "limits grant", user=world.ada, images=3)
    assert line in granted.response.content
    assert (await boss.slash(world.channel, "moderation unblock", user=world.ada)).response.content == line
    both = (await boss.slash(world.channel, "moderation unblock", user=world.ben)).response.content
    assert both == text(locale, "unblocked-host-blocks", user=world.ben.mention)
    cleo = world.env.guild.add_member(world.env.create_user("Cleo"))
    other = await boss.slash(world.channel, "limits grant", user=cleo, images=3)
    assert text(locale, "host-blocks", user=cleo.mention) not in other.response.content
    nothing = await boss.slash(world.channel, "moderation unblock", user=cleo)
    assert nothing.response.content == text(locale, "refused-nothing-to-lift")
