"""The same bot and the same acts on SimCord's Discord and on the sandbox: the bot cannot tell the two apart."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable
from typing import Any, Protocol

import discord
import simcord
from discord import app_commands

from tests.sandbox.stage import ADA_DM, BEN, DRAWING, PNG, Stage, TinyBot, plain_intents, stage


class Hands(Protocol):
    """What a member can do, in either world."""

    async def slash(self, name: str, **options: Any) -> None: ...
    async def autocomplete(self, typed: str) -> list[str]: ...
    async def menu(self, name: str) -> None: ...
    async def click(self, custom_id: str) -> None: ...
    async def select(self, custom_id: str, values: list[str]) -> None: ...
    async def form(self, custom_id: str, words: str) -> None: ...
    async def say(self, text: str, *, reply: bool = False, private: bool = False) -> None: ...


class Witness(TinyBot):
    """Writes down all that it learns, in words without ids."""

    def tell(self, *what: Any) -> None:
        self.log.append(" ".join(map(str, what)))

    async def refused(self, attempt: Awaitable[Any]) -> None:
        try:
            await attempt
            self.tell("allowed")
        except discord.HTTPException as error:
            self.tell("refused", error.status, error.code)

    async def on_message(self, message: discord.Message) -> None:
        kind = "DM" if message.guild is None else "guild"
        mentions = sorted("me" if user == self.user else user.name for user in message.mentions)
        author = "me" if message.author == self.user else message.author.name
        files = [file.filename for file in message.attachments]
        self.tell("heard", author, repr(message.content), kind, message.type.name, message.flags.value, mentions, files)

    async def on_message_edit(self, _: discord.Message, after: discord.Message) -> None:
        rows = [len(row.children) for row in after.components if isinstance(row, discord.ActionRow)]
        self.tell("saw edited", repr(after.content), len(after.attachments), rows)

    async def on_raw_message_delete(self, _: discord.RawMessageDeleteEvent) -> None:
        self.tell("saw deleted")


class Words(discord.ui.Modal, title="Words"):
    words: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Words", custom_id="words")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        assert isinstance(interaction.client, Witness)
        interaction.client.tell("form", self.words.value, interaction.message is not None)
        await interaction.response.edit_message(content=self.words.value, view=None)


class Panel(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Edit", custom_id="edit")
    async def edit(self, interaction: discord.Interaction, button: discord.ui.Button[Any]) -> None:
        button.label = "Edited"
        await interaction.response.edit_message(view=self)

    @discord.ui.button(label="Defer", custom_id="defer")
    async def defer(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="deferred, then edited")
        await interaction.followup.send("for you", ephemeral=True)

    @discord.ui.button(label="Form", custom_id="form")
    async def form(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Words())

    @discord.ui.select(
        custom_id="menu", options=[discord.SelectOption(label="subtle"), discord.SelectOption(label="strong")]
    )
    async def menu(self, interaction: discord.Interaction, select: discord.ui.Select[Any]) -> None:
        assert isinstance(interaction.client, Witness)
        interaction.client.tell("chose", select.values)
        await interaction.response.send_message(select.values[0], ephemeral=True)


def define(bot: TinyBot) -> None:
    assert isinstance(bot, Witness)

    @bot.tree.command(description="Draw")
    @app_commands.choices(shape=[app_commands.Choice(name="Tall", value="tall")])
    async def draw(
        interaction: discord.Interaction,
        prompt: str,
        shape: str = "square",
        count: app_commands.Range[int, 1, 4] = 1,
        exact: bool = False,
        whom: discord.Member | None = None,
        style: str = "",
    ) -> None:
        bot.tell("draw", prompt, shape, count, exact, whom and whom.name, style, interaction.permissions.manage_guild)
        bot.tell("may I", interaction.app_permissions.send_messages)
        await interaction.response.defer(ephemeral=True, thinking=True)
        assert isinstance(interaction.channel, discord.TextChannel)
        message = await interaction.channel.send("queued")
        await asyncio.sleep(0.05)  # discord.py edits the message of an event in place: first let the event be heard
        message = await message.edit(content="half", attachments=[png("p.png")])
        message = await message.edit(content="done", view=Panel(), attachments=message.attachments)
        bot.tell("painted", message.attachments[0].filename, message.attachments[0].size)
        await interaction.followup.send("there it is")
        await bot.refused(interaction.followup.send("x" * 2001))
        interaction.response._response_type = None
        await bot.refused(interaction.response.send_message("twice"))
        await bot.refused(interaction.channel.fetch_message(5))
        await bot.refused(interaction.channel.get_partial_message(5).edit(content="x"))
        read_only = discord.utils.get(interaction.channel.guild.text_channels, name="read-only")
        assert read_only is not None
        await bot.refused(read_only.send("may I?"))

    @draw.autocomplete("style")
    async def styles(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=typed + end, value=end) for end in ("A", "B")]

    @bot.tree.command(description="Keep to oneself")
    async def keep(interaction: discord.Interaction) -> None:
        def files(message: discord.Message) -> list[str]:
            return [file.filename for file in message.attachments]

        async def show(content: str, *attachments: discord.Attachment | discord.File) -> discord.InteractionMessage:
            message = await interaction.edit_original_response(content=content, attachments=attachments)
            bot.tell("kept", content, files(message), message.flags.ephemeral)
            return message

        await interaction.response.defer(ephemeral=True, thinking=True)
        half = await show("half", png("half.png"))
        whole = await show("whole", half.attachments[0], png("whole.png"))
        await show("last", whole.attachments[1])
        copy = await interaction.user.send("your copy", file=png("copy.png"))
        await asyncio.sleep(0.05)
        bot.tell("sent", type(copy.channel).__name__, files(copy), copy.guild)
        await copy.edit(content="your own copy", attachments=[*copy.attachments, png("more.png")])
        await copy.delete()
        await bot.refused(copy.edit(content="gone"))

    @bot.tree.context_menu(name="Describe")
    async def describe(interaction: discord.Interaction, message: discord.Message) -> None:
        bot.tell("described", message.content, len(message.attachments), message.author == bot.user)
        await interaction.response.send_message("described", ephemeral=True)
        original = await interaction.original_response()
        await original.edit(content="edited")
        await original.delete()
        await bot.refused(original.edit(content="gone"))


def png(name: str) -> discord.File:
    return discord.File(io.BytesIO(PNG), name)


async def play(member: Hands, bot: Witness) -> list[str]:
    """One story; the answer is what the bot learnt."""
    await member.slash("draw", prompt="a cat", shape="tall", count=2, exact=True, whom="ben")
    bot.tell(await member.autocomplete("wat"))
    await member.menu("Describe")
    await member.click("edit")
    await member.click("defer")
    await member.select("menu", ["strong"])
    await member.say("make it night", reply=True)
    await member.form("form", "new words")
    await member.say("to nobody")
    await member.say("in private", private=True)
    await member.slash("keep")
    return bot.log


class SandboxHands:
    def __init__(self, on: Stage) -> None:
        self.on = on

    def panel(self) -> str:
        """The id of the bot's message with the picture."""
        return next(str(m.id) for m in self.on.sandbox.world.messages.values() if m.attachments)

    async def settled(self) -> None:
        """Wait until the bot has been silent for a while."""
        log = self.on.bot.log
        count = -1
        while count != len(log):
            count = len(log)
            await asyncio.sleep(0.08)

    async def slash(self, name: str, **options: Any) -> None:
        if "whom" in options:
            options["whom"] = str(BEN)
        await self.on.command(name, **options)
        await self.settled()

    async def autocomplete(self, typed: str) -> list[str]:
        answer = await self.on.act(
            "autocomplete", name="draw", options={"prompt": "x", "style": typed}, focused="style"
        )
        return [choice["name"] for choice in answer["choices"]]

    async def menu(self, name: str) -> None:
        await self.on.act("menu", name=name, target_id=self.panel())
        await self.settled()

    async def click(self, custom_id: str) -> None:
        await self.on.act("click", message_id=self.panel(), custom_id=custom_id)
        await self.settled()

    async def select(self, custom_id: str, values: list[str]) -> None:
        await self.on.act("select", message_id=self.panel(), custom_id=custom_id, values=values)
        await self.settled()

    async def form(self, custom_id: str, words: str) -> None:
        shown = await self.on.act("click", message_id=self.panel(), custom_id=custom_id)
        await self.on.act("modal", interaction_id=shown["interaction_id"], fields={"words": words})
        await self.settled()

    async def say(self, text: str, *, reply: bool = False, private: bool = False) -> None:
        channel = ADA_DM if private else DRAWING
        await self.on.act("message", channel=channel, content=text, reply_to=self.panel() if reply else None)
        await self.settled()


