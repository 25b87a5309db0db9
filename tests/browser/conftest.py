"""A real Chromium for the chat page; without one, these tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.sandbox.conftest import discord_as_it_was

__all__ = ["discord_as_it_was"]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
QUIET = ("no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking", "disable-component-update")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: set CHROMIUM to one")
    expect.set_options(timeout=12_000)  # beside another engine that measures its batch sizes 4 s were too few once
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[f"--{flag}" for flag in (*QUIET, "disable-sync")]
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty page; what it logs as an error fails the test."""
    complaints: list[Any] = []
    context = await browser.new_context(viewport={"width": 1000, "height": 700}, locale="en-GB")
    opened = await context.new_page()
    opened.set_default_timeout(12_000)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield opened
    await context.close()
    # Chromium reports by itself each refusal, which is a 4xx, and each attempt to reach a sandbox that has ended.
    expected = ("Failed to load resource", "/page/events")
    assert [said for said in complaints if not any(words in str(said) for words in expected)] == []


async def under_more(page: Page, post: Locator, name: str) -> None:
    """Press a button under More of a picture; an answer to it quotes what More said."""
    await post.get_by_role("button", name="More").click()
    button = page.get_by_role("button", name=name)
    more = page.get_by_role("article").filter(has_text="More for this picture").filter(has=button).last
    await more.get_by_role("button", name=name).click()
