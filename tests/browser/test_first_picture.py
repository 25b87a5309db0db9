"""A newcomer's first picture: the real bot, engine and starter pair behind the real page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from harness.processes import Discord, running
from tests.browser.conftest import under_more

pytestmark = pytest.mark.asyncio(loop_scope="module")
PICTURE_MS = 60_000


async def test_type_watch_click(page: Page, tmp_path: Path) -> None:
    discord = Discord()
    try:
        with running(discord, tmp_path / "home") as bot:
            bot.ready()
            await page.goto(discord.url)
            await page.get_by_label("Message", exact=True).fill("/imagine 夕阳下的海滩")
            await page.get_by_label("Message", exact=True).press("Enter")

            articles = page.get_by_role("article")
            await expect(articles.filter(has_text="On its way: your picture appears")).to_have_count(1)
            post = articles.filter(has_text="@Ada").first  # later ones quote it
            await expect(post.get_by_role("button", name="Cancel")).to_be_visible()
            await expect(post).to_contain_text(re.compile(r"Understood as: .*沙滩"), timeout=PICTURE_MS)
            await expect(post.get_by_role("button", name="Again")).to_be_visible(timeout=PICTURE_MS)
            image = post.get_by_role("img", name=re.compile("沙滩.*picture 1 of 1"))
            await expect(image).to_be_visible()
            assert await image.evaluate("img => img.decode().then(() => img.naturalWidth)") >= 256

            await under_more(page, post, "Details")
            details = articles.filter(has_text="Only you can see this").last
            await expect(details).to_contain_text(re.compile(r"beach.*sunset|sunset.*beach", re.DOTALL))

            await page.get_by_label("Speaking as").select_option(label="Ben")
            await under_more(page, post, "Delete")
            await expect(articles.filter(has_text="Only the one who asked")).to_have_count(1)
            await post.get_by_role("button", name="Again").click()
            theirs = articles.filter(has_text="@Ben").first
            await expect(theirs.get_by_role("button", name="Again")).to_be_visible(timeout=PICTURE_MS)

            await page.get_by_label("Speaking as").select_option(label="Mo")
            await under_more(page, post, "Delete")
            await page.get_by_role("dialog").get_by_role("button", name="Submit").click()
            await expect(articles.filter(has_text="@Ada ·")).to_have_count(0)
    finally:
        discord.stop()
