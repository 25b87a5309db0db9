"""A moderator fetches a model on the page, sees how far it is, and switches to it; others are not shown the way."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.server import Sandbox

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAME = "artist/painter"


class Shelf:
    """A desk with one model, which is there at the second look after it was asked for."""

    def __init__(self) -> None:
        self.acted: list[tuple[str, str]] = []
        self.looks, self.using = 0, "starter"

    async def listed(self, locale: str) -> dict[str, Any]:
        fetching = ("fetch", NAME) in self.acted and self.looks < 2
        here = ("fetch", NAME) in self.acted and not fetching
        self.looks += fetching
        texts = {
            "title": "Models",
            "fetch": "Fetch",
            "use": "Switch",
            "stop": "Stop",
            "starter": "Small",
            "close": "Close",
        }
        model = {"name": NAME, "about": f"{NAME} (MIT)", "fits": "fits", "here": "whole" if here else "no", "may": True}
        state = {"name": NAME, "percent": 43, "text": f"Fetching {NAME}: 43 %"} if fetching else None
        return {"texts": texts, "using": self.using, "models": [model], "fetching": state, "failed": None}

    async def act(self, verb: str, name: str, locale: str) -> None:
        self.acted.append((verb, name))
        self.using = name if verb == "use" else self.using


async def test_a_moderator_fetches_and_switches(page: Page) -> None:
    desk = Shelf()
    async with Sandbox(0, models=desk) as sandbox:
        await page.goto(sandbox.url)
        way = page.get_by_role("button", name="Models", exact=True)
        await expect(page.get_by_label("Speaking as")).to_have_value("Ada")
        await expect(way).to_be_hidden()
        await page.get_by_label("Speaking as").select_option("Mo")
        await way.click()
        dialog = page.get_by_role("dialog", name="Models")
        await expect(dialog.get_by_role("status")).to_be_empty()
        await expect(dialog).not_to_contain_text("null")
        await dialog.get_by_role("button", name=f"Fetch: {NAME}").click()
        await expect(dialog.get_by_role("status")).to_have_text(f"Fetching {NAME}: 43 %")
        await expect(dialog.get_by_role("progressbar")).to_have_attribute("value", "43")
        await dialog.get_by_role("button", name=f"Switch: {NAME}").click()
        await expect(dialog.get_by_role("listitem").filter(has_text=NAME)).to_have_attribute("aria-current", "true")
        await dialog.get_by_role("button", name="Close").click()
        await expect(dialog).to_be_hidden()
        assert desk.acted == [("fetch", NAME), ("use", NAME)]


async def test_a_desk_that_is_not_reached_is_not_offered(page: Page) -> None:
    async with Sandbox(0, models=Shelf()) as sandbox:
        await page.goto(sandbox.url)
        await expect(page.get_by_label("Speaking as")).to_have_value("Ada")
        await page.route("**/page/models*", lambda route: route.abort())
        async with page.expect_event("requestfailed"):
            await page.get_by_label("Speaking as").select_option("Mo")
        await expect(page.get_by_role("button", name="Models", exact=True)).to_be_hidden()
