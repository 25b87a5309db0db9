"""What a member does with pictures, in a browser and without models: ask, refine, vary, browse, keep to oneself."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.painter import Limner, limner, paint
from tests.browser.test_chat import articles, suggestions, visit
from tests.sandbox.stage import ADA, BEN, PNG, Stage, stage

pytestmark = pytest.mark.asyncio(loop_scope="module")
FILE: Any = {"name": "boat.png", "mimeType": "image/png", "buffer": PNG}


@asynccontextmanager
async def painted(page: Page, count: int = 1) -> AsyncIterator[tuple[Stage, Locator, Locator]]:
    """A stage where Ada has asked for pictures; with the message box and the message that holds them."""
    async with stage(limner, kind=Limner) as on:
        box = await visit(page, on)
        await box.fill(f"/imagine a boat count: {count}")
        await box.press("Enter")
        post = articles(page).filter(has=page.get_by_alt_text("a boat, picture 1"))
        await expect(post.get_by_role("button", name="Delete")).to_be_visible()
        yield on, box, post


async def answer(page: Page, words: str) -> None:
    await expect(articles(page).filter(has_text=words)).to_have_count(1)


async def test_a_start_image_by_chip_by_key_and_by_drop(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        box = await visit(page, on)
        chips = page.get_by_role("toolbar", name="Options")
        await box.fill("/imagine one")
        async with page.expect_file_chooser() as chosen:
            await chips.get_by_role("button", name="image").click()
        await (await chosen.value).set_files(FILE)
        await expect(page.get_by_text("image: boat.png")).to_be_visible()
        await expect(chips.get_by_role("button", name="image given")).to_be_visible()
        await box.press("Enter")
        await answer(page, "On its way: one|boat.png|")

        await box.press_sequentially("/imagine two image: ")
        await expect(suggestions(page)).to_have_text(["Choose a file…or drop one here"])
        async with page.expect_file_chooser() as chosen:
            await box.press("Tab")
        await (await chosen.value).set_files(FILE)
        await expect(box).to_have_value("/imagine two ")
        await box.press("Enter")
        await answer(page, "On its way: two|boat.png|")

        drop = """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "drop.png", { type: "image/png" }));
            document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }"""
        await page.evaluate(drop, list(PNG))
        await expect(page.get_by_text("drop.png", exact=True)).to_be_visible()
        await box.fill("/my pictures")
        await box.press("Enter")
        await expect(page.get_by_text("/my pictures takes no file: remove it first.")).to_be_visible()
        await box.fill("/imagine three")
        await box.press("Enter")
        await answer(page, "On its way: three|drop.png|")
        await expect(page.get_by_role("button", name="Remove drop.png")).to_have_count(0)


async def test_enter_waits_for_a_file_and_one_option_takes_one(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        box = await visit(page, on)
        arrive = asyncio.Event()

        async def hold(route: Route) -> None:
            await arrive.wait()
            await route.continue_()

        await page.route("**/page/upload*", hold)
        await page.locator("#picker").set_input_files(FILE)
        await box.fill("/imagine early")
        await box.press("Enter")
        await asyncio.sleep(0.1)
        arrive.set()
        await answer(page, "On its way: early|boat.png|")
        for _ in range(2):
            await page.locator("#picker").set_input_files(FILE)
        await expect(page.get_by_role("button", name="Remove boat.png")).to_have_count(2)
        await box.fill("/imagine two at once")
        await box.press("Enter")
        await expect(page.get_by_text("image takes one file: remove the others first.")).to_be_visible()
        await page.get_by_role("button", name="Remove boat.png").first.click()
        await box.press("Enter")
        await answer(page, "On its way: two at once|boat.png|")


async def test_a_choice_stays_what_it_is_while_more_is_typed(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        box = await visit(page, on)
        await box.press_sequentially("/imagine a boat style: oil")
        await expect(suggestions(page)).to_have_text(["Oil painting"])
        await box.press("Tab")
        await box.press_sequentially("model: ink", delay=20)
        await expect(suggestions(page)).to_have_text(["Ink and wash"])
        await box.press("Tab")
        await box.press_sequentially("count: 2", delay=20)
        await box.press("Enter")
        await answer(page, "On its way: a boat|None|0.6|oil|square|2|ink|False")


async def test_chips_show_what_is_needed_and_lead_to_it(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        box = await visit(page, on)
        chips = page.get_by_role("toolbar", name="Options").get_by_role("button")
        await expect(chips).to_have_count(0)
        await box.fill("/imagine")
        await expect(chips).to_have_count(11)
        await expect(chips.first).to_have_text("prompt required")
        await box.fill("/imagine a boat shape: tall count: 2")
        await expect(chips.filter(has_text="given")).to_have_text(["✓ prompt given", "✓ shape given", "✓ count given"])
        await page.get_by_role("button", name="shape").click()
        await page.keyboard.type("wide")
        await expect(box).to_have_value("/imagine a boat shape: wide count: 2")
        await page.get_by_role("button", name="private").click()
        await expect(box).to_have_value("/imagine a boat shape: wide count: 2 private: ")
        await expect(suggestions(page)).to_have_text(["true", "false"])


async def test_a_picture_s_menu_by_key_and_its_prefilled_form(page: Page) -> None:
    async with painted(page) as (_, _box, post):
        await post.get_by_role("button", name="Menu", exact=True).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("menuitem")).to_have_text(
            ["Reply", "Copy text", "Refine picture", "Start from this picture"]
        )
        await page.keyboard.press("ArrowUp")
        await expect(page.get_by_role("menuitem", name="Start from this picture")).to_be_focused()
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")
        form = page.get_by_role("dialog", name="Refine this picture")
        await expect(form.get_by_label("What should change?")).to_be_focused()
        prompt = form.get_by_label("The whole prompt")
        await expect(prompt).to_have_value("a small boat on the sea at sunset,\nwarm light")
        await page.keyboard.type("at night")
        await prompt.fill("a ship,\nby night")
        await prompt.press("Enter")
        await expect(prompt).to_have_value("a ship,\nby night\n")
        await prompt.press("Control+Enter")
        await expect(form).to_be_hidden()
        await answer(page, "Refined: at night|a ship, by night")


async def test_a_picture_s_menu_by_right_click(page: Page) -> None:
    async with painted(page) as (_, _box, post):
        await post.get_by_role("img").click(button="right")
        await page.get_by_role("menuitem", name="Start from this picture").click()
        await answer(page, "Starting from p1.png")


async def test_choices_of_a_private_message_stay_shown(page: Page) -> None:
    async with painted(page, count=2) as (on, _, post):
        await post.get_by_role("button", name="Vary").click()
        which = page.get_by_label("Which picture?")
        await which.select_option("2")
        await expect(page.locator("[aria-busy]")).to_have_count(0)
        await expect(which).to_have_value("2")
        await page.get_by_label("How much?").select_option("strong")
        await answer(page, "Varying")
        await expect(which).to_have_count(0)
        assert not any(text.startswith("Vary") for text in await on.texts("Ben"))


async def test_replies_follow_what_they_answer(page: Page) -> None:
    async with painted(page) as (on, box, post):
        await post.hover()
        await post.get_by_role("button", name="Reply").click()
        await box.fill("night, add a boat")
        await box.press("Enter")
        refined = articles(page).filter(has=page.get_by_alt_text("night, add a boat"))
        await expect(refined).to_contain_text("Refined: night, add a boat")
        reply = articles(page).filter(has=page.get_by_role("button", name="Ada", exact=True))
        await expect(reply.locator(".above")).to_have_text("@LimnerUnderstood as: a boat")
        await on.bot.messages[0].edit(content="changed since")
        await expect(reply.locator(".above")).to_have_text("@Limnerchanged since")
        await on.bot.messages[0].delete()
        await expect(reply.locator(".above")).to_have_text("Original message was deleted")
        await page.reload()
        await expect(reply.locator(".above")).to_have_text("Original message was deleted")


async def test_private_pictures_take_each_other_s_place(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        box = await visit(page, on)
        await box.fill("/imagine a secret private: true count: 3")
        await box.press("Enter")
        await expect(articles(page)).to_have_count(1)
        own = articles(page).first
        await expect(own.get_by_role("img")).to_have_count(3)
        assert await own.get_by_role("img").evaluate_all("all => all.map(img => img.alt)") == [
            f"a secret, picture {number} of 3" for number in (1, 2, 3)
        ]
        await expect(own).to_contain_text("Only you can see this")
        await expect(own.get_by_role("button", name="Reply")).to_have_count(0)
        await own.get_by_role("button", name="Refine").click()
        await page.get_by_label("What should change?").fill("more light")
        await page.keyboard.press("Enter")
        await answer(page, "Refined: more light|")
        assert await on.seen("Ben") == []


async def test_a_direct_message_is_marked_until_it_is_read(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        box = await visit(page, on)
        limner_dm = page.get_by_role("navigation").get_by_role("button", name="Limner")
        ben = await on.bot.fetch_user(BEN)
        await ben.send("for Ben")
        await box.fill("/my export")
        await box.press("Enter")
        await expect(limner_dm).to_have_text("Limner1")
        await expect(page).to_have_title("(1) Limner Sandbox")
        await limner_dm.click()
        await expect(articles(page).get_by_role("link", name="limner.zip")).to_be_visible()
        await expect(limner_dm).to_have_text("Limner")
        await expect(page).to_have_title("Limner Sandbox")
        await page.get_by_label("Speaking as").select_option("Ben")
        await expect(limner_dm).to_have_text("Limner1")
        await page.reload()
        await expect(limner_dm).to_have_text("Limner1")
        await limner_dm.click()
        await expect(articles(page).last).to_contain_text("for Ben")
        await page.get_by_label("Speaking as").select_option("Ada")
        await expect(limner_dm).to_have_text("Limner")


async def test_a_gallery_turns_its_pages_and_leads_to_its_pictures(page: Page) -> None:
    async with painted(page) as (on, box, post):
        for number in range(30):
            await on.drawing.send(f"line {number}")
        await box.fill("/my pictures")
        await box.press("Enter")
        gallery = articles(page).filter(has_text="Your pictures")
        await expect(gallery).to_contain_text("page 1")
        await expect(gallery.get_by_role("img")).to_have_count(2)
        size = await gallery.get_by_role("img").first.bounding_box()
        assert size is not None
        assert (size["width"], size["height"]) == (80, 80)
        await expect(gallery.get_by_role("button", name="Back")).to_be_disabled()
        await gallery.get_by_role("button", name="Next").click()
        await expect(gallery).to_contain_text("page 2")
        await expect(gallery).to_contain_text("Picture 4")
        await expect(gallery.get_by_role("img")).to_have_count(2)
        await expect(post).not_to_be_in_viewport()
        await gallery.get_by_role("link", name="Show it").first.click()
        await expect(post).to_be_in_viewport()
        await expect(post).to_be_focused()
        ada = await on.bot.fetch_user(ADA)
        await ada.send(f"Your picture is ready: {on.bot.messages[0].jump_url}")
        await page.get_by_role("navigation").get_by_role("button", name="Limner").click()
        await articles(page).get_by_role("link", name="#drawing › message").click()
        await expect(post).to_be_in_viewport()


async def test_text_that_turns_into_pictures_moves_no_one(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        early = await on.drawing.send("0%")
        for number in range(40):
            await on.drawing.send(f"line {number}")
        late = await on.drawing.send("0%, too")
        await visit(page, on)
        await expect(page.get_by_text("0%, too")).to_be_in_viewport()
        await late.edit(content="done", attachments=[paint("late.png", "late"), paint("later.png", "later")])
        await expect(page.get_by_alt_text("later")).to_be_in_viewport(ratio=1)
        await page.get_by_text("line 25", exact=True).scroll_into_view_if_needed()
        await page.mouse.move(500, 300)
        await page.mouse.wheel(0, -200)
        await asyncio.sleep(0.3)
        where = "document.evaluate(\"//*[text()='line 22']\", document).iterateNext().getBoundingClientRect().top"
        before = await page.evaluate(where)
        await early.edit(content="done\n" * 5, attachments=[paint("early.png", "early")])
        await expect(page.get_by_alt_text("early")).to_have_count(1)
        await asyncio.sleep(0.2)
        assert abs(await page.evaluate(where) - before) <= 1


async def test_the_newest_picture_wins_even_if_an_older_one_is_slow(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        await visit(page, on)
        slow = asyncio.Event()

        async def hold(route: Route) -> None:
            await slow.wait()
            await route.continue_()

        await page.route("**/half.png", hold)
        post = await on.drawing.send("0%", file=paint("start.png", "0 %"))
        await expect(page.get_by_alt_text("0 %")).to_be_visible()
        await post.edit(attachments=[paint("half.png", "50 %")])
        await post.edit(attachments=[paint("whole.png", "100 %")])
        await expect(page.get_by_alt_text("100 %")).to_be_visible()
        slow.set()
        await asyncio.sleep(0.2)
        await expect(page.get_by_alt_text("100 %")).to_be_visible()
        await expect(page.get_by_alt_text("50 %")).to_have_count(0)


async def test_times_tick(page: Page) -> None:
    async with stage(limner, kind=Limner) as on:
        await visit(page, on)
        await on.drawing.send(f"ready <t:{int(time.time()) + 62}:R>")
        ready = articles(page).last.locator(".text time")
        await expect(ready).to_have_text("in 1 minute")
        await expect(ready).to_have_text(re.compile(r"in 5\d seconds"), timeout=6000)


async def test_a_chinese_member_reads_chinese_names(browser: Browser) -> None:
    context = await browser.new_context(locale="zh-CN")
    try:
        page = await context.new_page()
        async with stage(limner, kind=Limner) as on:
            box = await visit(page, on, "以谁的身份说话", "消息")
            await box.press_sequentially("/画")
            await expect(suggestions(page, "建议")).to_have_text(["/画图用几个词画一张图"])
            await box.press("Tab")
            await box.press_sequentially("夕阳 形状:")
            await expect(suggestions(page, "建议")).to_have_text(["Square", "竖长", "横宽"])
            await box.press_sequentially(" 竖长 风格: 水")
            await expect(suggestions(page, "建议")).to_have_text(["水彩"])
            await box.press("Tab")
            await box.press("Enter")
            await answer(page, "On its way: 夕阳|None|0.6|water|tall|1|-|False")
            await box.fill("/imagine 海滩 shape: wide")  # the names that the bot knows them by work too
            await box.press("Enter")
            await answer(page, "On its way: 海滩|None|0.6|-|wide|1|-|False")
            post = articles(page).filter(has=page.get_by_alt_text("海滩"))
            await post.get_by_role("button", name="菜单", exact=True).click()
            await page.get_by_role("menuitem", name="修改图片").click()
            await expect(page.get_by_role("dialog", name="Refine this picture")).to_be_visible()
            assert on.bot.log.count("asked in zh-CN") == 2
    finally:
        await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_has_it_all_in_reach(browser: Browser, scheme: Any) -> None:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=scheme, has_touch=True, is_mobile=True
    )
    try:
        page = await context.new_page()
        async with painted(page, count=4) as (on, box, post):
            overflow = "document.documentElement.scrollWidth > innerWidth"
            await box.fill("/imagine")
            assert not await page.evaluate(overflow)
            await box.fill("")
            for name in ("Details", "Vary"):
                await post.get_by_role("button", name=name).tap()
            await expect(articles(page)).to_have_count(4)
            assert not await page.evaluate(overflow)
            await post.get_by_role("button", name="Refine").tap()
            await expect(page.get_by_role("button", name="Submit")).to_be_in_viewport(ratio=1)
            await page.get_by_role("button", name="Cancel").tap()
            await post.get_by_role("button", name="Reply").tap()
            await expect(page.get_by_role("button", name="@ ON")).to_be_visible()
            ada = await on.bot.fetch_user(ADA)
            await ada.send("psst")
            await expect(page.get_by_role("button", name="Places")).to_have_attribute(
                "title", "There are new messages elsewhere"
            )
    finally:
        await context.close()
