"""The engine's figures: what happened is counted, once, under labels that nobody can make more of."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest

from engine.api.client import EngineClient
from engine.api.errors import BadRequest, QueueFull
from engine.api.messages import ChatMessage, ChatRequest, Completed, ImageRequest
from engine.batching.model_thread import IDLE_S
from tests.engine.conftest import KEY, EngineProcess
from tests.engine.fakes import FakeEngine, running
from tests.figures import Figures

HELLO = ChatRequest([ChatMessage("user", "hello")])


def figures(engine: FakeEngine) -> Figures:
    return Figures(engine.jobs.exposition(), "limner_engine_")


async def paint(client: EngineClient, prompt: str, n: int = 1, key: str | None = None) -> int:
    request = ImageRequest(prompt, n=n, stream=True, num_inference_steps=2)
    return sum([isinstance(event, Completed) async for event in client.images(request, key=key)])


async def test_jobs_pictures_and_tokens_are_counted() -> None:
    async with running() as engine, engine.client() as client:
        before = figures(engine)
        assert before.value("ready") == 1
        assert before.value("jobs_total") == before.value("tokens_total") == 0
        await client.chat(HELLO)
        assert await paint(client, "a fox", n=3) == 3
        await engine.until_idle()
        found = figures(engine)
    assert found.value("jobs_total", lane="images", end="done") == 1
    assert found.value("jobs_total", lane="chat", end="done") == 1
    assert found.value("jobs_total") == 2
    assert found.value("pictures_total") == 3
    assert found.value("tokens_total", kind="completion") == found.value("tokens_total", kind="prompt") == 1
    assert found.value("job_seconds_count", lane="images") == found.value("wait_seconds_count", lane="images") == 1
    assert found.value("device_bytes", kind="peak") == 40
    assert found.value("requests_total", route="/v1/chat/completions", status="200") == 1


async def test_what_waits_is_counted_with_its_age() -> None:
    began = time.monotonic()
    async with running() as engine, engine.client() as client:
        asked = [asyncio.create_task(paint(client, "wait")) for _ in range(3)]
        while figures(engine).value("queue_jobs", lane="images") < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        found = figures(engine)
        assert 0.2 <= found.value("queue_age_seconds", lane="images") <= time.monotonic() - began
        assert found.value("queue_age_seconds", lane="chat") == 0
        assert found.value("running_jobs") == found.value("running_jobs", lane="images") == 1
        engine.painter.step.release(100)
        await asyncio.gather(*asked)
        await engine.until_idle()
        found = figures(engine)
        assert found.value("queue_jobs") == found.value("running_jobs") == found.value("queue_age_seconds") == 0


async def test_refusals_and_failures_are_counted_by_their_code() -> None:
    async with running(capacity=1) as engine, engine.client() as client:
        first = asyncio.create_task(paint(client, "wait"))
        while figures(engine).value("running_jobs") < 1:
            await asyncio.sleep(0.01)
        second = asyncio.create_task(paint(client, "wait"))
        while figures(engine).value("queue_jobs") < 1:
            await asyncio.sleep(0.01)
        with pytest.raises(QueueFull):
            await paint(client, "one too many")
        with pytest.raises(BadRequest):
            await paint(client, "")
        second.cancel()
        while figures(engine).value("jobs_total", end="cancelled") < 1:
            await asyncio.sleep(0.01)
        engine.painter.step.release(100)
        await first
        await engine.until_idle()
        found = figures(engine)
    assert found.value("refusals_total", code="queue_full") == 1
    assert found.value("refusals_total", code="bad_request") == 1
    assert found.value("refusals_total") == 2
    assert found.value("jobs_total") == 2, "what was refused never was a job"
    assert found.value("requests_total", status="429") == 1


async def test_what_is_cancelled_amid_its_steps_ends_once() -> None:
    async with running() as engine, engine.client() as client:
        asked = asyncio.create_task(paint(client, "wait"))
        while figures(engine).value("running_jobs") < 1:
            await asyncio.sleep(0.01)
        asked.cancel()
        while figures(engine).value("jobs_total", end="cancelled") < 1:
            await asyncio.sleep(0.01)
        engine.painter.step.release(100)
        await engine.until_idle()
        assert figures(engine).value("jobs_total") == 1


async def test_joining_work_again_counts_no_second_job() -> None:
    async with running() as engine, engine.client() as client:
        await paint(client, "a fox", key="k")
        await paint(client, "a fox", key="k")
        await engine.until_idle()
        assert figures(engine).value("jobs_total", end="done") == 1


async def test_nobody_can_make_more_labels() -> None:
    async with running() as engine, aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(engine.socket))) as http:
        for number in range(6):
            await http.get(f"http://engine/v1/odd{number}")
            await http.delete(f"http://engine/v1/jobs/odd{number}")
            for model in ("default", f"odd{number}"):
                asked = {"prompt": "odd", "size": f"{72 + 8 * number}x64", "model": model, "num_inference_steps": 3}
                await http.post("http://engine/v1/images/generations", json=asked)
        await engine.until_idle()
        found = figures(engine)
    assert found.value("requests_total", route="other") == found.value("requests_total", route="/v1/jobs") == 6
    assert found.value("jobs_total", end="done") == 6
    assert found.value("step_seconds_count", size="other") == found.value("step_seconds_count") >= 6
    assert not [one for one in found.samples if "odd" in str(one) or "x64" in str(one)]


async def test_a_real_engine_tells_its_figures_without_a_key(engine: EngineProcess, url: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "X-Request-Id": "my-own-name"}
    async with aiohttp.ClientSession(url) as http:
        async with http.get("/v1/models") as refused:
            assert refused.status == 401
        asked = {"prompt": "a fox", "num_inference_steps": 3, "n": 2, "size": "64x64"}
        text = ""
        async with asyncio.timeout(60):
            while "batch_cap{" not in text:  # measured when the engine is idle, and told with the next step
                if text:
                    await asyncio.sleep(IDLE_S + 1)
                async with http.post("/v1/images/generations", json=asked, headers=headers) as painted:
                    assert painted.status == 200
                async with http.get("/metrics") as answer:
                    assert answer.status == 200
                    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
                    text = await answer.text()
    found = Figures(text, "limner_engine_")
    assert found.value("step_seconds_count", size="64x64") >= 3
    assert found.value("batch_rows_sum") >= 6
    assert found.value("batch_cap", size="64x64") >= 1
    assert found.value("device_bytes", kind="peak") > 50e6
    assert found.value("requests_total", route="/v1/models", status="401") >= 1
    assert "process_resident_memory_bytes" in text
    assert "a fox" not in text
    stages = [json.loads(line) for line in engine.stderr.splitlines() if '"my-own-name"' in line]
    assert [stage["event"] for stage in stages][:3] == ["job.queued", "job.started", "job.finished"]
    assert {stage["job_id"] for stage in stages} == {"my-own-name"}


async def test_a_name_that_is_none_is_not_logged(engine: EngineProcess, url: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "X-Request-Id": "two words"}
    async with aiohttp.ClientSession(url, headers=headers) as http:
        await http.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1})
    assert "two words" not in engine.stderr
