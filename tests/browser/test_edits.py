"""Editing as a member has it: the real page in both languages, before the real bot and engine, and a tiny klein.

One bot and one engine serve the whole file.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.async_api import Browser, Locator, Page, expect

from bot.ui.i18n import text
from harness import tiny_pipelines as tiny
from harness.processes import ROOT, Bot, Discord, running
from tests.engine.pictures import drawing, file

pytestmark = pytest.mark.asyncio(loop_scope="module")
PICTURE_MS = 30_000
SIDE = 256
STARTER = ROOT / "engine" / "starter" / "models" / "planner"
FLAG: Any = {"name": "flag.png", "mimeType": "image/png", "buffer": file(drawing())}
WORDS = {
    "en-GB": (
        "a boat on the sea",
        "make it night",
        "put this flag on it",
        "make it winter",
        "no. 2, at night",
    ),
    "zh-CN": ("海上的一条船", "改成夜晚", "把这面旗挂上去", "改成冬天", "右上角那张改成夜晚"),
}

MEMBERS = {"en-GB": "Ada", "zh-CN": "Ben"}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """A bot on a sandbox of its own, whose painter edits by instruction and paints small pictures."""
    import torch

    folder = tmp_path_factory.mktemp("edits")
    torch.manual_seed(0)
    tiny.klein(levels=4).save_pretrained(folder / "klein")
    (folder / "klein" / "limner.json").write_text(json.dumps({"sizes": {"square": f"{SIDE}x{SIDE}"}, "steps": 2}))
    discord = Discord()
    try:
        models = {"LIMNER_MODEL": str(folder / "klein"), "LIMNER_PLANNER": str(STARTER)}
        with running(discord, folder / "home", LIMNER_SAFETY="off", LIMNER_LIMIT="200/hour", **models) as bot:
            yield bot.ready()
    finally:
        discord.stop()


@dataclass
class Channel:
    """What stands in the open channel, and what Ada does there, in her language."""

    page: Page
    locale: str

    def label(self, key: str) -> str:
        return text(self.locale, key)

    @property
    def box(self) -> Locator:
        return self.page.locator("textarea").first

    @property
    def articles(self) -> Locator:
        return self.page.get_by_role("article")

    @property
    def pictures(self) -> Locator:
        """The messages of single pictures that are finished."""
        refine = self.page.get_by_role("button", name=self.label("button-refine"), exact=True)
        return self.articles.filter(has=refine)

    async def say(self, words: str, *files: Any) -> None:
        if files:
            await self.page.locator("#picker").set_input_files(list(files))
            await expect(self.page.locator("#files li")).to_have_count(len(files))
        await self.box.fill(words)
        await self.box.press("Enter")

    async def reply(self, to: Locator, words: str, *files: Any) -> None:
        await to.hover()
        await to.get_by_role("button", name=re.compile("^(Reply to|回复)")).click()
        await self.say(words, *files)

    async def press_twice(self, article: Locator, name: str) -> None:
        await article.get_by_role("button", name=name, exact=True).dblclick()

    async def one_more(self, before: int) -> Locator:
        """Wait for the next picture after so many; return its message, by its id."""
        await expect(self.pictures).to_have_count(before + 1, timeout=PICTURE_MS)
        newest = self.pictures.last
        await expect(newest.locator(".pictures img")).to_be_visible()
        return self.page.locator(f"#{await newest.get_attribute('id')}")

    async def a_set(self, words: str) -> Locator:
        await self.say(f"/imagine {words} count: 4")
        fourth = self.page.get_by_role("button", name="4", exact=True)
        await expect(fourth.last).to_be_visible(timeout=PICTURE_MS)
        whole = self.articles.filter(has=fourth).last
        await expect(whole.locator(".pictures img")).to_have_count(4)
        return self.page.locator(f"#{await whole.get_attribute('id')}")

    async def erase(self) -> None:
        erased = self.articles.filter(
            has_text=text(self.locale, "erased", requests=0, messages=0).partition("0")[0].strip()
        )
        before = await erased.count()
        await self.say("/my data erase")
        yes = self.page.get_by_role("button", name=self.label("erase-yes"), exact=True)
        await yes.dblclick()
        await expect(self.pictures).to_have_count(0, timeout=PICTURE_MS)
        await expect(erased).to_have_count(before + 1, timeout=PICTURE_MS)


@asynccontextmanager
async def opened(browser: Browser, behind: Bot, locale: str, who: str) -> AsyncIterator[Channel]:
    """The page in a language; tests take turns as members, since words of one are read ten times a minute."""
    context = await browser.new_context(viewport={"width": 1000, "height": 900}, locale=locale)
    try:
        page = await context.new_page()
        page.set_default_timeout(6000)
        await page.goto(behind.discord.url)
        await page.locator("#speaker").select_option(who)
        yield Channel(page, locale)
    finally:
        await context.close()


def drawn(behind: Bot) -> list[tuple[int, int | None]]:
    """Return how many pictures each request was for, and which of its set was picked by it, oldest first."""
    return behind.rows("SELECT count, picked FROM jobs ORDER BY created_at")


@pytest.mark.parametrize("locale", WORDS)
async def test_four_pictures_the_third_night_with_a_flag_again_the_first_version_erased(
    browser: Browser, behind: Bot, locale: str
) -> None:
    words, night, flag, winter, _ = WORDS[locale]
    async with opened(browser, behind, locale, MEMBERS[locale]) as channel:
        whole = await channel.a_set(words)
        await channel.press_twice(whole, "3")
        third = await channel.one_more(0)
        await channel.reply(third, night)
        dark = await channel.one_more(1)
        await channel.reply(dark, flag, FLAG)
        flagged = await channel.one_more(2)
        await channel.press_twice(flagged, channel.label("button-again"))
        await channel.one_more(3)
        await channel.reply(third, winter)
        await channel.one_more(4)
        assert drawn(behind) == [(4, None), (1, 2), *[(1, None)] * 4]
        await channel.erase()
        assert behind.rows("SELECT * FROM jobs") == []


async def test_a_part_is_chosen_on_the_picture_and_the_rest_keeps_each_pixel(browser: Browser, behind: Bot) -> None:
    async with opened(browser, behind, "en-GB", "Mo") as channel:

        async def more(post: Locator, key: str) -> None:
            await post.get_by_role("button", name=channel.label("button-more"), exact=True).click()
            await channel.page.get_by_role("button", name=channel.label(key), exact=True).last.click()

        async def press(name: str) -> None:
            await channel.page.get_by_role("button", name=name, exact=True).last.click()

        async def pixels(post: Locator) -> Image.Image:
            address = await post.locator(".pictures img").get_attribute("src")
            body = await (await channel.page.request.get(f"{behind.discord.url}{address}")).body()
            return Image.open(io.BytesIO(body)).convert("RGB")

        await channel.say("/imagine a boat on the sea")
        whole = await channel.one_more(0)
        await more(whole, "button-region")
        await press("5")
        await press(channel.label("region-words"))
        await channel.page.get_by_role("dialog").get_by_role("textbox").fill("make it night")
        await press(channel.label("sandbox-submit"))
        part = await channel.one_more(1)
        difference = ImageChops.difference(await pixels(whole), await pixels(part)).convert("L")
        changed = difference.point(lambda level: 255 * (level > 0)).getbbox()
        third = SIDE // 3
        assert changed is not None
        assert (changed[0] >= third, changed[1] >= third, changed[2] <= 2 * third + 1, changed[3] <= 2 * third + 1) == (
            True, True, True, True
        )  # fmt: skip
        await more(part, "button-zoom")
        await press(channel.label("zoom-out"))
        await expect(await channel.one_more(2)).to_contain_text(channel.label("kind-zoom"))
        await channel.erase()


async def test_a_mention_and_a_direct_message_draw(browser: Browser, behind: Bot) -> None:
    async with opened(browser, behind, "en-GB", "Mo") as channel:
        await channel.say("@Limner a castle in the mountains")
        castle = await channel.one_more(0)
        await expect(castle).to_contain_text("castle")
        await channel.page.get_by_role("navigation").get_by_role("button", name="Limner").click()
        await channel.say("a cat by the sea")
        await expect(await channel.one_more(0)).to_contain_text("cat")
        assert len(drawn(behind)) == 2
        await channel.erase()


@pytest.mark.full
async def test_each_button_pressed_twice_works_once(browser: Browser, behind: Bot) -> None:
    async with opened(browser, behind, "en-GB", "Mo") as channel:
        whole = await channel.a_set("a boat on the sea")
        for number in "124":
            await channel.press_twice(whole, number)
            await channel.one_more("124".index(number))
        last = channel.pictures.last
        asks = {"Vary": "A variation of this picture:", "More": "More for this picture:",
                "Upscale": "cannot enlarge"}  # fmt: skip
        for name, answer in asks.items():
            await channel.press_twice(last, name)
            await expect(channel.articles.filter(has_text=answer)).to_have_count(1)
        await channel.press_twice(last, "Refine")
        await expect(channel.page.get_by_role("dialog")).to_have_count(1)
        await channel.page.keyboard.press("Escape")
        for name in ("Details", "Delete"):
            await channel.press_twice(whole, name)
        await expect(channel.articles.filter(has_text="Which of these pictures shall go?")).to_have_count(1)
        await channel.press_twice(whole, "Again")
        fourth = channel.page.get_by_role("button", name="4", exact=True)
        await expect(fourth).to_have_count(2, timeout=PICTURE_MS)
        assert drawn(behind)[-5:] == [(4, None), (1, 0), (1, 1), (1, 3), (4, None)]
        await channel.erase()


@pytest.mark.full
@pytest.mark.parametrize("locale", WORDS)
async def test_a_reply_names_one_of_a_set_or_is_asked(browser: Browser, behind: Bot, locale: str) -> None:
    words, night, *_, second = WORDS[locale]
    async with opened(browser, behind, locale, MEMBERS[locale]) as channel:
        whole = await channel.a_set(words)
        await channel.reply(whole, second)
        await expect(await channel.one_more(0)).to_contain_text(text(locale, "of-picture", number=2))
        await channel.reply(whole, night)
        asked = channel.articles.filter(has_text=channel.label("which-of-set"))
        await channel.press_twice(asked, "3")
        await expect(await channel.one_more(1)).to_contain_text(text(locale, "of-picture", number=3))
        await expect(asked).to_have_count(0)
        await channel.erase()
