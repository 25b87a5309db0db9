"""The page, its refusals and its channel are in the language of whoever uses it."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.sandbox.page_texts import page_texts
from bot.ui.i18n import LOCALES
from tests.sandbox.stage import Stage, TinyBot, note, stage

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}


def a_painter(bot: TinyBot) -> None:
    @bot.tree.command(description="Draw")
    async def imagine(interaction: discord.Interaction, prompt: str, count: app_commands.Range[int, 1, 4] = 1) -> None:
        note(interaction, f"{interaction.locale} in a server of {interaction.guild_locale}")
        await interaction.response.send_message(prompt)


async def page(on: Stage, **headers: str) -> str:
    async with on.session.get("/", headers=headers) as response:
        assert response.headers["Vary"] == "Accept-Language"
        return await response.text()


@pytest.mark.parametrize(
    ("asked", "locale"),
    [
        ({}, "en"),
        ({"Accept-Language": "en-GB,en;q=0.9,zh;q=0.8"}, "en"),
        (CHINESE, "zh-CN"),
        ({"Accept-Language": "zh-TW"}, "zh-CN"),
        ({"Accept-Language": "fr;q=0.9"}, "en"),
        ({"Accept-Language": ",;q"}, "en"),
    ],
)
async def test_the_page_is_in_the_browser_s_language(asked: dict[str, str], locale: str) -> None:
    async with stage() as on:
        text = await page(on, **asked)
    assert f'<html lang="{locale}">' in text
    assert not re.search(r"\{\{", text), "nothing is left to fill in"
    given = re.search(r'<script id="texts" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert given
    assert json.loads(given[1]) == page_texts(locale)
    for key in ("sandbox-channels", "sandbox-stays", "sandbox-speaker", "sandbox-message"):
        assert html.escape(page_texts(locale)[key]) in text


def test_each_language_has_a_pattern_for_each_text() -> None:
    marks = {
        locale: {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in page_texts(locale).items()}
        for locale in LOCALES
    }
    assert marks["zh-CN"] == marks["en"]
    english = [key for key, text in page_texts("zh-CN").items() if re.search(r"[A-Za-z]", re.sub(r"\{\w+\}", "", text))]
    assert not [key for key in english if not re.search(r"[\u4e00-\u9fff]", page_texts("zh-CN")[key])]


@pytest.mark.parametrize(
    ("options", "english", "chinese"),
    [
        ({}, "This option is required: prompt", "这个选项必须填：prompt"),
        ({"prompt": "x", "count": "9"}, "count must be at most 4.", "count 最多是 4。"),
        (
            {"prompt": "x", "colour": "red"},
            "no option “colour”. It has: prompt, count",
            "没有选项“colour”。它的选项有：prompt、count",
        ),
    ],
)
async def test_a_refusal_is_in_the_browser_s_language(options: dict[str, Any], english: str, chinese: str) -> None:
    async with stage(a_painter) as on:
        for headers, expected in (({}, english), (CHINESE, chinese)):
            body = {"as": "Ada", "channel_id": "1100000000000000020", "name": "imagine", "options": options}
            async with on.session.post("/page/command", json=body, headers=headers) as response:
                assert response.status == 400
                assert expected in (await response.json())["message"]


async def test_the_server_s_language_is_that_of_the_page_that_was_used_last() -> None:
    async with stage(a_painter) as on:
        guild = on.bot.guilds[0]
        assert str(guild.preferred_locale) == "en-US"
        async with on.session.ws_connect("/page/events?as=Ada&locale=zh-CN") as socket:
            state = await socket.receive_json()
            assert (state["guild"], state["channels"][0]["name"]) == ("Limner 沙盒", "画图")
            await on.until(lambda: str(guild.preferred_locale) == "zh-CN")
            await on.act("command", locale="zh-CN", name="imagine", options={"prompt": "x"})
        assert guild.me is not None, "the bot's cache keeps the rest"
        await on.act("command", locale="de", name="imagine", options={"prompt": "x"})
        await on.until(lambda: str(guild.preferred_locale) == "de")
        await on.command("imagine", prompt="without a locale")
        assert on.bot.log == ["zh-CN in a server of zh-CN", "de in a server of de", "en-US in a server of de"]
