"""Every moderators' verb of the tree, by everyone who is no moderator there: one sentence, and no row changed."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, get_args, get_type_hints

import discord
import pytest
from discord import AppCommandOptionType as Type
from discord import app_commands
from simcord import interactions

from bot.domain.actor import Actor, NotModerator
from bot.domain.jobs import Place
from bot.domain.limit_rules import Kind, Rule, Target
from bot.domain.model_rules import ModelKind, ModelRef
from bot.domain.quota import Limit
from bot.errors import is_expected
from bot.ui.i18n import text
from engine.api.messages import Model, ModelFacts
from tests.integration.conftest import World

REFUSED = text("en", "refused-not-moderator")
MANAGES = str(discord.Permissions(manage_guild=True, send_messages=True, view_channel=True).value)
PLAIN = str(discord.Permissions(send_messages=True, view_channel=True).value)
WHO = ("member", "member with a role", "moderator of another server", "bot", "direct message")
KNOWN = {
    "limits show", "limits set", "limits reset", "limits grant", "limits why", "moderation block",
    "moderation unblock", "moderation words add", "moderation words remove", "moderation words list",
    "moderation channels allow", "moderation channels deny", "moderation channels list", "moderation log",
    "moderation models allow", "moderation models deny", "moderation models list",
    "moderation log-channel", "moderation pause", "moderation resume",
    "moderation nsfw", "moderation review", "stats",
}  # fmt: skip
"""What there must be; whatever the tree has beside it is put through the table all the same."""


def verbs(world: World) -> dict[str, app_commands.Command[Any, ..., Any]]:
    """Return the commands whose root has default permissions, by their full names."""
    return {
        command.qualified_name: command
        for command in world.bot.tree.walk_commands()
        if isinstance(command, app_commands.Command)
        and (command.root_parent or command).default_permissions is not None
    }


def options(world: World, command: app_commands.Command[Any, ..., Any]) -> dict[str, Any]:
    """Return a value for each option, as its type asks."""
    values: dict[Type, Any] = {
        Type.user: world.ada, Type.mentionable: world.ada, Type.channel: world.channel, Type.string: "2h",
        Type.boolean: True, Type.role: world.env.guild.default_role,
    }  # fmt: skip
    found = {}
    for option in command.parameters:
        if option.choices:
            found[option.name] = option.choices[0].value
        elif option.type in (Type.integer, Type.number):
            found[option.name] = max(1, int(option.min_value or 1))
        else:
            found[option.name] = values[option.type]
    return found


def forge(world: World, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    """Let every further interaction come from `who`, whatever Discord would say."""
    payload, other = interactions.base_payload, world.env.create_guild(name="Elsewhere")
    role = world.env.guild.create_role("Artists")

    def forged(backend: Any, **asked: Any) -> Any:
        record, sent = payload(backend, **asked)
        member = sent["member"]
        match who:
            case "direct message":
                user = sent.pop("member")["user"]
                kept = {key: value for key, value in sent.items() if not key.startswith("guild")}
                return record, kept | {"user": user}
            case "bot":
                member |= {"user": member["user"] | {"bot": True}, "permissions": MANAGES}
            case "moderator of another server":
                sent |= {"guild_id": str(other.id)}
                member |= {"permissions": MANAGES}
            case _:
                member |= {"roles": [str(role.id)] if "role" in who else [], "permissions": PLAIN}
        return record, sent

    monkeypatch.setattr(interactions, "base_payload", forged)


async def furnish(world: World, boss: Any) -> None:
    """Leave something for each verb to change."""
    await boss.slash(world.channel, "limits set", target=world.ada, images=2, per="hour")
    await boss.slash(world.channel, "limits grant", user=world.ada, images=2)
    await boss.slash(world.channel, "moderation block", user=world.ada)
    await boss.slash(world.channel, "moderation words add", word="2h")
    await boss.slash(world.channel, "moderation channels deny", channel=world.channel)
    await boss.slash(world.channel, "moderation pause")


async def dump(world: World) -> list[str]:
    return await world.database.read(lambda connection: list(connection.iterdump()))


@pytest.fixture
def boss(world: World) -> Any:
    managers = world.env.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    return world.env.guild.add_member(world.env.create_user("Boss"), roles=[managers])


async def test_the_tree_has_every_verb(world: World) -> None:
    assert set(verbs(world)) >= KNOWN
    for command in verbs(world).values():
        root = command.root_parent or command
        assert root.default_permissions == discord.Permissions(manage_guild=True)
        assert root.guild_only


@pytest.mark.parametrize("who", WHO)
async def test_a_forged_interaction_is_refused_with_no_row_changed(
    world: World, boss: Any, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    await furnish(world, boss)
    before, table = await dump(world), verbs(world)
    forge(world, monkeypatch, who)
    for name, command in table.items():
        result = await boss.slash(world.channel, name, **options(world, command))
        assert result.response.content == REFUSED, name
        assert result.ephemeral, name
        assert await dump(world) == before, name


@pytest.mark.parametrize("who", WHO)
async def test_a_moderators_page_does_not_turn_for_others(
    world: World, boss: Any, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    for number in range(12):
        await boss.slash(world.channel, "moderation pause", reason=f"{number}")
    log = await boss.slash(world.channel, "moderation log")
    before = await dump(world)
    forge(world, monkeypatch, who)
    turned = await boss.click(log.response, label="Older ▶")
    assert [(said.content, said.ephemeral) for said in turned.followups] == [(REFUSED, True)]
    assert "page 1 of 2" in turned.response.content
    assert await dump(world) == before


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("label", ["Release", "Remove"])
async def test_others_decide_on_no_held_picture(
    world: World, boss: Any, monkeypatch: pytest.MonkeyPatch, who: str, label: str
) -> None:
    world.engine.listed = [Model("fake", limner=ModelFacts("painter", check="on"))]
    world.engine.scores = [0.9]
    await boss.slash(world.channel, "moderation nsfw", policy="hold")
    await world.ada.slash(world.channel, "imagine", prompt="a boat")
    held = await boss.slash(world.channel, "moderation review")
    before = await dump(world)
    forge(world, monkeypatch, who)
    pressed = await boss.click(held.response, label=label)
    said = [*pressed.followups, pressed.response]
    assert (REFUSED, True) in [(message.content, message.ephemeral) for message in said if message]
    assert await dump(world) == before


async def test_a_moderator_is_refused_nowhere(world: World, boss: Any) -> None:
    """So that the table refuses because of who asks, not of what is asked."""
    for name, command in verbs(world).items():
        result = await boss.slash(world.channel, name, **options(world, command))
        assert result.response.content != REFUSED, name


WRONG = {
    "member": Actor(1, 7),
    "member with a role": Actor(5, 7, manages=False),
    "bot": Actor(2, 7, manages=True, is_bot=True),
    "direct message": Actor(3, None, manages=True),
}
VALUES: dict[Any, Any] = {
    Rule: Rule(Target(Kind.USER, 1), Limit(1, "hour")), Target: Target(Kind.USER, 1), Place: Place(1, 1, 7),
    ModelRef: ModelRef(ModelKind.LORA, "ink"),
    int: 1, str: "word", bool: True,
}  # fmt: skip
GUILDS = {"guild_id": 7}
"""The server of those who ask."""


def orders(world: World) -> dict[str, Callable[[Actor], Awaitable[Any]]]:
    """Return every public method of the services that takes an actor."""
    found: dict[str, Callable[[Actor], Awaitable[Any]]] = {}
    made = world.bot.services
    for field in made.__dataclass_fields__:
        for name, method in inspect.getmembers(getattr(made, field), inspect.iscoroutinefunction):
            if not name.startswith("_") and "actor" in inspect.signature(method).parameters:
                found[f"{field}.{name}"] = bound(method)
    return found


def bound(method: Callable[..., Awaitable[Any]]) -> Callable[[Actor], Awaitable[Any]]:
    """Return the method with a value for whatever it must be given beside the actor."""
    hints, given = get_type_hints(method), {}
    for name, parameter in inspect.signature(method).parameters.items():
        if name != "actor" and parameter.default is inspect.Parameter.empty:
            given[name] = GUILDS.get(name, value(hints[name]))
    return lambda actor: method(actor=actor, **given)


def value(kind: Any) -> Any:
    first = (get_args(kind) or (kind,))[0]  # of `int | None`, an int
    return next(iter(first)) if inspect.isclass(first) and issubclass(first, Enum) else VALUES[first]


@pytest.mark.parametrize("who", WRONG)
async def test_the_services_refuse_too(world: World, boss: Any, who: str) -> None:
    await furnish(world, boss)
    before, table = await dump(world), orders(world)
    assert len(table) >= 16
    for name, order in table.items():
        with pytest.raises(NotModerator):
            await order(WRONG[who])
        assert await dump(world) == before, name


async def test_at_the_services_another_servers_moderator_reaches_no_row_of_this_one(world: World, boss: Any) -> None:
    await furnish(world, boss)
    here, elsewhere = world.env.guild.id, Actor(3, 8, manages=True)

    async def ours() -> list[str]:
        return [line for line in await dump(world) if str(here) in line]

    before = await ours()
    assert len(before) >= 6
    for name, order in orders(world).items():
        try:
            await order(elsewhere)
        except NotModerator:
            continue
        except Exception as error:
            assert is_expected(error), name  # of their own server there is nothing to lift, say
        assert await ours() == before, name
