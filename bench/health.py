"""How soon the engine says that it is alive, while pictures are painted and while nothing is."""

from __future__ import annotations

import asyncio
import time
from statistics import quantiles

import aiohttp

from bench.result import Result
from bench.understanding import engine
from engine.api.client import EngineClient
from engine.api.messages import ImageRequest

TOGETHER = 8
ASKED = 200
"""Questions of one measurement, one after the other."""
PAUSE_S = 0.01
LIMIT_MS = 100.0


def health(repeats: int) -> list[Result]:
    """Measure the 99th percentile; quiet and busy take turns."""
    return asyncio.run(_health(repeats))


async def _health(repeats: int) -> list[Result]:
    async with engine() as client:
        socket = client._connection.address.socket
        connector = aiohttp.UnixConnector(str(socket))
        async with aiohttp.ClientSession(connector=connector) as session:
            quiet, busy = [], []
            for _ in range(repeats):
                quiet.append(await _p99(session))
                painting = [asyncio.create_task(_paint(client, seed)) for seed in range(TOGETHER)]
                busy.append(await _p99(session))
                for task in painting:
                    task.cancel()
                await asyncio.gather(*painting, return_exceptions=True)
    return [Result(f"/healthz p99, {TOGETHER} pictures painted", "ms", busy, quiet, "nothing painted", LIMIT_MS)]


async def _p99(session: aiohttp.ClientSession) -> float:
    """Return the 99th percentile of answers, in milliseconds."""
    taken = []
    for _ in range(ASKED):
        began = time.perf_counter()
        async with session.get("http://engine/healthz") as answer:
            assert answer.status == 200
            await answer.read()
        taken.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(PAUSE_S)
    return quantiles(taken, n=100)[98]


async def _paint(client: EngineClient, seed: int) -> None:
    """Paint without an end: one picture after the other."""
    while True:
        async for _ in client.images(ImageRequest("a red boat on a lake", seed=seed, partial_images=2)):
            pass
