"""Slash commands, their options and menus: what a member types is what the bot's callback gets."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from bot.sandbox.guild import MODERATORS
from tests.sandbox.stage import BACK_ROOM, BEN, DRAWING, MO, TinyBot, stage


def options(bot: TinyBot) -> None:
    @bot.tree.command(description="Draw")
    @app_commands.choices(
        shape=[app_commands.Choice(name="Tall", value="tall"), app_commands.Choice(name="Wide", value="wide")]
    )
    async def imagine(
        interaction: discord.Interaction,
        prompt: app_commands.Range[str, 1, 40],
        shape: str = "square",
        count: app_commands.Range[int, 1, 4] = 1,
        strength: float = 0.5,
        exact: bool = False,
        style: str = "",
    ) -> None:
        await interaction.response.send_message(f"{prompt}|{shape}|{count}|{strength}|{exact}|{style}")

    @imagine.autocomplete("style")
    async def styles(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        assert interaction.namespace.prompt == "a cat"
        return [app_commands.Choice(name=f"{typed}colour", value="w"), app_commands.Choice(name="Oil", value="o")]

    limits = app_commands.Group(
        name="limits", description="Limits", default_permissions=discord.Permissions(manage_guild=True), guild_only=True
    )

    @limits.command(name="set", description="Set")
    async def set_limit(
        interaction: discord.Interaction,
        target: discord.Member | discord.Role,
        where: discord.TextChannel,
        picture: discord.Attachment,
    ) -> None:
        size = len(await picture.read())
        await interaction.response.send_message(f"{target} {where} {picture.width}x{picture.height} {size}")

    bot.tree.add_command(limits)

    @bot.tree.context_menu(name="Describe")
    async def describe(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{message.author}: {message.content}", ephemeral=True)

    @bot.tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"Hello {member.display_name}")


async def test_options_arrive_in_their_own_types() -> None:
    async with stage(options) as on:
        outcome = await on.command("imagine", prompt="a cat", shape="tall", count="2", strength="0.25", exact="true")
        assert outcome["outcome"] == "message"
        answer = (await on.seen("Ben"))[-1]
        assert answer["content"] == "a cat|tall|2|0.25|True|"
        assert answer["id"] == outcome["message_id"]
        assert answer["interaction"]["name"] == "imagine"
        assert answer["interaction_metadata"]["user"]["username"] == "ada"


async def test_autocomplete_offers_what_the_bot_offers() -> None:
    async with stage(options) as on:
        answer = await on.act(
            "autocomplete", name="imagine", options={"prompt": "a cat", "style": "water"}, focused="style"
        )
        assert [choice["name"] for choice in answer["choices"]] == ["watercolour", "Oil"]


async def test_people_places_and_files_are_resolved() -> None:
    async with stage(options) as on:
        async with on.session.post(
            "/page/upload?as=Mo&name=my picture.png", data=b"\x89PNG\r\n\x1a\n" + b"\0" * 11 + b"\7\0\0\0\5"
        ) as response:
            upload = await response.json()
        assert upload["filename"] == "my_picture.png"
        given = {"where": str(DRAWING), "picture": upload["id"]}
        await on.command("limits set", "Mo", target=str(BEN), **given)
        await on.command("limits set", "Mo", target=str(MODERATORS), **given)
        assert await on.texts() == ["ben drawing 7x5 24", "Moderators drawing 7x5 24"]
        assert (await on.seen())[0]["interaction"]["name"] == "limits set"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "This option is required: prompt"),
        ({"prompt": "x" * 41}, "prompt must be at most 40 characters."),
        ({"prompt": "x", "count": "9"}, "count must be at most 4."),
        ({"prompt": "x", "count": "two"}, "count must be a whole number."),
        ({"prompt": "x", "exact": "perhaps"}, "exact must be true or false."),
        ({"prompt": "x", "shape": "round"}, "shape must be one of: Tall, Wide."),
        (
            {"prompt": "x", "colour": "red"},
            "This command has no option “colour”. It has: prompt, shape, count, strength, exact, style",
        ),
    ],
)
async def test_options_that_discord_would_not_send(given: dict[str, str], complaint: str) -> None:
    async with stage(options) as on:
        status, answer = await on.try_to("command", name="imagine", options=given)
        assert (status, answer["message"]) == (400, complaint)


async def test_commands_are_for_those_who_may_use_them() -> None:
    async with stage(options) as on:
        status, answer = await on.try_to("command", "Ben", name="limits set", options={})
        assert (status, answer["code"]) == (404, 10063)
        async with on.session.get("/page/state?as=Ben") as response:
            assert "limits" not in [command["name"] for command in (await response.json())["commands"]]
        status, _ = await on.try_to("command", "Mo", channel=MO + 30, name="limits set", options={})
        assert status == 404  # guild-only, and this is a direct message
        status, _ = await on.try_to("command", "Ada", channel=BACK_ROOM, name="imagine", options={"prompt": "x"})
        assert status == 404  # Ada does not see that channel


async def test_menus_of_messages_and_people() -> None:
    async with stage(options) as on:
        message = await on.act("message", "Ben", content="a secret that the bot may not read")
        await on.act("menu", name="Describe", target_id=message["id"])
        assert (await on.texts())[-1] == "ben: a secret that the bot may not read"
        await on.act("menu", name="Greet", target_id=str(BEN))
        assert (await on.texts())[-1] == "Hello Ben"


async def test_interactions_tell_where_they_are_and_what_the_bot_may_do() -> None:
    told: list[Any] = []

    def define(bot: TinyBot) -> None:
        @bot.tree.command(description="Where")
        async def where(interaction: discord.Interaction) -> None:
            told.append(interaction)
            await interaction.response.send_message("here", ephemeral=True)

    async with stage(define) as on:
        await on.command("where", "Mo")
        await on.command("where", channel=DRAWING + 1)
        await on.command("where", "Mo", channel=BACK_ROOM)
        await on.command("where", channel=1100000000000000031)
    drawing, read_only, back_room, dm = told
    assert drawing.app_permissions.send_messages
    assert drawing.permissions.manage_guild
    assert drawing.guild.owner_id == MO
    assert drawing.user.roles[-1].name == "Moderators"
    assert not read_only.app_permissions.send_messages
    assert read_only.app_permissions.view_channel
    assert not read_only.permissions.manage_guild
    assert not back_room.app_permissions.view_channel
    assert dm.guild is None
    assert isinstance(dm.channel, discord.DMChannel)
    assert dm.context.dm_channel
    assert dm.filesize_limit == 10 * 1024 * 1024


async def test_a_synced_command_keeps_its_id() -> None:
    async with stage(options) as on:
        before = {command.name: command.id for command in await on.bot.tree.fetch_commands()}
        after = {command.name: command.id for command in await on.bot.tree.sync()}
        assert before == after
        on.bot.tree.clear_commands(guild=None)
        await on.bot.tree.sync()
        assert await on.bot.tree.fetch_commands() == []


@pytest.mark.parametrize(
    ("asked", "given"), [("zh-CN", "zh-CN"), ("zh", "zh-CN"), ("de-AT", "de"), ("tlh", "en-US"), (None, "en-US")]
)
async def test_a_member_has_a_language(asked: str | None, given: str) -> None:
    def define(bot: TinyBot) -> None:
        @bot.tree.command(description="Hello")
        async def hello(interaction: discord.Interaction) -> None:
            await interaction.response.send_message(interaction.locale.value)

    async with stage(define) as on:
        await on.act("command", name="hello", options={}, locale=asked)
        assert await on.texts() == [given]
