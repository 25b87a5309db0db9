"""The bot's list of engines with real ones behind it: the wire, queue, jobs and model thread; painting is scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest_asyncio

from bot.services.engine_pool import EnginePool
from engine.api.client import EngineClient
from engine.api.messages import Completed, ImageEvent, ImageRequest, PartialImage, Progress
from tests.engine.fakes import FakeEngine, running

Pair = tuple[FakeEngine, FakeEngine]


@pytest_asyncio.fixture
async def engines() -> AsyncIterator[Pair]:
    async with running() as one, running() as two:
        yield one, two


@asynccontextmanager
async def pool_of(*engines: FakeEngine) -> AsyncIterator[EnginePool]:
    """Yield the list as a bot has it that has just started."""
    async with AsyncExitStack() as stack:
        clients: dict[str, EngineClient] = {}
        for number, engine in enumerate(engines):
            clients[f"gpu{number}"] = await stack.enter_async_context(engine.client())
        pool = EnginePool(clients)
        yield pool
        await pool.close()


def waiting(prompt: str = "wait", seed: int = 1) -> ImageRequest:
    return ImageRequest(prompt, seed=seed, stream=True, x_progress=True, partial_images=1)


async def begun(pool: EnginePool, key: str) -> AsyncGenerator[ImageEvent, None]:
    """Return the events of a picture that an engine has taken."""
    events = pool.images(waiting(), key=key)
    await anext(events)
    return events


async def test_each_new_picture_goes_where_the_least_waits(engines: Pair) -> None:
    one, two = engines
    async with pool_of(one, two) as pool, one.client() as other:  # someone else's work on the first
        strange = other.images(waiting(), key="strange")
        await anext(strange)
        mine = [await begun(pool, "mine1")]
        assert [len(engine.jobs._open) for engine in engines] == [1, 1]
        mine += [await begun(pool, f"mine{number}") for number in (2, 3)]
        assert sorted(len(engine.jobs._open) for engine in engines) == [2, 2]
        status = await pool.status()
        assert (status.waiting, [engine.name for engine in status.engines]) == (4, ["gpu0", "gpu1"])
        for events in (strange, *mine):
            await events.aclose()


async def test_three_requests_at_once_are_spread(engines: Pair) -> None:
    async with pool_of(*engines) as pool:
        painting = await asyncio.gather(*(begun(pool, f"job{number}") for number in range(3)))
        assert sorted(len(engine.jobs._open) for engine in engines) == [1, 2]
        for events in painting:
            await events.aclose()


async def test_a_bot_that_starts_anew_finds_the_engine_that_has_its_job(engines: Pair) -> None:
    one, two = engines
    async with pool_of(one, two) as pool:
        filler = await begun(pool, "filler")  # on the first
        events = await begun(pool, "job")  # so this is on the second
        assert [len(engine.jobs._open) for engine in engines] == [1, 1]
        await events.aclose()
        await filler.aclose()
    async with pool_of(one, two) as pool:
        await pool.cancel("filler")  # now the first has the least work
        painting = asyncio.create_task(collect(pool, "job"))
        two.painter.step.release(4)
        events_of_job = await painting
    assert [event.b64_json for event in events_of_job if isinstance(event, Completed)] == [b"wait 1"]
    assert (one.painter.painted, two.painter.painted) == ([], ["wait"])
    async with pool_of(one, two) as pool:  # and its pictures are fetched there once it is done
        assert await collect(pool, "job")
    assert (one.painter.painted, two.painter.painted) == ([], ["wait"])


async def collect(pool: EnginePool, key: str) -> list[ImageEvent]:
    return [event async for event in pool.images(waiting(), key=key)]


async def test_progress_and_previews_come_through_and_a_cancel_ends_the_job(engines: Pair) -> None:
    one, two = engines
    async with pool_of(one, two) as pool:
        one.painter.step.release(4)
        events = await collect(pool, "shown")
        assert {Progress, PartialImage, Completed} <= {type(event) for event in events}
        cut = await begun(pool, "cut")
        await pool.cancel("cut")
        await cut.aclose()
        for engine in engines:
            engine.painter.step.release(4)
            await engine.until_idle()
        async with one.client() as first, two.client() as second:
            assert not await first.holds("cut")
            assert not await second.holds("cut")
            assert await first.holds("shown")
