"""A newcomer's first minutes on the page: their language, things to try, what they mistype, and keys."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
import pytest
from discord import app_commands
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.painter import Limner, limner, paint
from tests.browser.test_chat import articles, painter, visit
from tests.sandbox.stage import TinyBot, stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


def moderated(bot: TinyBot) -> None:
    """The painter of the chat's tests, and a moderator's command."""
    painter(bot)
    limits = app_commands.Group(
        name="limits", description="Limits", default_permissions=discord.Permissions(manage_guild=True), guild_only=True
    )

    @limits.command(name="set", description="Set")
    @app_commands.choices(per=[app_commands.Choice(name=name, value=name) for name in ("hour", "day")])
    async def set_limit(
        interaction: discord.Interaction, target: discord.Member, images: int, per: str, reason: str = ""
    ) -> None:
        answer = f"{interaction.user.display_name} gave {target.display_name} {images} each {per}: {reason}"
        await interaction.response.send_message(answer, ephemeral=True)

    bot.tree.add_command(limits)


FOCUSED = "(e => e.id || `${e.closest('[id]')?.id} ${e.tagName}`)(document.activeElement)"


def chips(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="To try").get_by_role("button")


async def test_each_thing_to_try_is_one_press(page: Page) -> None:
    async with stage(moderated) as on:
        box = await visit(page, on)
        await expect(chips(page)).to_have_text(
            [
                "Draw /imagine a beach at sunset",
                "Change it ↩ make it night, add a boat",
                "A set of four /imagine a red house in the snow count: 4",
                "A moderator's limit /limits set target: @Ben images: 5 per: hour",
                "",
            ]
        )
        change = chips(page).nth(1)
        await expect(change).to_have_attribute("aria-disabled", "true")
        await chips(page).nth(0).click()
        await expect(articles(page).first).to_contain_text("I heard: a beach at sunset|-|-|1|False")
        await expect(change).not_to_have_attribute("aria-disabled", "true")
        await change.click()
        await expect(articles(page).last).to_contain_text("You said: make it night, add a boat")
        await chips(page).nth(2).click()
        await expect(articles(page).filter(has_text="I heard: a red house in the snow|-|-|4|False")).to_have_count(1)
        await chips(page).nth(3).click()
        await expect(articles(page).last).to_contain_text("Mo gave Ben 5 each hour")
        await expect(page.get_by_label("Speaking as")).to_have_value("Mo")
        await box.fill("x")
        await expect(chips(page)).to_have_count(0)
        await box.fill("")
        await page.get_by_role("button", name="Hide what there is to try").click()
        await expect(chips(page)).to_have_count(0)
        await page.reload()
        await expect(articles(page)).not_to_have_count(0)
        await expect(chips(page)).to_have_count(0)


async def test_there_is_nothing_to_change_while_a_picture_is_painted(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        await visit(page, on)
        change = chips(page).nth(1)
        cancel = discord.ui.View(timeout=None)
        cancel.add_item(discord.ui.Button(label="Cancel", custom_id="cancel"))
        post = await on.drawing.send("half done", file=paint("half.png", "half"), view=cancel)
        await expect(page.get_by_alt_text("half")).to_be_visible()
        await expect(change).to_have_attribute("aria-disabled", "true")
        both = discord.ui.View(timeout=None)
        for name in ("Refine", "Again"):
            both.add_item(discord.ui.Button(label=name, custom_id=name))
        await post.edit(content="done", view=both)
        await expect(change).not_to_have_attribute("aria-disabled", "true")
        await expect(chips(page).nth(0)).to_be_visible()


async def test_words_below_a_picture_are_told_to_be_a_reply_to_it(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        box, hint = await visit(page, on), page.locator("#hint")
        both = discord.ui.View(timeout=None)
        for name in ("Refine", "Again"):
            both.add_item(discord.ui.Button(label=name, custom_id=name))
        await on.drawing.send("done", file=paint("whole.png", "whole"), view=both)
        await expect(page.get_by_alt_text("whole")).to_be_visible()
        await box.fill("make it blue")
        await box.press("Enter")
        await expect(hint).to_have_text(
            "Limner does not read this, as on Discord: to change a picture, reply to it (↩); "
            "for a new one type /imagine make it blue"
        )
        await page.get_by_role("button", name="Again").click()
        await expect(hint).to_have_text("")
        await box.fill("/nothing")
        await box.press("Enter")
        await expect(hint).to_contain_text("here for Ada")
        await page.get_by_label("Speaking as").select_option("Ben")
        await expect(hint).to_have_text("")


AT_ONCE = """words => {
  const select = document.querySelector("#speaker select"), box = document.querySelector("#message");
  select.value = "Mo";
  select.dispatchEvent(new Event("change", { bubbles: true }));
  box.value = words;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}"""


async def test_what_is_sent_as_soon_as_another_speaks_waits_for_their_commands(page: Page) -> None:
    async with stage(moderated) as on:
        await visit(page, on)
        await page.evaluate(AT_ONCE, "/limits set target: @Ben images: 5 per: hour")
        await expect(articles(page).last).to_contain_text("Mo gave Ben 5 each hour")


async def test_an_option_that_there_is_not_is_told_with_those_there_are(page: Page) -> None:
    async with stage(moderated) as on:
        box = await visit(page, on)
        hint = page.locator("#hint")
        told = (
            "“colour” is no option of /imagine, so it counts as words. The options: prompt, style, shape, count, exact"
        )
        await box.fill("/imagine a cat colour: red")
        await expect(hint).to_have_text(told)
        await box.press("Enter")
        await expect(articles(page).first).to_contain_text("I heard: a cat colour: red|")
        await expect(hint).to_have_text(told)
        await box.fill("/imagine see https://example.org shape: wide")
        await expect(hint).to_contain_text("shape")
        await expect(hint).not_to_contain_text("is no option")
        await page.get_by_label("Speaking as").select_option("Mo")
        for typed in (
            "/limits set target: @Ben images: 5 per: hour every: day",
            "/limits set target: @Ben number: 5 per: hour",
            "/limits set every: hour target: @Ben images: 5 per: hour",
        ):
            await box.fill(typed)
            await box.press("Enter")
            await expect(hint).to_have_text(
                re.compile(r"/limits set has no option “(every|number)”. It has: target, images, per, reason")
            )
            await expect(box).to_have_value(typed)
        await box.fill("/limits set target: @Ben images: 5 per: hour reason: so")
        await box.press("Enter")
        await expect(articles(page).last).to_contain_text("Mo gave Ben 5 each hour: so")
        status, answer = await on.try_to("command", "Mo", name="limits set", options={"per": "hour", "every": "day"})
        assert (status, answer["message"]) == (
            400,
            "This command has no option “every”. It has: target, images, per, reason",
        )


async def test_a_command_that_there_is_not_is_told_with_those_there_are(page: Page) -> None:
    async with stage(moderated) as on:
        box, hint = await visit(page, on), page.locator("#hint")
        await box.fill("/draw a cat")
        await box.press("Enter")
        await expect(hint).to_have_text(re.compile(r"^There is no command “/draw” here for Ada. There are: .*/imagine"))
        await expect(hint).not_to_contain_text("/limits")
        await page.get_by_label("Speaking as").select_option("Mo")
        await box.fill("/limits get @Ben")
        await box.press("Escape")
        await box.press("Enter")
        await expect(hint).to_have_text("There is no command “/limits get @Ben” here for Mo. There are: /limits set")


async def test_words_that_the_bot_does_not_get_are_told_how_to_reach_it(page: Page) -> None:
    async with stage(moderated) as on:
        box, hint = await visit(page, on), page.locator("#hint")
        await box.fill("a cat on the beach")
        await box.press("Enter")
        await expect(hint).to_have_text(
            "Limner does not read this, as on Discord: type /imagine a cat on the beach, or mention it: "
            "@Limner a cat on the beach"
        )
        await box.fill("@Limner a cat")
        await box.press("Enter")
        await expect(articles(page).filter(has_text="a cat")).not_to_have_count(1)
        await expect(hint).not_to_contain_text("does not read")
        at = int(time.time()) + 7_190
        await on.drawing.send(f"ready <t:{at}:R>")
        await expect(articles(page).last).to_contain_text("ready in 2 hours")


async def test_messages_have_names_and_few_stops(page: Page) -> None:
    async with stage(moderated) as on:
        box = await visit(page, on)
        for number in range(12):
            await on.drawing.send(f"line {number}")
        await box.fill("/imagine a boat")
        await box.press("Enter")
        await expect(page.get_by_role("article", name=re.compile(r"^Limner, \d.*: a boat$"))).to_have_count(1)
        names = await articles(page).evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
        assert all(re.match(r"Limner, \d", name) for name in names), names
        await page.get_by_role("navigation").get_by_role("button", name="drawing").focus()
        stops: list[str] = []
        while len(stops) < 30 and stops[-1:] != ["message"]:
            await page.keyboard.press("Tab")
            stops.append(
                await page.evaluate("(e => e.id || `${e.closest('[id]')?.id} ${e.tagName}`)(document.activeElement)")
            )
        assert stops[0] == "speaker SELECT"
        assert 4 <= len(stops) <= 7, stops
        picture = articles(page).last
        await expect(articles(page).filter(has=page.get_by_alt_text("a boat"))).to_have_attribute("tabindex", "0")
        await picture.focus()
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowUp")
        await expect(articles(page).nth(-3)).to_be_focused()
        await page.keyboard.press("End")
        await expect(picture).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(picture.get_by_role("button", name="Refine")).to_be_focused()
        await page.keyboard.press("ArrowRight")  # over Again, which is disabled
        await expect(picture.get_by_role("button", name="Silent")).to_be_focused()


@asynccontextmanager
async def chinese(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1000, "height": 700})
    try:
        opened = await context.new_page()
        opened.set_default_timeout(4000)
        yield opened
    finally:
        await context.close()


ENGLISH = re.compile(r"[A-Za-z]{2,}")
NAMES = {
    "Limner",
    "Discord",
    "Ada",
    "Ben",
    "Mo",
    "DISCORD",
    "TOKEN",
    "imagine",
    "limits",
    "set",
    "target",
    "images",
    "per",
}


async def words(page: Page) -> set[str]:
    """Return the English words that a reader sees or hears, but for names."""
    said = await page.evaluate("""() => {
        const heard = [...document.querySelectorAll("[aria-label], [title], [placeholder]")].flatMap((each) =>
            ["aria-label", "title", "placeholder"].map((name) => each.getAttribute(name) ?? ""));
        return [document.title, document.body.innerText, ...heard].join("\\n");
    }""")
    return set(ENGLISH.findall(said)) - NAMES


async def test_a_chinese_newcomer_reads_no_english(browser: Browser) -> None:
    async with chinese(browser) as page, stage(limner, kind=Limner) as on:
        on.bot.heard = None
        await page.goto(on.sandbox.url)
        box = page.get_by_label("消息", exact=True)
        await expect(page.get_by_text("你自己机器上的一个小 Discord")).to_be_visible()
        await expect(page.get_by_role("toolbar", name="试一试").get_by_role("button")).to_have_count(5)
        assert await words(page) == set()
        await page.get_by_label("以谁的身份说话").select_option("Mo")
        await expect(page.get_by_role("navigation").get_by_role("button")).to_have_text(
            ["画图", "只读", "后台", "成人", "审核", "Limner"]
        )
        await box.fill("随便说说")
        await box.press("Enter")
        await expect(articles(page).first).to_contain_text("随便说说")
        own = articles(page).first
        await own.get_by_role("button", name="菜单").click()
        await expect(page.get_by_role("menuitem").first).to_have_text("回复")
        await page.keyboard.press("Escape")
        await own.get_by_role("button", name="回复").first.click()
        await expect(page.get_by_text("正在回复")).to_be_visible()
        await page.keyboard.press("Escape")
        assert await words(page) == set()
        await box.fill("/不存在")
        await box.press("Enter")
        await expect(page.locator("#hint")).to_have_text("这里 Mo 没有命令“/不存在”。可用的有：/画图、/my")
        await on.bot.close()
        await expect(page.get_by_text("Limner 现在不在线")).to_be_visible()


async def test_the_page_speaks_chinese_to_the_bot_from_the_first_word(browser: Browser) -> None:
    async with chinese(browser) as page, stage(limner, kind=Limner) as on:
        await page.goto(on.sandbox.url)
        await page.get_by_role("button", name="画一张 /画图 夕阳下的海滩").click()
        await expect(page.get_by_alt_text("夕阳下的海滩")).to_be_visible()
        assert "asked in zh-CN" in on.bot.log
        guild = on.bot.guilds[0]
        await on.until(lambda: str(guild.preferred_locale) == "zh-CN")
