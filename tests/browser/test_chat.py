"""The chat page in a browser: typed, clicked and read as a person does."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord import app_commands
from playwright.async_api import Locator, Page, expect

from tests.sandbox.stage import PNG, Stage, TinyBot, picture, stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Refine(discord.ui.Modal, title="Refine"):
    words: discord.ui.TextInput[Any] = discord.ui.TextInput(label="What should change?", min_length=3)
    prompt: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Prompt", style=discord.TextStyle.paragraph, default="a small boat", required=False
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{self.words.value} / {self.prompt.value}", ephemeral=True)


class Buttons(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Refine", custom_id="refine", style=discord.ButtonStyle.primary)
    async def refine(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Refine())

    @discord.ui.button(label="Again", custom_id="again", disabled=True)
    async def again(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None: ...

    @discord.ui.button(label="Silent", custom_id="silent")
    async def silent(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None: ...

    @discord.ui.select(
        custom_id="vary",
        placeholder="How much?",
        options=[discord.SelectOption(label=name) for name in ("subtle", "strong")],
    )
    async def vary(self, interaction: discord.Interaction, select: discord.ui.Select[Any]) -> None:
        await interaction.response.send_message(f"Varied: {select.values[0]}", ephemeral=True)


def painter(bot: TinyBot) -> None:
    @bot.tree.command(description="Draw a picture from a few words")
    @app_commands.choices(shape=[app_commands.Choice(name=name, value=name) for name in ("square", "tall", "wide")])
    async def imagine(
        interaction: discord.Interaction,
        prompt: str,
        style: str = "-",
        shape: str = "-",
        count: app_commands.Range[int, 1, 4] = 1,
        exact: bool = False,
    ) -> None:
        await interaction.response.send_message(f"I heard: {prompt}|{style}|{shape}|{count}|{exact}", ephemeral=True)
        assert isinstance(interaction.channel, discord.TextChannel)
        message = await interaction.channel.send("Queued")
        await message.edit(content="**Done**", attachments=[picture("p.png", "a boat")], view=Buttons())

    @imagine.autocomplete("style")
    async def styles(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        styles = {"Oil painting": "oil", "Watercolour": "water"}
        return [app_commands.Choice(name=n, value=v) for n, v in styles.items() if typed.lower() in n.lower()]

    @bot.tree.command(description="Think for a while")
    async def think(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await bot.wait_for("thought")
        await interaction.followup.send("thought")

    @bot.tree.command(description="Start from a picture")
    async def trace(interaction: discord.Interaction, words: str, image: discord.Attachment) -> None:
        await interaction.response.send_message(f"{words}: {image.filename}, {image.size} bytes", ephemeral=True)

    @bot.tree.command(description="Say nothing")
    async def nothing(interaction: discord.Interaction) -> None: ...

    @bot.tree.context_menu(name="Describe")
    async def describe(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"{len(message.attachments)} picture", ephemeral=True)

    async def heard(message: discord.Message) -> None:
        await message.reply(f"You said: {message.content or 'nothing that I can read'}", mention_author=False)

    bot.heard = heard


async def visit(page: Page, on: Stage, speaker: str = "Speaking as", message: str = "Message") -> Locator:
    """Open the page; the answer is the message box. Both labels are those of the browser's language."""
    await page.goto(on.sandbox.url)
    await expect(page.get_by_label(speaker)).to_have_value("Ada")
    return page.get_by_label(message)


def suggestions(page: Page, name: str = "Suggestions") -> Locator:
    return page.get_by_role("listbox", name=name).get_by_role("option")


def articles(page: Page) -> Locator:
    return page.get_by_role("article")


