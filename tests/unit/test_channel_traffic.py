"""What is no job's post waits for those of jobs, one at a time, and not for ever."""

from __future__ import annotations

import asyncio

from bot.ui.channel_traffic import ChannelTraffic


async def other(traffic: ChannelTraffic, order: list[str], channel: int = 1) -> bool:
    async with traffic.after_jobs(channel) as free:
        order.append("other" if free else "dropped")
        await asyncio.sleep(0.01)
        return free


async def test_it_waits_for_the_posts_of_jobs_in_its_channel() -> None:
    traffic, order = ChannelTraffic(), list[str]()
    with traffic.posting(1):
        with traffic.posting(1):
            waiting = asyncio.create_task(other(traffic, order))
            assert await other(traffic, order, channel=2)
        await asyncio.sleep(0.01)
        order.append("posted")
    assert await waiting
    assert order == ["other", "posted", "other"]


async def test_one_waits_and_further_ones_are_dropped() -> None:
    traffic, order = ChannelTraffic(), list[str]()
    free = await asyncio.gather(*(other(traffic, order) for _ in range(5)))
    assert free == [True, False, False, False, False]
    assert await other(traffic, order)


async def test_who_waits_for_too_long_is_dropped() -> None:
    traffic = ChannelTraffic(wait_s=0.01)
    with traffic.posting(1):
        assert not await other(traffic, [])
    assert await other(traffic, [])
