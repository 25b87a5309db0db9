"""The page's models: for a moderator alone, and from this page's own origin alone."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.sandbox.page_models import DeskRefused
from bot.sandbox.server import Sandbox


class FakeDesk:
    """Notes what is asked of it."""

    def __init__(self) -> None:
        self.acted: list[tuple[str, str]] = []

    async def listed(self, locale: str) -> dict[str, Any]:
        return {"locale": locale, "models": []}

    async def act(self, verb: str, name: str, locale: str) -> None:
        if name == "no":
            raise DeskRefused(f"refused in {locale}")
        if verb not in ("fetch", "stop", "use"):
            raise ValueError(verb)
        self.acted.append((verb, name))


async def post(
    session: aiohttp.ClientSession, origin: str | None, member: str = "Mo", verb: str = "fetch", name: str = "a/b"
) -> tuple[int, dict[str, Any]]:
    headers = {} if origin is None else {"Origin": origin}
    body = {"as": member, "verb": verb, "name": name, "locale": "zh-CN"}
    async with session.post("/page/models", json=body, headers=headers) as response:
        return response.status, await response.json() if response.content_type == "application/json" else {}


async def test_a_moderator_fetches_and_switches_from_the_page() -> None:
    desk = FakeDesk()
    async with Sandbox(0, models=desk) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        for verb in ("fetch", "stop", "use"):
            assert await post(session, sandbox.url, verb=verb) == (200, {"locale": "zh-CN", "models": []})
        async with session.get("/page/models?as=Mo&locale=en-US") as response:
            assert (await response.json())["locale"] == "en-US"
        refused = await post(session, sandbox.url, name="no")
        assert (refused[0], refused[1]["message"]) == (400, "refused in zh-CN")
        assert (await post(session, sandbox.url, verb="dance"))[0] == 400
    assert desk.acted == [("fetch", "a/b"), ("stop", "a/b"), ("use", "a/b")]


@pytest.mark.parametrize("member", ["Ada", "Ben"])
async def test_members_may_not(member: str) -> None:
    desk = FakeDesk()
    async with Sandbox(0, models=desk) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        assert (await post(session, sandbox.url, member))[0] == 403
        async with session.get(f"/page/models?as={member}") as response:
            assert response.status == 403
    assert desk.acted == []


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://127.0.0.1:1"])
async def test_nothing_but_the_page_itself_changes_anything(origin: str | None) -> None:
    desk = FakeDesk()
    async with Sandbox(0, models=desk) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        assert (await post(session, origin))[0] == 403
        async with session.post("/page/models", data="as=Mo", headers={"Origin": sandbox.url}) as response:
            assert response.status == 400
    assert desk.acted == []


async def test_without_a_desk_there_is_nothing() -> None:
    async with Sandbox(0) as sandbox, aiohttp.ClientSession(sandbox.url) as session:
        assert (await post(session, sandbox.url))[0] == 404
