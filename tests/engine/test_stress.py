"""Many requests of twenty users through the real app and thread: each ends once, and nothing is left behind."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import random
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from engine.jobs.job import Job
from engine.jobs.registry import Jobs
from engine.loading import load
from engine.models.source import Source
from tests.engine.fakes import FakeEngine, running

USERS = 20
CODES = ("cancelled", "bad_request", "model_not_found", "queue_full", "internal")
WAYS = ("stay", "stay", "stay", "leave", "leave", "delete", "come back", "bad", "chat")


class Ledger:
    """Counts how often each job ended, and how."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.jobs: set[Job] = set()
        self.ends: Counter[Job] = Counter()
        self.kinds: Counter[str] = Counter()
        submit, finish = Jobs.submit, Job.finish

        def counted(jobs: Jobs, *arguments: Any, **options: Any) -> Job:
            job = submit(jobs, *arguments, **options)
            self.jobs.add(job)
            return job

        def noted(job: Job, error: Any = None) -> None:
            if job.end is None:
                self.ends[job] += 1
                self.kinds["done" if error is None else "cancelled" if error.code == "cancelled" else "failed"] += 1
            finish(job, error)

        monkeypatch.setattr(Jobs, "submit", counted)
        monkeypatch.setattr(Job, "finish", noted)


class Client:
    """Asks in one of the ways that people have, and tells what it was told at the end."""

    def __init__(self, session: aiohttp.ClientSession, chance: random.Random, number: int) -> None:
        self._session, self._chance = session, chance
        self._key = f"key {number}"
        self._way = WAYS[number % len(WAYS)]
        self._body: dict[str, Any] = {
            "prompt": f"request {number}",
            "user": f"user {chance.randrange(USERS)}",
            "seed": number,
            "size": chance.choice(["64x64", "64x64", "64x64", "96x64"]),
            "num_inference_steps": chance.randrange(2, 8),
            "guidance_scale": chance.choice([1.0, 7.5]),
            "n": chance.choice([1, 1, 1, 2]),
            "stream": chance.random() < 0.7,
            "x_progress": True,
        }

    async def ask(self) -> str:
        await asyncio.sleep(self._chance.random() * 2)
        while (told := await getattr(self, "_" + self._way.replace(" ", "_"))()) == "queue_full":
            await asyncio.sleep(0.1)
        return f"{self._way}: {told}"

    async def _stay(self) -> str:
        return await self._send(self._body)

    async def _bad(self) -> str:
        fault: dict[str, Any] = self._chance.choice(
            [{"size": "63x64"}, {"num_inference_steps": 0}, {"prompt": ""}, {"model": "other"}]
        )
        return await self._send({**self._body, **fault})

    async def _leave(self) -> str:
        try:
            async with asyncio.timeout(self._chance.random()):
                return await self._send(self._body)
        except TimeoutError:
            return "left"

    async def _delete(self) -> str:
        asking = asyncio.create_task(self._send(self._body, self._key))
        await asyncio.sleep(self._chance.random())
        async with self._session.delete(f"/v1/jobs/{self._key}"):
            pass
        return await asking

    async def _come_back(self) -> str:
        try:
            async with asyncio.timeout(self._chance.random() / 2):
                await self._send(self._body, self._key)
        except TimeoutError:
            pass
        return await self._send(self._body, self._key)

    async def _chat(self) -> str:
        body = {"messages": [{"role": "user", "content": "a boat"}], "max_tokens": 8, "user": self._body["user"]}
        async with self._session.post("/v1/chat/completions", json=body) as response:
            answer = await response.json()
            return str(answer["error"]["code"] if "error" in answer else "done")

    async def _send(self, body: dict[str, Any], key: str | None = None) -> str:
        headers = {"Idempotency-Key": key} if key else {}
        async with self._session.post("/v1/images/generations", json=body, headers=headers) as response:
            text = (await response.read()).decode()
        if '"error"' in text:
            return next(code for code in CODES if f'"{code}"' in text)
        return "done" if "b64_json" in text else f"nothing: {text[:80]}"


async def _watch(session: aiohttp.ClientSession, taken: list[float]) -> None:
    while True:
        began = time.perf_counter()
        async with session.get("/healthz") as response:
            assert response.status == 200
        taken.append(time.perf_counter() - began)
        await asyncio.sleep(0.02)


@pytest.fixture
async def stressed(models: Path) -> AsyncIterator[FakeEngine]:
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]
    async with running(real=lambda: load(*pair)) as engine:
        yield engine


@pytest.mark.parametrize("requests", [72, pytest.param(200, marks=pytest.mark.full)])
async def test_each_ends_in_one_way_and_nothing_is_left(
    stressed: FakeEngine, monkeypatch: pytest.MonkeyPatch, requests: int
) -> None:
    ledger, chance, taken = Ledger(monkeypatch), random.Random(4), list[float]()
    connector = aiohttp.UnixConnector(str(stressed.socket), limit=0, force_close=True)
    patient = aiohttp.ClientTimeout(total=None)  # a timer that was cancelled keeps its answer alive for minutes
    async with aiohttp.ClientSession("http://engine", connector=connector, timeout=patient) as session:
        await _round(session, chance, 30)  # fills caches and pools
        await stressed.until_idle()
        before = _left_behind()
        watching = asyncio.create_task(_watch(session, taken))
        told = await _round(session, chance, requests)
        async with asyncio.timeout(30):
            while stressed.jobs._open or stressed.jobs._running:
                await asyncio.sleep(0.01)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await asyncio.sleep(0.2)
        after = _left_behind()
    taken.sort()
    p50, p99 = (taken[len(taken) * share // 100] * 1e3 for share in (50, 99))
    print(f"\ntold: {told}\nended: {ledger.kinds}\nthreads, tasks, MB: {before} -> {after}")
    print(f"/healthz: {len(taken)} times, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    assert told.total() == requests
    assert not any("nothing" in kind or "internal" in kind for kind in told), told
    assert {kind for kind in told if kind.startswith("bad")} == {"bad: bad_request", "bad: model_not_found"}
    assert all(told[f"{way}: done"] for way in ("stay", "come back", "chat"))
    assert set(ledger.ends.values()) == {1}
    assert set(ledger.ends) == ledger.jobs
    assert all(ledger.kinds[kind] for kind in ("done", "cancelled"))
    assert ledger.kinds["failed"] == 0
    assert len(taken) > 20
    assert after[0] <= before[0]
    assert after[1] <= before[1]
    assert after[2] < before[2] + 64  # MB; the allocator and the log's capture take some


async def _round(session: aiohttp.ClientSession, chance: random.Random, count: int) -> Counter[str]:
    clients = [Client(session, chance, int(f"{count}{number}")) for number in range(count)]
    return Counter(await asyncio.gather(*(client.ask() for client in clients)))


def _left_behind() -> tuple[int, int, int]:
    """Return the threads, the tasks, and the megabytes of this process, without what it has freed but keeps."""
    gc.collect()
    with suppress(OSError, AttributeError):  # glibc's alone
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    return threading.active_count(), len(asyncio.all_tasks()), psutil.Process().memory_info().rss >> 20
