"""Requests of several people at one real engine thread: what they share, who passes whom, and what they are told."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from engine.api.client import EngineClient
from engine.api.messages import ChatMessage, ChatRequest, Completed, ImageEvent, ImageRequest, Progress, Queued
from engine.batching.batch_size import BatchSizes
from engine.loading import Models, load
from engine.models.source import Source
from engine.painting import picture_writer
from tests.engine.fakes import FakeEngine, running


@pytest.fixture
async def engine(models: Path) -> AsyncIterator[FakeEngine]:
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]

    def sharing() -> Models:
        loaded = load(*pair)
        assert loaded.painter.gate
        loaded.painter.gate.batch_sizes = BatchSizes(most=16)  # on one thread, a measurement may find no gain
        return loaded

    async with running(real=sharing) as engine:
        yield engine


def asking(prompt: str, **options: Any) -> ImageRequest:
    given: dict[str, Any] = {
        "size": "64x64",
        "num_inference_steps": 8,
        "seed": 1,
        "stream": True,
        "x_progress": True,
        **options,
    }
    return ImageRequest(prompt, **given)


async def collect(engine: FakeEngine, request: ImageRequest, order: list[str] | None = None) -> list[ImageEvent]:
    async with engine.client() as client:
        events = [event async for event in client.images(request)]
    if order is not None:
        order.append(request.prompt)
    return events


async def begun(engine: FakeEngine, steps: int = 3) -> None:
    """Wait until some picture has done so many steps."""
    async with asyncio.timeout(20):
        while not any(job.steps_done >= steps for job in engine.jobs._running):
            await asyncio.sleep(0.002)


def picture(events: list[ImageEvent]) -> Image.Image:
    (file,) = [event.b64_json for event in events if isinstance(event, Completed)]
    return Image.open(io.BytesIO(file)).convert("RGB")


async def test_among_others_a_picture_is_the_same_within_one_level(engine: FakeEngine) -> None:
    requests = [asking(f"a hen {seed}", seed=seed, num_inference_steps=4 + seed, user=f"{seed}") for seed in range(5)]
    alone = [picture(await collect(engine, request)) for request in requests]
    again = picture(await collect(engine, requests[2]))
    assert again.tobytes() == alone[2].tobytes()
    together = await asyncio.gather(*(collect(engine, request) for request in requests))
    assert max(engine.rows["64x64"]) >= 4  # rows: some shared, of two each
    for before, events in zip(alone, together, strict=True):
        levels = ImageChops.difference(before, picture(events)).tobytes()
        assert max(levels) <= 1


@pytest.mark.parametrize("size", ["64x64", pytest.param("96x64", marks=pytest.mark.full)])
async def test_a_late_short_one_is_done_long_before_and_was_told_so(engine: FakeEngine, size: str) -> None:
    for warm in ("64x64", size):
        await collect(engine, asking("warm", size=warm, num_inference_steps=3))
    order: list[str] = []
    long = asyncio.create_task(collect(engine, asking("long", num_inference_steps=150, user="ada"), order))
    await begun(engine)
    short = await collect(engine, asking("short", num_inference_steps=4, size=size, user="ben"), order)
    told = next(event for event in short if isinstance(event, Queued))
    assert not long.done()
    steps = max(job.steps_done for job in engine.jobs._running)
    events = await long
    assert order == ["short", "long"]
    assert steps < 100
    assert told.position == 0
    assert told.eta_s is not None
    assert [event.step for event in events if isinstance(event, Progress)] == list(range(1, 151))


async def test_a_chat_is_answered_amid_a_picture(engine: FakeEngine) -> None:
    long = asyncio.create_task(collect(engine, asking("long", num_inference_steps=150)))
    await begun(engine)
    async with engine.client() as client:
        await _chat(client)
    assert not long.done()
    assert [event for event in await long if isinstance(event, Completed)]


async def _chat(client: EngineClient) -> None:
    await client.chat(ChatRequest([ChatMessage("user", "hello")], max_tokens=8))


async def test_while_one_picture_is_written_the_next_is_painted(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, write = threading.Event(), picture_writer._write

    def slow(*picture: Any) -> bytes:
        assert written.wait(20)
        return write(*picture)

    monkeypatch.setattr(picture_writer, "_write", slow)
    first = asyncio.create_task(collect(engine, asking("first", num_inference_steps=2, user="ada")))
    await begun(engine, 2)
    second = asyncio.create_task(collect(engine, asking("second", num_inference_steps=30, user="ben")))
    await begun(engine, 30)
    assert not first.done()
    written.set()
    assert picture(await first).size == picture(await second).size == (64, 64)