class SimCordHands:
    def __init__(self, env: Any, channel: Any, ada: Any, ben: Any) -> None:
        self.env = env
        self.channel = channel
        self.ada = ada
        self.ben = ben

    async def panel(self) -> Any:
        bot_channel = self.env.bot.get_channel(self.channel.id)
        return next(m for m in [m async for m in bot_channel.history()] if m.attachments)

    async def slash(self, name: str, **options: Any) -> None:
        if "whom" in options:
            options["whom"] = self.ben
        await self.ada.slash(self.channel, name, **options)

    async def autocomplete(self, typed: str) -> list[str]:
        choices = await self.ada.autocomplete(self.channel, "draw", "style", typed, prompt="x")
        return [choice["name"] for choice in choices]

    async def menu(self, name: str) -> None:
        await self.ada.context_menu(self.channel, name, await self.panel())

    async def click(self, custom_id: str) -> None:
        await self.ada.click(await self.panel(), custom_id=custom_id)

    async def select(self, custom_id: str, values: list[str]) -> None:
        await self.ada.select(await self.panel(), values, custom_id=custom_id)

    async def form(self, custom_id: str, words: str) -> None:
        shown = await self.ada.click(await self.panel(), custom_id=custom_id)
        await self.ada.submit_modal(shown, {"words": words})

    async def say(self, text: str, *, reply: bool = False, private: bool = False) -> None:
        if private:
            await self.ada.send_dm(text)
        else:
            await self.ada.send(self.channel, text, reply_to=await self.panel() if reply else None)


async def on_simcord() -> list[str]:
    bot = Witness(define, [], plain_intents())
    async with simcord.run(bot) as env:
        guild = env.create_guild()
        channel = guild.create_text_channel("drawing")
        deny = discord.PermissionOverwrite(send_messages=False)
        guild.create_text_channel("read-only", overwrites={bot.user: deny})
        ada, ben = (guild.add_member(env.create_user(name)) for name in ("ada", "ben"))
        return await play(SimCordHands(env, channel, ada, ben), bot)


async def test_the_bot_cannot_tell_them_apart() -> None:
    # A task has a context of its own: SimCord puts its webhook adapter there.
    expected = await asyncio.create_task(on_simcord())
    async with stage(define, kind=Witness) as on:
        assert isinstance(on.bot, Witness)
        found = await play(SandboxHands(on), on.bot)
    # Events come in their own time over a real socket: their order holds among themselves.
    for events in (True, False):
        assert [line for line in found if is_event(line) is events] == [
            line for line in expected if is_event(line) is events
        ]


def is_event(line: str) -> bool:
    return line.startswith(("heard", "saw"))