async def test_one_enter_sends_with_the_completion_open(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        await expect(page.get_by_text("A little Discord on your own machine")).to_be_visible()
        await box.press_sequentially("/ima")
        await expect(suggestions(page)).to_have_text(["/imagineDraw a picture from a few words"])
        await box.press_sequentially("gine a red boat sh")
        await expect(suggestions(page)).to_contain_text(["shape:"])
        await box.press("Enter")
        await expect(articles(page).first).to_contain_text("I heard: a red boat sh|-|-|1|False")
        await expect(articles(page)).to_have_count(2)
        await expect(articles(page).last.get_by_role("img")).to_have_attribute("alt", "a boat")
        await expect(articles(page).last.locator("strong")).to_have_text("Done")
        await expect(articles(page).last.get_by_role("button", name="Again")).to_be_disabled()
        await expect(box).to_have_value("")


async def test_options_before_and_after_the_words(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        for text, heard in {
            "/imagine prompt: a cat shape: tall": "a cat|-|tall|1|False",
            "/imagine a cat count: 2 exact: true": "a cat|-|-|2|True",
            "/imagine shape: wide count: 3 two cats: fat": "two cats: fat|-|wide|3|False",
            "/imagine 夕阳下的海滩 style: 水彩": "夕阳下的海滩|水彩|-|1|False",
        }.items():
            await box.fill(text)
            await box.press("Enter")
            await expect(articles(page).filter(has_text=f"I heard: {heard}")).to_have_count(1)
        await box.fill("/imagine a cat count: nine")
        await box.press("Enter")
        await expect(page.get_by_text("count must be a whole number.")).to_be_visible()
        await expect(box).to_have_value("/imagine a cat count: nine")
        await box.fill("/imagine")
        await box.press("Enter")
        await expect(page.get_by_text("This option is required: prompt")).to_be_visible()


async def test_tab_and_arrows_complete(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        await box.press_sequentially("/")
        await expect(suggestions(page)).to_have_count(4)
        await box.press("ArrowDown")
        await box.press("ArrowUp")
        await box.press("Tab")
        await expect(box).to_have_value("/imagine ")
        await box.press_sequentially("a cat sha")
        await box.press("Tab")
        await expect(box).to_have_value("/imagine a cat shape: ")
        await expect(suggestions(page)).to_have_text(["square", "tall", "wide"])
        await box.press("ArrowDown")
        await box.press("Tab")
        await box.press_sequentially("style: wat")
        await expect(suggestions(page)).to_have_text(["Watercolour"])
        await box.press("Tab")
        await expect(box).to_have_value("/imagine a cat shape: tall style: Watercolour ")
        await box.press("Enter")
        await expect(articles(page).first).to_contain_text("I heard: a cat|water|tall|1|False")


async def test_shift_enter_is_a_new_line_and_text_is_only_text(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        await box.press_sequentially("<img src=x onerror=alert(1)> **bold**")
        await box.press("Shift+Enter")
        await box.press_sequentially("`code` <t:0:R> @Ben")
        await box.press("Enter")
        own = articles(page).first
        await expect(own).to_contain_text("<img src=x onerror=alert(1)> bold\ncode")
        await expect(own.locator("strong")).to_have_text("bold")
        await expect(own.locator("code")).to_have_text("code")
        await expect(own.locator(".text time")).to_contain_text("years ago")
        await expect(own.locator(".mention")).to_have_text("@Ben")
        await expect(own.locator("img")).to_have_count(0)


async def test_a_form_is_shown_checked_and_sent(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        await box.fill("/imagine a boat")
        await box.press("Enter")
        await page.get_by_role("button", name="Refine").click()
        form = page.get_by_role("dialog")
        await expect(form.get_by_label("Prompt")).to_have_value("a small boat")
        await form.get_by_label("What should change?").fill("x")
        await form.get_by_role("button", name="Submit").click()
        await expect(form.get_by_role("alert")).to_contain_text("What should change?: 3 to 4000 characters.")
        await form.get_by_label("What should change?").fill("make it night")
        await form.get_by_label("What should change?").press("Enter")
        await expect(form).to_be_hidden()
        await expect(articles(page).last).to_contain_text("make it night / a small boat")


async def test_menus_and_silent_bots(page: Page) -> None:
    async with stage(painter) as on:
        on.sandbox.world.acknowledge_s = 0.5
        box = await visit(page, on)
        await box.fill("/imagine a boat")
        await box.press("Enter")
        await page.get_by_label("How much?").select_option("strong")
        await expect(articles(page).last).to_contain_text("Varied: strong")
        painted = articles(page).filter(has=page.get_by_alt_text("a boat"))
        await painted.get_by_role("button", name="Silent").click()
        await expect(painted.get_by_role("alert")).to_have_text("This interaction failed")
        await painted.get_by_role("button", name="Menu", exact=True).click()
        await page.get_by_role("menuitem", name="Describe").click()
        await expect(articles(page).last).to_contain_text("1 picture")
        await box.fill("/nothing")
        await box.press("Enter")
        await expect(articles(page).last).to_contain_text("The application did not respond")
        await articles(page).last.get_by_role("button", name="Dismiss").click()
        await expect(articles(page).last).to_contain_text("1 picture")


async def test_private_answers_are_seen_by_one_member(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        await box.fill("/think")
        await box.press("Enter")
        await expect(articles(page)).to_contain_text(["Limner is thinking"])
        await expect(articles(page)).to_contain_text(["Only you can see this"])
        on.bot.dispatch("thought")
        await expect(articles(page)).to_contain_text(["thought"])
        await page.get_by_label("Speaking as").select_option("Ben")
        await expect(articles(page)).to_have_count(0)
        await page.get_by_label("Speaking as").select_option("Ada")
        await expect(articles(page)).to_have_count(1)
        await page.get_by_role("button", name="Dismiss").click()
        await expect(articles(page)).to_have_count(0)


async def test_replies_with_and_without_the_ping(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        await box.fill("/imagine a boat")
        await box.press("Enter")
        painted = articles(page).filter(has=page.get_by_alt_text("a boat"))
        await painted.hover()
        await painted.get_by_role("button", name="Reply").click()
        await expect(page.get_by_role("button", name="@ ON")).to_be_visible()
        await box.fill("make it night")
        await box.press("Enter")
        await expect(articles(page).last).to_contain_text("You said: make it night")
        await painted.get_by_role("button", name="Reply").click()
        await page.get_by_role("button", name="@ ON").click()
        await page.keyboard.type("unheard")
        await page.keyboard.press("Enter")
        await expect(articles(page).last).to_contain_text("You said: nothing that I can read")
        await expect(articles(page).last.locator(".above")).to_contain_text("Ada")


async def test_other_places(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        places = page.get_by_role("navigation")
        await expect(places.get_by_role("button")).to_have_text(["drawing", "read-only", "adults", "Limner"])
        await places.get_by_role("button", name="Limner").click()
        await box.fill("psst")
        await box.press("Enter")
        await expect(articles(page).last).to_contain_text("You said: psst")
        await on.drawing.send("<@1100000000000000001> your picture")
        await expect(places.get_by_role("button", name="drawing")).to_have_text("drawing1")
        await page.get_by_label("Speaking as").select_option("Mo")
        await expect(places.get_by_role("button")).to_have_text(
            ["drawing", "read-only", "back-room", "adults", "review", "Limner"]
        )
        await expect(articles(page)).to_have_count(1)


async def test_live_edits_keep_the_reader_where_they_are(page: Page) -> None:
    async with stage(painter) as on:
        for number in range(40):
            await on.drawing.send(f"line {number}")
        progress = await on.drawing.send("0%", file=picture("p.png", "early"))
        await visit(page, on)
        await expect(page.get_by_text("0%", exact=True)).to_be_in_viewport()
        await page.evaluate("document.querySelector('article:last-child img').dataset.kept = 'yes'")
        await progress.edit(content="50%")
        await expect(page.get_by_text("50%", exact=True)).to_be_in_viewport()
        assert await page.evaluate("document.querySelector('article:last-child img').dataset.kept") == "yes"
        await page.get_by_text("line 20", exact=True).scroll_into_view_if_needed()
        await page.mouse.move(500, 300)
        await page.mouse.wheel(0, -300)
        await asyncio.sleep(0.2)
        before = await page.evaluate("document.getElementById('scroller').scrollTop")
        await progress.edit(content="100%\n" * 9, attachments=[picture("q.png", "final")])
        await on.drawing.send("news")
        await expect(page.get_by_role("button", name="New")).to_be_visible()
        await expect(page.get_by_alt_text("final")).to_have_count(1)
        assert await page.evaluate("document.getElementById('scroller').scrollTop") == before
        await page.get_by_role("button", name="New").click()
        await expect(page.get_by_text("news", exact=True)).to_be_in_viewport()


async def test_a_picture_opens_large_and_a_lost_bot_is_told(page: Page) -> None:
    async with stage(painter) as on:
        await visit(page, on)
        await on.drawing.send("look", file=picture("p.png", "a boat"))
        await page.get_by_alt_text("a boat").click()
        await expect(page.get_by_role("dialog", name="Picture").get_by_role("img")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await on.bot.close()
        await expect(page.get_by_text("Limner is offline just now")).to_be_visible()


async def test_a_hidden_picture_shows_at_the_first_click_and_opens_at_the_second(page: Page) -> None:
    async with stage(painter) as on:
        await visit(page, on)
        await on.drawing.send("look", file=picture("SPOILER_p.png", "held"))
        image = page.get_by_alt_text("held")
        blurred = "img => getComputedStyle(img).filter.includes('blur')"
        await expect(image).to_be_visible()
        assert await image.evaluate(blurred)
        await image.click()
        assert not await image.evaluate(blurred)
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await image.click()
        await expect(page.get_by_role("dialog", name="Picture").get_by_role("img")).to_be_visible()


async def test_an_example_is_one_click(page: Page) -> None:
    async with stage(painter) as on:
        await page.set_viewport_size({"width": 390, "height": 800})
        await visit(page, on)
        await page.get_by_role("button", name="Draw /imagine a beach at sunset").click()
        await expect(articles(page).first).to_contain_text("I heard: a beach at sunset|")
        overflow = "document.documentElement.scrollWidth > innerWidth"
        assert not await page.evaluate(overflow)
        await page.get_by_role("button", name="Places").click()
        await page.get_by_role("navigation").get_by_role("button", name="read-only").click()
        await expect(page.get_by_role("heading", name="Welcome to #read-only")).to_be_visible()


async def test_files_are_chosen_for_options_and_for_messages(page: Page) -> None:
    async with stage(painter) as on:
        box = await visit(page, on)
        file: Any = {"name": "my boat.png", "mimeType": "image/png", "buffer": PNG}
        await box.press_sequentially("/trace in oil ima")
        await expect(suggestions(page)).to_contain_text(["image:"])
        async with page.expect_file_chooser() as chosen:
            await box.press("Tab")
        await (await chosen.value).set_files(file)
        await expect(page.get_by_text("image: my_boat.png")).to_be_visible()
        await box.press("Enter")
        await expect(articles(page).first).to_contain_text(f"in oil: my_boat.png, {len(PNG)} bytes")
        async with page.expect_file_chooser() as chosen:
            await page.get_by_role("button", name="Attach a file").click()
        await (await chosen.value).set_files(file)
        await expect(page.get_by_text("my_boat.png", exact=True)).to_be_visible()
        await box.press("Enter")
        own = articles(page).filter(has=page.locator("img"))
        await expect(own).to_have_count(1)
        await expect(page.get_by_text("my_boat.png", exact=True)).to_be_hidden()
