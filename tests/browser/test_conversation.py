"""The conversation as a member has it: on the real page, with the real bot, engine and starter pair behind it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from harness.processes import Discord, running
from tests.browser.conftest import under_more

pytestmark = pytest.mark.asyncio(loop_scope="module")
PICTURE_MS = 60_000


class Channel:
    """What stands in the channel, and what Ada does there."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.get_by_label("Message", exact=True)
        self.articles = page.get_by_role("article")

    async def say(self, words: str) -> None:
        await self.box.fill(words)
        await self.box.press("Enter")

    async def reply(self, to: Locator, words: str) -> None:
        await to.hover()
        await to.get_by_role("button", name="Reply").click()
        await self.say(words)

    async def picture(self, *texts: str | re.Pattern[str]) -> Locator:
        """Wait for the newest picture whose message says all of this."""
        found = self.articles.filter(has=self.page.get_by_role("button", name="Refine"))
        for text in texts:
            found = found.filter(has_text=text)
        await expect(found.last.get_by_role("img", name=re.compile("picture 1 of 1"))).to_be_visible(timeout=PICTURE_MS)
        return found.last


async def test_say_it_change_it_branch_vary_enlarge_delete(page: Page, tmp_path: Path) -> None:
    discord = Discord()
    try:
        with running(discord, tmp_path / "home") as bot:
            bot.ready()
            await page.goto(discord.url)
            channel = Channel(page)
            await channel.say("/imagine 夕阳下的海滩")
            await channel.picture(re.compile("Understood as: .*沙滩"))
            beach = channel.articles.filter(has=page.get_by_role("button", name="Refine")).first

            await channel.reply(beach, "改成夜晚，加一条船")
            night = await channel.picture(re.compile(r"Changed: .*\+ sailboat"), re.compile(r"− sunset"))
            await channel.reply(night, "and make it watercolor")
            await channel.picture("+ watercolor")
            await channel.reply(beach, "add a castle")
            branch = await channel.picture("Changed: + castle")

            await branch.get_by_role("button", name="Vary").click()
            await page.get_by_label("How far may it change?").select_option("strong")
            varied = await channel.picture("A variation")
            await varied.get_by_role("button", name="Upscale").click()
            large = await channel.picture("Twice as large")
            image = large.get_by_role("img", name=re.compile("picture 1 of 1"))
            assert await image.evaluate("img => img.decode().then(() => img.naturalWidth)") == 1024

            await under_more(page, large, "Details")
            details = channel.articles.filter(has_text="Only you can see this").last
            await expect(details.get_by_role("link")).to_have_count(3)
            await under_more(page, large, "Delete")
            pictures = channel.articles.filter(has=page.get_by_role("button", name="Refine"))
            await expect(pictures.filter(has=page.get_by_text("Twice as large", exact=True))).to_have_count(0)
    finally:
        discord.stop()


async def test_one_of_a_set_by_its_number_and_by_a_reply_and_a_mention(page: Page, tmp_path: Path) -> None:
    discord = Discord()
    try:
        with running(discord, tmp_path / "home") as bot:
            bot.ready()
            await page.goto(discord.url)
            channel = Channel(page)
            await channel.say("/imagine a boat on the sea count: 4")
            whole = channel.articles.filter(has=page.get_by_role("button", name="4", exact=True)).first
            await expect(whole.get_by_role("button", name="4", exact=True)).to_be_visible(timeout=PICTURE_MS)
            await whole.get_by_role("button", name="3", exact=True).click()
            third = await channel.picture("Of picture 3")
            await expect(third.get_by_role("button", name="More")).to_be_visible()
            await channel.reply(whole, "左下那张，改成夜晚")
            await channel.picture("Of picture 3", "night")
            await channel.reply(whole, "make it winter")
            asked = channel.articles.filter(has_text="Which of these pictures should change?").last
            await asked.get_by_role("button", name="2", exact=True).click()
            await channel.picture("Of picture 2")
            await channel.say("@Limner a castle in the mountains")
            await channel.picture("castle")
    finally:
        discord.stop()
