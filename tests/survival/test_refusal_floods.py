"""Members who are refused as fast as they can type delay no one else's picture; posts are limited as on Discord."""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from bot.domain.moderation import Action, Block, Entry
from bot.sandbox.fault_injection import LIMITED, Trouble
from bot.sandbox.guild import BEN, BOT, GUILD, MO
from bot.storage.moderation import Decisions
from tests.survival.conftest import Wire

POSTS = re.compile(r"POST /channels/(\d+)/messages$")
BUCKET, WINDOW_S = 5, 5.0
"""Discord's usual limit on posts to a channel; it is told in headers, so this is what was seen, not a promise."""
SPAM_S, PER_SECOND = 12.0, 2
MOST = 1.5
GRACE_S = 0.7
"""What a crowded machine may add to a wait of a second."""


def limit_posts(wire: Wire) -> list[str]:
    """Let the sandbox take so many posts a channel and window, and answer 429 to others; return all calls."""
    taken: defaultdict[str, deque[float]] = defaultdict(deque)
    calls: list[str] = []
    meet: Callable[..., Awaitable[web.StreamResponse]] = wire.sandbox.troubles.meet

    async def limited(call: str, request: web.Request, handler: Any) -> web.StreamResponse:
        calls.append(call)
        if found := POSTS.match(call):
            recent, now = taken[found[1]], time.monotonic()
            while recent and recent[0] < now - WINDOW_S:
                recent.popleft()
            if len(recent) >= BUCKET:
                wait = recent[0] + WINDOW_S - now
                return await Trouble(LIMITED, POSTS, 1, round(wait + 0.05, 2), 0).meet(request, handler)
            recent.append(now)
        return await meet(call, request, handler)

    wire.sandbox.troubles.meet = limited  # type: ignore[method-assign]
    return calls


async def block(wire: Wire, *members: int) -> None:
    for member in members:
        entry = Entry(MO, Action.BLOCK, time.time(), member, after="always")
        await Decisions(wire.database).set_block(GUILD, member, Block(), entry)


async def spam(wire: Wire, member: str, picture: str, words: str) -> None:
    async with asyncio.timeout(60):
        for _ in range(int(SPAM_S * PER_SECOND)):
            await wire.act("message", **{"as": member, "content": f"<@{BOT}> {words}".strip(), "reply_to": picture})
            await asyncio.sleep(1 / PER_SECOND)


async def drawn(wire: Wire, words: str) -> float:
    """Ask for a picture; return after how many seconds it is there."""

    async def pictures() -> int:
        return sum("Again" in str(post["components"]) for post in await wire.seen())

    async def there() -> bool:
        return await pictures() > before

    before, began = await pictures(), time.monotonic()
    await wire.imagine(words)

    await wire.till(there, "the picture")
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("blocked", "words"), [(True, "make it blue"), (True, ""), (False, "")], ids=["blocked", "wordless", "not blocked"]
)
async def test_a_picture_comes_as_fast_amid_refused_replies(wire: Wire, blocked: bool, words: str) -> None:
    calls = limit_posts(wire)
    alone = await drawn(wire, "a red boat")
    picture = (await wire.seen())[-1]["id"]
    if blocked:
        await block(wire, BEN, MO)
    await asyncio.sleep(WINDOW_S)
    calls.clear()
    floods = [asyncio.create_task(spam(wire, name, picture, words)) for name in ("Ben", "Mo")]
    await asyncio.sleep(SPAM_S * 0.8)
    amid = await drawn(wire, "a green hill")
    await asyncio.gather(*floods)
    assert amid <= MOST * alone + GRACE_S, (alone, amid)
    posts = [call for call in calls if POSTS.match(call)]
    refusals = len(posts) - 1
    assert refusals == 0 if blocked else refusals <= 2, posts
