"""`make soak`: thousands of requests, many restarts, and whether memory, file handles and tasks stay where they are.

A bot's life begins anew with each restart, so there are two questions. Within a life: how much is added as requests are
served? All restarts fall into the first half, so that the last quarter lies within one life whose caches are full, such
as SQLite's of 2 MB, into which each request brings pages: it is the slope of that quarter. Across lives: does a later
life stand higher than an earlier one, as where the database or the home's files cost more? It is the slope of the
medians of the lives in the second quarter. The engine is never restarted, so it has one life.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

import aiohttp
import psutil

from bot.sandbox.guild import DRAWING
from harness.tiny_models import Models
from tests.chaos.house import EngineBeside, House
from tests.chaos.inside import go_inside
from tests.chaos.invariants import Asked, Told
from tests.chaos.plan import Plan
from tests.chaos.run import Report, judge, quiet, verdict_of
from tests.histories.events import Answered

TOGETHER = 12
"""Requests on their way at a time."""
SAMPLE_S = 1.0
BEGUN = 60
"""Requests of a life after which it can be compared with others."""
FLAT = 0.02
"""Growth over a quarter of the requests, as a share of the level, that still counts as flat."""
SURE = 2.0
"""By so many standard errors a slope must be above that: how much is open at a time goes up and down by chance."""
METRICS = {"process_resident_memory_bytes": "MB", "process_open_fds": "handles", "limner_bot_tasks": "tasks"}


@dataclass(frozen=True)
class Sample:
    """What was seen after so many requests in all, and so many in this life."""

    life: int
    done: int
    in_life: int
    values: dict[str, float]


class Soak:
    """Drives one house through all requests."""

    def __init__(self, house: House, session: aiohttp.ClientSession, requests: int, restarts: int, port: int) -> None:
        self._house, self._session, self._port = house, session, port
        self._requests, self._each = requests, requests // 2 // max(1, restarts)
        self._asked = self._life_began = self.done = 0
        self._restarts, self._open = restarts, asyncio.Event()
        self.asked: list[Asked] = []
        self.bot: list[Sample] = []
        self.engine: list[Sample] = []

    async def run(self) -> None:
        self._open.set()
        sampling = asyncio.create_task(self._sample())
        async with asyncio.TaskGroup() as group:
            for _ in range(TOGETHER):
                group.create_task(self._work())
            group.create_task(self._restart())
        sampling.cancel()

    async def _work(self) -> None:
        """One member: ask, wait for the picture, ask again."""
        while self._asked < self._requests:
            await self._open.wait()
            number, self._asked = self._asked, self._asked + 1
            told: Told = "nothing"
            tries = 0
            while told == "nothing":
                await self._open.wait()
                words, tries = f"boat {number} of the soak, {tries}", tries + 1
                told = await self._imagine(number, words)
                self.asked.append(Asked(words, 1, told))
                self._house.witness.events.append(Answered(time.time(), ("Ada", "Ben")[number % 2], words, told))
                await asyncio.sleep(0.5 * (told == "nothing"))
            while told == "accepted" and not await asyncio.to_thread(self._house.ended, words):
                await asyncio.sleep(0.5)
            self.done += 1

    async def _imagine(self, number: int, words: str) -> Told:
        options = {"prompt": words, "seed": number, "steps": 1, "guidance": 1.0, "exact": True}
        body = {"as": ("Ada", "Ben")[number % 2], "channel_id": str(DRAWING), "name": "imagine", "options": options}
        async with self._session.post(f"{self._house.discord.url}/page/command", json=body) as answer:
            outcome = await answer.json()
        return await verdict_of(self._house, outcome)

    async def _restart(self) -> None:
        """Restart the bot, by turns with `kill -9` and as an operator does, at equal distances in the first half."""
        for restart in range(1, self._restarts + 1):
            while self._asked < restart * self._each:
                await asyncio.sleep(0.2)
            self._open.clear()
            starts = self._house.bot.starts
            self._house.bot.kill(signal.SIGKILL if restart % 2 else signal.SIGTERM)
            while self._house.bot.starts == starts:
                await asyncio.sleep(0.1)
            await self._house.online()
            self._life_began = self.done
            self._open.set()

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_S)
            if not self._open.is_set():
                continue
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, psutil.Error):
                at = (self._house.bot.starts, self.done, self.done - self._life_began)
                self.bot.append(Sample(*at, await self._read()))
                engine = psutil.Process(self._house.engine.process.pid or 0)
                values = {"MB": engine.memory_info().rss / 1e6, "handles": float(engine.num_fds())}
                self.engine.append(Sample(1, self.done, self.done, values | {"threads": float(engine.num_threads())}))

    async def _read(self) -> dict[str, float]:
        async with self._session.get(f"http://127.0.0.1:{self._port}/metrics") as answer:
            lines = (line.split() for line in (await answer.text()).splitlines())
        found = {line[0]: float(line[1]) for line in lines if line and line[0] in METRICS}
        return {METRICS[name]: value / (1e6 if METRICS[name] == "MB" else 1) for name, value in found.items()}


@dataclass(frozen=True)
class Slope:
    """Growth for each request, and its standard error."""

    growth: float
    error: float


def within(samples: Sequence[Sample], name: str) -> Slope:
    """Return the slope of one life."""
    x, y = [float(sample.done) for sample in samples], [sample.values[name] for sample in samples]
    at, level, free = fmean(x), fmean(y), len(x) - 2
    spread = sum((a - at) ** 2 for a in x)
    if not spread or free < 1:
        return Slope(0.0, 0.0)
    growth = sum((a - at) * (b - level) for a, b in zip(x, y, strict=True)) / spread
    left = sum((b - level - growth * (a - at)) ** 2 for a, b in zip(x, y, strict=True))
    return Slope(growth, math.sqrt(left / free / spread))


def across(samples: Sequence[Sample], name: str) -> Slope:
    """Return the slope from life to life."""
    points = []
    for life in sorted({sample.life for sample in samples}):
        own = [sample for sample in samples if sample.life == life]
        points.append(Sample(0, round(median(s.done for s in own)), 0, {name: median(s.values[name] for s in own)}))
    return within(points, name)


def verdicts(who: str, samples: Sequence[Sample], requests: int) -> list[tuple[str, bool]]:
    """Return a line for each figure, and whether it is flat."""
    last = [s for s in samples if s.done >= requests * 3 // 4]
    earlier = [s for s in samples if requests // 4 <= s.done < requests // 2 and s.in_life >= BEGUN]
    lines = []
    for name in last[0].values if last else ():
        lines.append(_verdict(f"{who}, {name}, within a life", last, name, within(last, name), requests))
        if len({sample.life for sample in earlier}) >= 3:
            lines.append(_verdict(f"{who}, {name}, across lives", earlier, name, across(earlier, name), requests))
    return lines


def _verdict(what: str, samples: Sequence[Sample], name: str, slope: Slope, requests: int) -> tuple[str, bool]:
    level = median(sample.values[name] for sample in samples)
    growth, error = slope.growth * requests / 4, slope.error * requests / 4
    flat = growth - SURE * error <= max(FLAT * level, 0.5 if name != "MB" else 0.0)
    told = f"{what}: level {level:.1f}, {growth:+.2f} (± {error:.2f}) in a quarter of the requests"
    return f"{told}: {'flat' if flat else 'NOT FLAT'}", flat


def table(samples: Sequence[Sample]) -> list[str]:
    """Return the figures over time, a life in a line."""
    lines = []
    for life in sorted({sample.life for sample in samples}):
        own = [sample for sample in samples if sample.life == life]
        figures = ", ".join(f"{n} {own[0].values[n]:.0f} → {own[-1].values[n]:.0f}" for n in own[0].values)
        lines.append(f"  life {life}, requests {own[0].done} to {own[-1].done}: {figures}")
    return lines


async def soak(requests: int, restarts: int, folder: Path) -> bool:
    """Return whether all is flat and nothing was lost."""
    models = Models(folder / "models")
    engine, plan = EngineBeside(folder / "engine", models), Plan(0, False, None, (), (), room_mib=256)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    house, report, started = (
        House(folder / "run", plan, models, engine, LIMNER_METRICS_PORT=str(port)),
        Report(plan),
        0.0,
    )
    async with aiohttp.ClientSession() as session:
        try:
            await engine.start()
            await house.open(session)
            house.bot.start()
            await house.online()
            started, driver = time.monotonic(), Soak(house, session, requests, restarts, port)
            await driver.run()
            report.asked = driver.asked
            await quiet(house)
            await judge(house, report)
        finally:
            await house.bot.stop()
            await house.close()
            left = await engine.stop()
    lines = verdicts("bot", driver.bot, requests) + verdicts("engine", driver.engine, requests)
    print("\n".join(["the bot, life by life:", *table(driver.bot), "the engine:", *table(driver.engine)]))
    print("\n".join(line for line, _ in lines))
    took = time.monotonic() - started
    print(f"{requests} requests, {report.starts} starts, {took:.0f} s; {report.accepted} accepted, {dict(report.ends)}")
    wrong: list[Any] = [*report.violations, *left]
    print("\n".join(map(str, wrong)) or "nothing lost, doubled, unbalanced or orphaned")
    return not wrong and bool(lines) and all(flat for _, flat in lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--restarts", type=int, default=20)
    given = parser.parse_args()
    go_inside("tests.chaos.soak")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="limner-soak-") as folder:
        return 0 if asyncio.run(soak(given.requests, given.restarts, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
