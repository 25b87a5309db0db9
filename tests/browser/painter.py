"""A scripted bot with the whole surface of a picture bot: what a member meets on the page, without any model."""

from __future__ import annotations

import io
from typing import Any

import discord
from discord import app_commands
from PIL import Image, ImageDraw

from tests.sandbox.stage import TinyBot

Interaction = discord.Interaction[Any]
CHINESE = {
    "imagine": "画图",
    "prompt": "描述",
    "shape": "形状",
    "style": "风格",
    "count": "张数",
    "image": "图片",
    "Draw a picture from a few words": "用几个词画一张图",
    "What to draw": "要画什么",
    "Tall": "竖长",
    "Wide": "横宽",
    "Oil painting": "油画",
    "Watercolour": "水彩",
    "Refine picture": "修改图片",
}


def paint(
    name: str, description: str | None = None, size: tuple[int, int] = (256, 256), sky: str = "#e8894a"
) -> discord.File:
    """A picture that a person can tell from others: a sky, a sea and a boat."""
    width, height = size
    image = Image.new("RGB", size, sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.6, width, height), fill="#24507a")
    draw.polygon([(width * x, height * y) for x, y in ((0.35, 0.6), (0.65, 0.6), (0.6, 0.7), (0.4, 0.7))], "#f4f1e8")
    data = io.BytesIO()
    image.save(data, "PNG")
    data.seek(0)
    return discord.File(data, name, description=description)


class Chinese(app_commands.Translator):
    async def translate(self, string: app_commands.locale_str, locale: discord.Locale, context: Any) -> str | None:
        return CHINESE.get(string.message) if locale is discord.Locale.chinese else None


class Refine(discord.ui.Modal, title="Refine this picture"):
    words: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="What should change?", placeholder="night, add a boat", required=False, max_length=300
    )
    prompt: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="The whole prompt",
        style=discord.TextStyle.paragraph,
        default="a small boat on the sea at sunset,\nwarm light",
        required=False,
        max_length=2000,
    )

    async def on_submit(self, interaction: Interaction) -> None:
        await interaction.response.send_message(f"Refined: {self.words.value}|{self.prompt.value}", ephemeral=True)


