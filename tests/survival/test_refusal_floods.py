"""Members who are refused as fast as they can type delay no one else's picture; posts are limited as on Discord."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from bot.domain.moderation import Action, Block, Entry
from bot.sandbox.guild import BEN, BOT, GUILD, MO
from bot.storage.moderation import Decisions
from harness.discord_limits import POSTS, WINDOW_S, limit_calls
from tests.fakes import SPEC
from tests.survival.conftest import Wire

SAMPLE_S, WHOLE_S = 6.0, 60.0
MOST = 1.5
GRACE_S = 2.0
"""What a crowded machine may add to a wait of a second; where refusals are posted, they add ten."""


async def block(wire: Wire, *members: int) -> None:
    for member in members:
        entry = Entry(MO, Action.BLOCK, time.time(), member, after="always")
        await Decisions(wire.database).set_block(GUILD, member, Block(), entry)


async def spam(wire: Wire, member: str, picture: str, words: str, per_second: float, seconds: float) -> None:
    async with asyncio.timeout(seconds * 5):
        for _ in range(int(seconds * per_second)):
            await wire.act("message", **{"as": member, "content": f"<@{BOT}> {words}".strip(), "reply_to": picture})
            await asyncio.sleep(1 / per_second)


async def drawn(wire: Wire, words: str) -> float:
    """Return the seconds until a picture is there that is painted as written: understandings have a budget a minute."""

    async def newest() -> int:  # the page shows the last messages alone, so counting them tells nothing
        return max((int(post["id"]) for post in await wire.seen() if "Again" in str(post["components"])), default=0)

    async def there() -> bool:
        return await newest() > before

    before, began = await newest(), time.monotonic()
    await wire.imagine(words, exact=True)
    await wire.till(there, "the picture")
    return time.monotonic() - began


CHAT = json.dumps({**SPEC, "understood": "", "keywords": [], "prompt": "", "negative": "", "kind": "chat"})


@pytest.mark.parametrize("seconds", [SAMPLE_S, pytest.param(WHOLE_S, marks=pytest.mark.full)])
@pytest.mark.parametrize(
    ("blocked", "words", "most_refusals"),
    [(True, "make it blue", 0), (True, "", 0), (False, "", 2), (False, "haha", 0)],
    ids=["blocked", "blocked and wordless", "wordless", "laughing"],
)
async def test_a_picture_comes_as_fast_amid_replies_that_make_none(
    wire: Wire, blocked: bool, words: str, most_refusals: int, seconds: float
) -> None:
    calls = limit_calls(wire.sandbox)
    alone = await drawn(wire, "a red boat")
    picture = (await wire.seen())[-1]["id"]
    if blocked:
        await block(wire, BEN, MO)
    await asyncio.sleep(WINDOW_S)
    calls.clear()
    wire.engine.answer = CHAT
    who, per_second = (["Ben"], 1.0) if words == "haha" else (["Ben", "Mo"], 2.0)
    floods = [asyncio.create_task(spam(wire, name, picture, words, per_second, seconds)) for name in who]
    waits = []
    for _ in range(int(seconds // SAMPLE_S)):
        await asyncio.sleep(SAMPLE_S * 0.8)
        waits.append(await drawn(wire, "a green hill"))
    await asyncio.gather(*floods)
    assert max(waits) <= MOST * alone + GRACE_S, (alone, waits)
    refusals = sum(bool(POSTS.match(call)) for call in calls) - len(waits)
    assert refusals <= most_refusals * (1 + seconds // 30), calls
