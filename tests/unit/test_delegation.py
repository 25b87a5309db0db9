"""Who may use a moderators' command without Manage Server: as the owner set it in Discord, and in doubt nobody."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as some
from simcord.backend.command_access import command_access

from bot.domain.delegation import Overwrite, Overwrites, Subject
from bot.services.delegation import KEPT_S, Delegation
from bot.services.ports.moderation import OverwritesUnknown
from tests.fakes import FakeClock

GUILD, ADA, CHANNEL, ARTISTS, HELPERS, COMMAND, APPLICATION = 1_000, 1, 30, 20, 21, 40, 50
ROLE, USER, PLACE = Subject.ROLE, Subject.USER, Subject.CHANNEL
ALL_CHANNELS = GUILD - 1


def given_to_ada(*command: Overwrite, application: tuple[Overwrite, ...] = ()) -> bool:
    return Overwrites(command, application).give(GUILD, ADA, (ARTISTS, HELPERS, GUILD), CHANNEL)


@pytest.mark.parametrize(
    ("command", "may"),
    [
        ((), False),
        ((Overwrite(USER, ADA, True),), True),
        ((Overwrite(USER, 2, True),), False),
        ((Overwrite(ROLE, ARTISTS, True),), True),
        ((Overwrite(ROLE, ARTISTS, True), Overwrite(ROLE, HELPERS, False)), True),
        ((Overwrite(ROLE, ARTISTS, True), Overwrite(USER, ADA, False)), False),
        ((Overwrite(ROLE, GUILD, True),), True),
        ((Overwrite(ROLE, GUILD, True), Overwrite(ROLE, HELPERS, False)), False),
        ((Overwrite(ROLE, GUILD, False), Overwrite(ROLE, HELPERS, True)), True),
        ((Overwrite(USER, ADA, True), Overwrite(PLACE, CHANNEL, False)), False),
        ((Overwrite(USER, ADA, True), Overwrite(PLACE, ALL_CHANNELS, False)), False),
        ((Overwrite(USER, ADA, True), Overwrite(PLACE, ALL_CHANNELS, False), Overwrite(PLACE, CHANNEL, True)), True),
        ((Overwrite(USER, ADA, True), Overwrite(PLACE, 31, False)), True),
    ],
)
def test_discords_precedence(command: tuple[Overwrite, ...], may: bool) -> None:
    assert given_to_ada(*command) is may


def test_the_applications_own_settings_give_no_command_but_may_close_channels() -> None:
    assert not given_to_ada(application=(Overwrite(USER, ADA, True), Overwrite(ROLE, GUILD, True)))
    closed = (Overwrite(PLACE, CHANNEL, False),)
    assert not given_to_ada(Overwrite(USER, ADA, True), application=closed)
    assert given_to_ada(Overwrite(USER, ADA, True), Overwrite(PLACE, ALL_CHANNELS, True), application=closed)


overwrites = some.lists(
    some.builds(
        Overwrite, some.sampled_from(Subject), some.sampled_from([ADA, ARTISTS, HELPERS, GUILD, CHANNEL, ALL_CHANNELS]),
        some.booleans(),
    ),
    max_size=6,
    unique_by=lambda found: (found.subject, found.id),
).map(tuple)  # fmt: skip


class Backend:
    """As much of SimCord's as its own judgement needs."""

    application_id = APPLICATION

    def __init__(self, settings: Overwrites) -> None:
        self.settings = {COMMAND: settings.command, APPLICATION: settings.application}

    def get_channel(self, _: int) -> Any:
        return SimpleNamespace(guild_id=GUILD, permission_channel_id=lambda: CHANNEL)

    def get_guild(self, _: int) -> Any:
        return SimpleNamespace(members={ADA: SimpleNamespace(role_ids=[ARTISTS, HELPERS])})

    def compute_permissions(self, *_: int) -> int:
        return discord.Permissions(use_application_commands=True).value

    def get_command_permissions(self, _: int, target: int) -> list[dict[str, Any]]:
        return [
            {"id": str(one.id), "type": one.subject.value, "permission": one.allowed} for one in self.settings[target]
        ]


@given(overwrites, overwrites)
def test_it_gives_what_simcord_gives(command: tuple[Overwrite, ...], application: tuple[Overwrite, ...]) -> None:
    settings = Overwrites(command, application)
    wire = {"id": str(COMMAND), "default_member_permissions": str(discord.Permissions(manage_guild=True).value)}
    theirs = command_access(Backend(settings), wire, user_id=ADA, channel_id=CHANNEL)
    assert settings.give(GUILD, ADA, (ARTISTS, HELPERS), CHANNEL) == theirs.allowed


class FakeSettings:
    def __init__(self) -> None:
        self.found = Overwrites((Overwrite(USER, ADA, True),))
        self.asked = 0
        self.fails: Exception | None = None
        self.hangs = False

    async def overwrites(self, guild_id: int, command: str) -> Overwrites:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails
        return self.found


async def test_discord_is_asked_once_a_minute_and_after_a_change() -> None:
    settings, clock = FakeSettings(), FakeClock()
    delegation = Delegation(settings, clock)

    async def given_now() -> bool:
        return await delegation.given("limits", GUILD, ADA, (), CHANNEL)

    assert [await given_now() for _ in range(3)] == [True] * 3
    assert settings.asked == 1
    settings.found = Overwrites()
    clock.at += KEPT_S
    assert not await given_now()
    settings.found = Overwrites((Overwrite(USER, ADA, True),))
    assert not await given_now()
    delegation.forget(GUILD + 1)
    assert not await given_now()
    delegation.forget(GUILD)
    assert await given_now()
    assert settings.asked == 3


async def test_where_discord_does_not_answer_nobody_may_and_it_is_asked_again() -> None:
    settings = FakeSettings()
    delegation = Delegation(settings, FakeClock(), timeout_s=0.05)
    settings.fails = OverwritesUnknown("503")
    assert not await delegation.given("limits", GUILD, ADA, (), CHANNEL)
    settings.fails, settings.hangs = None, True
    assert not await delegation.given("limits", GUILD, ADA, (), CHANNEL)
    settings.hangs = False
    assert await delegation.given("limits", GUILD, ADA, (), CHANNEL)
