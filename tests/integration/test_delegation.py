"""A command that the server's owner gave to others in Discord: they may use it, and no other."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord import interactions

from bot.ui.i18n import text
from tests.integration.conftest import World

REFUSED = text("en", "refused-not-moderator")


async def give(world: World, name: str, *whom: Any, allowed: bool = True) -> None:
    command = next(found for found in await world.bot.tree.fetch_commands() if found.name == name)
    world.env.guild.set_command_permissions(command, dict.fromkeys(whom, allowed))


async def said(world: World, command: str, **options: Any) -> str:
    return str((await world.ada.slash(world.channel, command, **options)).response.content)


def let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Discord deliver whatever is asked, as a forger would."""
    access = "simcord.actors.command_access"
    monkeypatch.setattr(access, lambda *_, **__: type("Access", (), {"allowed": True, "reason": None})())


async def test_a_member_may_use_the_one_command_that_was_given(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await give(world, "moderation", world.ada)
    assert "Nobody can draw" in await said(world, "moderation pause")
    let_through(monkeypatch)
    assert await said(world, "limits show") == REFUSED
    assert await said(world, "moderation resume") == "Everyone can draw again."


async def test_pages_of_the_log_turn_for_whom_the_command_was_given(world: World) -> None:
    await give(world, "moderation", world.ada)
    for number in range(10):
        await said(world, "moderation pause", reason=str(number))
    log = await world.ada.slash(world.channel, "moderation log")
    turned = await world.ada.click(log.response, label="Older ▶")
    assert "page 2 of 2" in turned.response.content


async def test_a_role_or_everyone_may_be_given_it_and_a_channel_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_through(monkeypatch)
    await give(world, "moderation", world.env.guild.default_role)
    assert "Nobody can draw" in await said(world, "moderation pause")
    await give(world, "limits", world.env.guild.default_role)
    assert "Limits in this server" in await said(world, "limits show")


async def test_a_channel_that_is_closed_to_the_command_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    command = next(found for found in await world.bot.tree.fetch_commands() if found.name == "moderation")
    world.env.guild.set_command_permissions(command, {world.ada: True, world.channel: False})
    let_through(monkeypatch)
    assert await said(world, "moderation pause") == REFUSED


async def test_where_discord_does_not_tell_they_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    let_through(monkeypatch)
    await give(world, "moderation", world.ada)

    async def fails(*_: int) -> Any:
        raise OSError("the connection broke")

    with monkeypatch.context() as broken:
        broken.setattr(world.bot.http, "get_application_command_permissions", fails)
        assert await said(world, "moderation pause") == REFUSED
    assert "Nobody can draw" in await said(world, "moderation pause")


async def test_a_forged_interaction_is_refused_where_nothing_was_given(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_through(monkeypatch)
    await give(world, "moderation", world.ben)
    assert await said(world, "moderation pause") == REFUSED
    payload = interactions.base_payload

    def bens(backend: Any, **asked: Any) -> Any:
        record, sent = payload(backend, **asked)
        sent["member"]["user"] = sent["member"]["user"] | {"id": str(world.ben.id), "bot": True}
        return record, sent

    monkeypatch.setattr(interactions, "base_payload", bens)
    assert await said(world, "moderation pause") == REFUSED


async def test_a_change_that_discord_tells_of_counts_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    let_through(monkeypatch)
    assert await said(world, "moderation pause") == REFUSED
    await give(world, "moderation", world.ada)
    assert await said(world, "moderation pause") == REFUSED
    guild = world.bot.get_guild(world.env.guild.id)
    event = type("Event", (), {"guild": guild or discord.Object(world.env.guild.id)})()
    await world.bot.on_raw_app_command_permissions_update(event)
    assert "Nobody can draw" in await said(world, "moderation pause")
