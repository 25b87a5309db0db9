"""Favourites on the real page, with the real bot, engine and starter pair: kept, listed, found by a word, changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from harness.processes import Discord, running
from tests.browser.conftest import under_more
from tests.browser.test_conversation import Channel

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.full]


def button(where: Page | Locator, name: str) -> Locator:
    return where.get_by_role("button", name=name, exact=True).last


async def test_keep_find_change_start_from_and_delete(page: Page, tmp_path: Path) -> None:
    discord = Discord()
    try:
        with running(discord, tmp_path / "home") as bot:
            bot.ready()
            await page.goto(discord.url)
            channel = Channel(page)
            await channel.say("/imagine a red boat on the sea")
            await channel.picture("boat")
            await channel.say("/imagine a castle at night")
            castle = await channel.picture("castle")
            await button(castle, "★").click()
            kept = channel.articles.filter(has_text="In your favourites").last
            await expect(kept.get_by_text("Only you can see this")).to_be_visible()

            await channel.box.fill("/imagine red")
            offered = page.get_by_role("listbox").get_by_role("option")
            await expect(offered).to_have_text(["red", "a red boat on the sea"])
            await channel.box.fill("/imagine by day favourite: cast")
            await expect(offered).to_have_count(1)
            await channel.box.fill("")

            await channel.say("/my pictures search: boat")
            shown = channel.articles.filter(has_text="Your pictures with “boat”: 1").last
            await button(shown, "☆ 1").click()
            await expect(button(shown, "★ 1")).to_be_visible()
            await button(shown, "★ Favourites").click()
            shown = channel.articles.filter(has_text="Your favourites with “boat”: 1").last
            await button(shown, "Refine 1").click()
            await page.get_by_label("What should change?").fill("make it night")
            await button(page, "Submit").click()
            await channel.picture(re.compile("Changed: .*night"))
            await channel.say("/imagine in winter favourite: boat")
            await channel.picture("Drawn over another picture")

            await channel.say("/my pictures favourites: true")
            shown = channel.articles.filter(has_text="Your favourites: 2").last
            await expect(shown.get_by_role("link", name="Go to the picture")).to_have_count(2)
            await button(shown, "Delete 1").click()
            await expect(channel.articles.filter(has_text="Your favourites: 1").last).to_be_visible()
            await under_more(page, channel.articles.filter(has_text="Understood as: castle").first, "Delete")
            await channel.say("/my pictures favourites: true")
            await expect(channel.articles.filter(has_text="There are no favourites").last).to_be_visible()
    finally:
        discord.stop()
