"""Records the README's moving picture: the sandbox's real page, with the starter behind it, as an animated WebP.

    .venv/bin/python -m tools.film                   # docs/conversation.webp
    .venv/bin/python -m tools.film --locale zh-CN    # docs/conversation.zh-CN.webp

It needs a Chromium (`CHROMIUM` names another one). Seeds are given, so the same models paint the same pictures again.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright

from harness.processes import Discord, running

ROOT = Path(__file__).parents[1]
SIZE: ViewportSize = {"width": 860, "height": 700}
SEED = 7
QUALITY = 82
MOST_BYTES = 1_000_000
PICTURE_S = 120.0
FLAGS = ("no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking", "disable-component-update")


@dataclass(frozen=True)
class Script:
    """What is typed, and how the page calls what is pressed."""

    out: str
    message: str
    reply: str
    again: str
    draw: str
    change: str
    four: str


SCRIPTS = {
    "en-GB": Script(
        "conversation.webp", "Message", "Reply", "Again",
        f"/imagine a panda on the beach at sunset seed: {SEED}", "make it night, add a boat",
        f"/imagine a red house in the snow count: 4 seed: {SEED}",
    ),
    "zh-CN": Script(
        "conversation.zh-CN.webp", "消息", "回复", "再画一张",
        f"/画 夕阳下的海滩上有一只熊猫 种子: {SEED}", "改成夜晚，加一条船",
        f"/画 雪地里的红房子 张数: 4 种子: {SEED}",
    ),
}  # fmt: skip


@dataclass
class Film:
    """The frames so far, each with how long it stays, in milliseconds; a frame like the one before lengthens that."""

    page: Page
    script: Script
    frames: list[Image.Image] = field(default_factory=list)
    stays: list[int] = field(default_factory=list)

    def shoot(self, stays: int) -> None:
        frame = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        if self.frames and frame.tobytes() == self.frames[-1].tobytes():
            self.stays[-1] += stays
        else:
            self.frames.append(frame)
            self.stays.append(stays)

    def type(self, words: str) -> None:
        box = self.page.get_by_label(self.script.message, exact=True)
        for part in re.findall(r".{1,9}", words):
            box.press_sequentially(part)
            self.shoot(220)
        self.shoot(700)
        box.press("Enter")

    def paint(self, number: int) -> Locator:
        """Record until there are so many finished pictures; return the newest one's message."""
        articles = self.page.get_by_role("article")
        done = articles.filter(has=self.page.get_by_role("button", name=self.script.again, exact=True))
        end = time.monotonic() + PICTURE_S
        while done.count() < number and time.monotonic() < end:
            self.shoot(180)
            time.sleep(0.3)
        expect(done).to_have_count(number)
        self.page.wait_for_function("[...document.images].every((image) => image.complete && image.naturalWidth)")
        self.page.mouse.move(5, 5)
        time.sleep(0.3)
        self.shoot(2_200)
        return done.last

    def save(self, out: Path) -> None:
        self.frames[0].save(
            out, save_all=True, append_images=self.frames[1:], duration=self.stays, loop=0, quality=QUALITY, method=6,
            minimize_size=True,
        )  # fmt: skip


def record(page: Page, script: Script) -> Film:
    """Ask for a picture, change it by a reply, and ask for four at once."""
    film = Film(page, script)
    expect(page.get_by_role("toolbar").first).to_be_visible()
    film.shoot(1_500)
    film.type(script.draw)
    first = film.paint(1)
    first.hover()
    first.get_by_role("button", name=script.reply).first.click()
    film.type(script.change)
    film.paint(2)
    film.type(script.four)
    film.paint(3)
    return film


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.film", description="Record the README's moving picture.")
    parser.add_argument("--locale", choices=[*SCRIPTS], default="en-GB")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    script = SCRIPTS[given.locale]
    out = given.out or ROOT / "docs" / script.out
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("There is no Chromium on this machine; set CHROMIUM to one.", file=sys.stderr)
        return 1
    discord = Discord()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            running(discord, Path(folder) / "home", LIMNER_LIMIT="none") as bot,
        ):
            bot.ready()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=[f"--{flag}" for flag in (*FLAGS, "disable-sync")]
                )
                page = browser.new_page(viewport=SIZE, locale=given.locale, color_scheme="dark")
                page.goto(discord.url)
                record(page, script).save(out)
                browser.close()
    finally:
        discord.stop()
    size = out.stat().st_size
    print(f"{out}: {size / 1000:.0f} kB")
    return 0 if size < MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