class Vary(discord.ui.View):
    """Two selects in an ephemeral message; the second choice starts the work."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.which = "1"

    @discord.ui.select(
        custom_id="which",
        placeholder="Which picture?",
        options=[discord.SelectOption(label=f"Picture {n}", value=str(n)) for n in (1, 2, 3, 4)],
    )
    async def choose(self, interaction: Interaction, select: discord.ui.Select[Any]) -> None:
        self.which = select.values[0]
        await interaction.response.defer()

    @discord.ui.select(
        custom_id="strength",
        placeholder="How much?",
        options=[
            discord.SelectOption(label="Subtle", value="subtle", description="Small changes", emoji="🌱"),
            discord.SelectOption(label="Strong", value="strong", description="Much may change", emoji="🌪️"),
        ],
    )
    async def vary(self, interaction: Interaction, select: discord.ui.Select[Any]) -> None:
        await interaction.response.edit_message(content=f"Varying {self.which}: {select.values[0]}", view=None)


class Buttons(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Refine", custom_id="refine", style=discord.ButtonStyle.primary)
    async def refine(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Refine())

    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.defer()

    @discord.ui.button(label="Vary", custom_id="vary")
    async def vary(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_message("Vary this picture:", view=Vary(), ephemeral=True)

    @discord.ui.button(label="Upscale", custom_id="upscale")
    async def upscale(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.defer()

    @discord.ui.button(label="Details", custom_id="details")
    async def details(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_message(embed=details(), ephemeral=True)

    @discord.ui.button(label="Delete", custom_id="delete", style=discord.ButtonStyle.danger, row=1)
    async def delete(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        assert interaction.message is not None
        await interaction.message.delete()
        await interaction.response.send_message("Deleted.", ephemeral=True)


def details() -> discord.Embed:
    embed = discord.Embed(
        title="Details", description="Understood as: a small boat on the sea at sunset", color=0x5865F2
    )
    embed.add_field(name="Prompt", value="a small boat on the sea at sunset, warm light, oil painting", inline=False)
    embed.add_field(name="Not in it", value="people, text", inline=False)
    for name, value in {
        "Seed": "`1234567890`",
        "Steps": "8",
        "Size": "512 × 512",
        "Model": "starter",
        "Time": "2.3 s",
    }.items():
        embed.add_field(name=name, value=value)
    embed.set_footer(text="2 ancestors")
    return embed


class Gallery(discord.ui.View):
    """Pages of pictures: each an embed with a thumbnail and a way to its message."""

    def __init__(self, links: list[str], page: int = 0) -> None:
        super().__init__(timeout=None)
        self.links, self.page = links, page
        self.back.disabled = page == 0

    def content(self) -> dict[str, Any]:
        embeds, files = [], []
        for number in (1, 2):
            name = f"p{self.page}{number}.png"
            files.append(paint(name, sky=("#e8894a", "#26315f")[self.page % 2]))
            embed = discord.Embed(
                title=f"Picture {self.page * 2 + number}", description=f"a boat at sea\n[Show it]({self.links[0]})"
            )
            embeds.append(embed.set_thumbnail(url=f"attachment://{name}"))
        return {"content": f"Your pictures, page {self.page + 1}", "embeds": embeds, "files": files}

    @discord.ui.button(label="Back", custom_id="back")
    async def back(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await self.turn(interaction, -1)

    @discord.ui.button(label="Next", custom_id="next")
    async def next(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await self.turn(interaction, 1)

    async def turn(self, interaction: Interaction, step: int) -> None:
        other = Gallery(self.links, self.page + step)
        content = other.content()
        await interaction.response.edit_message(attachments=content.pop("files"), view=other, **content)


def limner(bot: TinyBot) -> None:
    """Define everything on the bot."""
    shapes = [
        app_commands.Choice(name=app_commands.locale_str(name), value=name.lower())
        for name in ("Square", "Tall", "Wide")
    ]

    @bot.tree.command(description="Draw a picture from a few words")
    @app_commands.describe(prompt="What to draw", image="A picture to start from", style="How it looks")
    @app_commands.choices(shape=shapes)
    async def imagine(
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 2000],
        image: discord.Attachment | None = None,
        strength: app_commands.Range[float, 0, 1] = 0.6,
        style: str = "-",
        shape: str = "square",
        count: app_commands.Range[int, 1, 4] = 1,
        negative: str = "",
        seed: int = 0,
        model: str = "-",
        exact: bool = False,
        private: bool = False,
    ) -> None:
        bot.log.append(f"asked in {interaction.locale}")
        said = f"{prompt}|{image and image.filename}|{strength}|{style}|{shape}|{count}|{model}|{exact}"
        pictures = [paint(f"p{n}.png", f"{prompt}, picture {n} of {count}") for n in range(1, count + 1)]
        if private:
            await interaction.response.defer(ephemeral=True, thinking=True)
            half = paint("half.png", "a preview", (64, 64))
            await interaction.edit_original_response(content="Painting, half done", attachments=[half])
            await interaction.edit_original_response(
                content=f"Understood as: {prompt}", attachments=pictures, view=Buttons()
            )
            return
        await interaction.response.send_message(f"On its way: {said}", ephemeral=True)
        assert isinstance(interaction.channel, discord.abc.Messageable)
        post = await interaction.channel.send("Queued")
        await post.edit(content=f"**Understood as:** {prompt}", attachments=pictures, view=Buttons())

    @imagine.autocomplete("style")
    @imagine.autocomplete("model")
    async def offers(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        names = {"Oil painting": "oil", "Watercolour": "water", "Ink and wash": "ink", "Flat colours": "flat"}
        return [
            app_commands.Choice(name=app_commands.locale_str(name), value=value)
            for name, value in names.items()
            if typed.lower() in name.lower() or typed in CHINESE.get(name, "")
        ]

    my = app_commands.Group(name="my", description="What is yours")

    @my.command(name="pictures", description="Your pictures")
    async def pictures(interaction: Interaction) -> None:
        assert isinstance(interaction.channel, discord.TextChannel)
        link = f"https://discord.com/channels/{interaction.guild_id}/{interaction.channel_id}/"
        first = next(message for message in bot.messages if message.attachments or message.author == bot.user)
        view = Gallery([link + str(first.id)])
        await interaction.response.send_message(view=view, ephemeral=True, **view.content())

    @my.command(name="export", description="Your data, by direct message")
    async def export(interaction: Interaction) -> None:
        await interaction.response.send_message("It comes by direct message.", ephemeral=True)
        await interaction.user.send(
            "Your data:", file=discord.File(io.BytesIO(b"PK\x05\x06" + bytes(18)), "limner.zip")
        )

    bot.tree.add_command(my)

    @bot.tree.context_menu(name="Refine picture")
    async def refine(interaction: Interaction, message: discord.Message) -> None:
        await interaction.response.send_modal(Refine())

    @bot.tree.context_menu(name="Start from this picture")
    async def start(interaction: Interaction, message: discord.Message) -> None:
        names = ", ".join(file.filename for file in message.attachments) or "nothing"
        await interaction.response.send_message(f"Starting from {names}", ephemeral=True)

    async def heard(message: discord.Message) -> None:
        if not message.content:
            await message.reply("I could not read that: reply with the ping on.", mention_author=False)
            return
        post = await message.reply(f"Refining: {message.content}", mention_author=False)
        night = paint("night.png", message.content, sky="#26315f")
        await post.edit(
            content=f"Refined: {message.content}", attachments=[night], allowed_mentions=discord.AllowedMentions.none()
        )

    bot.heard = heard


class Limner(TinyBot):
    async def setup_hook(self) -> None:
        await self.tree.set_translator(Chinese())
        await super().setup_hook()
