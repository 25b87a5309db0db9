"""Lists that one person opens in the same moment: the newer one takes the place of the older, which does not hang."""

from __future__ import annotations

import asyncio

from bot.sandbox.message import LOADING
from tests.survival.conftest import Wire


async def test_of_two_lists_none_stays_thinking(wire: Wire) -> None:
    await wire.imagine()
    await wire.drawn_once()
    await wire.trouble("slow", r"^GET /channels/\d+/messages/", seconds=0.5)
    pictures = asyncio.create_task(wire.act("command", name="my pictures", options={}))
    await asyncio.sleep(0.2)
    styles = await wire.act("command", name="styles", options={})
    older = (await pictures)["message_id"]

    async def shown() -> bool:
        own = {one["id"]: one for one in await wire.seen("Ada")}
        return styles["message_id"] in own and not any(one["flags"] & LOADING for one in own.values())

    await wire.till(shown, "the newer list", 10.0)
    assert older not in [one["id"] for one in await wire.seen("Ada")]
