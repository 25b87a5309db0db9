"""Jobs through the real app, client and thread, with a painter that moves step by step when told to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from engine.api.errors import (
    BadRequest,
    Cancelled,
    EngineError,
    Internal,
    ModelLoading,
    OutOfMemory,
    QueueFull,
    Unavailable,
)
from engine.api.messages import (
    ChatMessage,
    ChatRequest,
    Completed,
    ImageEvent,
    ImageRequest,
    PartialImage,
    Progress,
    Queued,
)
from engine.errors import LoadFailed
from engine.jobs import registry as jobs_module
from engine.jobs.job import Job, Lane, Reader
from engine.jobs.requests import Painting
from engine.loading import load
from engine.models.source import Source
from tests.engine.fakes import FakeEngine, running


def asking(prompt: str, **options: Any) -> ImageRequest:
    given: dict[str, Any] = {"seed": 1, "stream": True, "x_progress": True, **options}
    return ImageRequest(prompt, **given)


async def collect(engine: FakeEngine, request: ImageRequest, key: str | None = None) -> list[ImageEvent]:
    async with engine.client() as client:
        return [event async for event in client.images(request, key=key)]


def seen(events: list[ImageEvent], kind: type[ImageEvent]) -> list[ImageEvent]:
    return [event for event in events if isinstance(event, kind)]


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_request_tells_its_whole_story() -> None:
    async with running() as engine:
        events = await collect(engine, asking("a fox", n=2, partial_images=1))
    assert [type(event) for event in events] == [Queued, Progress, Progress, PartialImage, Progress, Progress] + [
        Completed
    ] * 2
    assert [(event.index, event.seed) for event in events if isinstance(event, Completed)] == [(0, 1), (1, 2)]


async def test_only_what_was_asked_for_is_sent() -> None:
    async with running() as engine:
        events = await collect(engine, asking("a fox", x_progress=False))
        assert [type(event) for event in events] == [Completed]


async def test_plain_and_streamed_agree() -> None:
    async with running() as engine:
        plain = await collect(engine, asking("a fox", stream=False))
        streamed = seen(await collect(engine, asking("a fox")), Completed)
    assert [type(event) for event in plain] == [Completed]
    first, second = plain[0], streamed[0]
    assert isinstance(first, Completed)
    assert isinstance(second, Completed)
    assert (first.b64_json, first.seed, first.size) == (second.b64_json, second.seed, second.size)


@pytest.mark.parametrize(("prompt", "error"), [("fail", Internal), ("memory", OutOfMemory), ("cuda", OutOfMemory)])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_failure_is_told_and_survived(prompt: str, error: type[EngineError], stream: bool) -> None:
    async with running() as engine:
        with pytest.raises(error):
            await collect(engine, asking(prompt, stream=stream))
        assert await collect(engine, asking("a fox"))
        assert engine.painter.memory_freed == (error is OutOfMemory)


@pytest.mark.parametrize("stream", [True, False])
async def test_closing_the_connection_stops_at_the_next_step(stream: bool) -> None:
    async with running() as engine:
        task = asyncio.create_task(collect(engine, asking("wait", num_inference_steps=100, stream=stream)))
        engine.painter.step.release(3)
        await until(lambda: engine.painter.steps_done == 3)
        task.cancel()
        await until(lambda: not engine.jobs._open)
        engine.painter.step.release(1)
        await engine.until_idle()
        assert engine.painter.steps_done == 4
        assert engine.painter.painted == []


async def test_closing_the_connection_leaves_the_queue() -> None:
    async with running() as engine:
        first = asyncio.create_task(collect(engine, asking("wait")))
        await until(lambda: engine.jobs._running)
        second = asyncio.create_task(collect(engine, asking("never")))
        await until(lambda: len(engine.jobs._open) == 2)
        second.cancel()
        await until(lambda: len(engine.jobs._open) == 1)
        assert engine.jobs._queue.order(Lane.IMAGES) == []
        engine.painter.step.release(4)
        assert await first
        assert engine.painter.painted == ["wait"]


async def test_keyed_work_runs_on_and_is_joined_from_its_present_state() -> None:
    async with running() as engine:
        request = asking("wait", partial_images=1)
        task = asyncio.create_task(collect(engine, request, "job-1"))
        engine.painter.step.release(3)
        await until(lambda: engine.painter.steps_done == 3)
        task.cancel()
        await until(lambda: engine.jobs._graces)
        back = asyncio.create_task(collect(engine, request, "job-1"))
        await until(lambda: not engine.jobs._graces)
        engine.painter.step.release(1)
        events = await back
        assert events[:2] == [PartialImage(b"preview"), Progress(3, 4)] or events[:2] == [
            Progress(3, 4),
            PartialImage(b"preview"),
        ]
        assert [type(event) for event in events[2:]] == [Progress, Completed]
        assert engine.painter.painted == ["wait"]


async def test_a_finished_picture_is_given_again_and_never_painted_twice() -> None:
    async with running() as engine:
        first = seen(await collect(engine, asking("a fox"), "job-1"), Completed)
        again = seen(await collect(engine, asking("a fox"), "job-1"), Completed)
        plain = await collect(engine, asking("a fox", stream=False, x_progress=False), "job-1")
        assert first == again
        assert isinstance(plain[0], Completed)
        assert isinstance(first[0], Completed)
        assert plain[0].b64_json == first[0].b64_json
        assert engine.painter.painted == ["a fox"]


async def test_a_key_is_good_for_one_request_alone() -> None:
    async with running() as engine:
        await collect(engine, asking("a fox"), "job-1")
        with pytest.raises(BadRequest, match="another request"):
            await collect(engine, asking("a hen"), "job-1")
        assert engine.painter.painted == ["a fox"]


async def test_two_at_once_with_one_key_share_the_work() -> None:
    async with running() as engine:
        first = asyncio.create_task(collect(engine, asking("wait"), "job-1"))
        second = asyncio.create_task(collect(engine, asking("wait"), "job-1"))
        await until(lambda: [len(job.readers) for job in engine.jobs._open] == [2])
        engine.painter.step.release(4)
        assert seen(await first, Completed) == seen(await second, Completed)
        assert engine.painter.painted == ["wait"]


async def test_keyed_work_whose_client_stays_away_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "GRACE_S", 0.1)
    async with running() as engine:
        task = asyncio.create_task(collect(engine, asking("wait"), "job-1"))
        engine.painter.step.release(1)
        await until(lambda: engine.painter.steps_done == 1)
        task.cancel()
        await until(lambda: not engine.jobs._open)
        engine.painter.step.release(1)
        await engine.until_idle()
        assert engine.painter.painted == []
        engine.painter.step.release(100)
        assert await collect(engine, asking("wait"), "job-1")  # nothing was painted, so the key may ask again


async def test_a_client_that_came_back_gets_a_whole_new_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "GRACE_S", 0.3)
    async with running() as engine:
        seen_jobs: set[Job] = set()
        for _ in range(3):
            task = asyncio.create_task(collect(engine, asking("wait"), "job-1"))
            await until(lambda: any(job.readers for job in engine.jobs._open))
            task.cancel()
            await until(lambda: engine.jobs._graces)
            await asyncio.sleep(0.2)
            seen_jobs |= engine.jobs._open
        assert engine.jobs._open == seen_jobs
        assert len(seen_jobs) == 1


async def test_a_failed_key_may_ask_again() -> None:
    async with running() as engine:
        for _ in range(2):
            with pytest.raises(Internal):
                await collect(engine, asking("fail"), "job-1")


async def test_cancelling_running_and_queued_work_at_once() -> None:
    async with running() as engine, engine.client() as client:
        for key in ("running", "queued"):
            task = asyncio.create_task(collect(engine, asking("wait"), key))
            await until(lambda: engine.jobs._running)
            if key == "queued":
                await until(lambda: len(engine.jobs._open) == 1)
            await asyncio.sleep(0.05)
            await client.cancel(key)
            with pytest.raises(Cancelled):
                await task
        assert engine.jobs._running  # the first is still amid its step
        engine.painter.step.release(1)
        await engine.until_idle()
        assert engine.painter.painted == []


async def test_cancelling_again_or_something_unknown() -> None:
    async with running() as engine:
        await collect(engine, asking("a fox"), "a/b")
        async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(engine.socket))) as session:
            statuses = []
            for key in ("a%2Fb", "a%2Fb", "unknown"):
                async with session.delete(f"http://engine/v1/jobs/{key}") as response:
                    statuses.append(response.status)
                    body = await response.read()
        assert statuses == [204, 204, 404]
        assert b"bad_request" in body
        await collect(engine, asking("a fox"), "a/b")
        assert engine.painter.painted == ["a fox", "a fox"]  # a cancelled key is forgotten


async def test_places_in_the_queue_are_told_as_they_change() -> None:
    async with running() as engine:
        tasks = []
        for prompt in ("wait 0", "wait 1", "wait 2"):
            tasks.append(asyncio.create_task(collect(engine, asking(prompt, user="ada"))))
            await until(lambda: len(engine.jobs._open) == len(tasks))
        tasks.append(asyncio.create_task(collect(engine, asking("wait 3", user="ben"))))
        await until(lambda: len(engine.jobs._open) == 4)
        for done in (1, 2, 3, 4):
            engine.painter.step.release(4)
            await until(lambda: len(engine.painter.painted) == done and (done == 4 or engine.jobs._running))  # noqa: B023
            await asyncio.sleep(0.05)
        stories = [seen(await task, Queued) for task in tasks]
        places = [[event.position for event in story if isinstance(event, Queued)] for story in stories]
        # Between the end of one and the beginning of the next, a busy machine may have time to tell "0" as well.
        assert [place[:1] + [later for later in place[1:] if later] for place in places] == [
            [0],
            [1],
            [2, 3, 2, 1],  # Ben's first goes before Ada's third
            [2, 1],
        ]
        assert engine.painter.painted == ["wait 0", "wait 1", "wait 3", "wait 2"]


async def test_a_long_line_is_told_its_places_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each start changes all places: a hundred who wait would be told ten thousand times."""
    monkeypatch.setattr(jobs_module, "PLACES_S", 3_600.0)
    monkeypatch.setattr(jobs_module, "SLICE_S", 0.001)
    async with running() as engine:
        jobs = [engine.jobs.submit(Painting("wait", 8, 8, 1, (0,)), f"user {number}") for number in range(101)]
        readers = [engine.jobs.follow(job) for job in jobs]
        for done in range(1, 31):
            engine.painter.step.release(1)
            await until(lambda: len(engine.painter.painted) >= done)  # noqa: B023
        assert max(told(reader) for reader in readers) <= 1, "the first ones as they came"
        await until(lambda: jobs[30].began is not None)
        engine.jobs._tell_line()
        await until(lambda: [place_of(job) for job in jobs[31:]] == list(range(1, 71)))
        assert [told(reader) for reader in readers[31:]] == [1] * 70
        for job, reader in zip(jobs, readers, strict=True):
            engine.jobs.leave(job, reader)


def told(reader: Reader) -> int:
    """Return how many places a reader was told since it was asked last."""
    return sum(isinstance(reader.get_nowait(), Queued) for _ in range(reader.qsize()))


def place_of(job: Job) -> int | None:
    return next((event.position for event in job.events if isinstance(event, Queued)), None)


async def test_waits_are_estimated_once_something_was_measured() -> None:
    async with running() as engine:
        await collect(engine, asking("a fox"))
        first = asyncio.create_task(collect(engine, asking("wait")))
        await until(lambda: engine.jobs._running)
        second = asyncio.create_task(collect(engine, asking("a hen")))
        await until(lambda: len(engine.jobs._open) == 2)
        engine.painter.step.release(4)
        await first
        queued = seen(await second, Queued)[0]
        assert isinstance(queued, Queued)
        assert queued.eta_s is not None
        assert 0 <= queued.eta_s < 5


async def test_chat_goes_before_pictures() -> None:
    async with running() as engine, engine.client() as client:
        first = asyncio.create_task(collect(engine, asking("wait 0")))
        await until(lambda: engine.jobs._running)
        second = asyncio.create_task(collect(engine, asking("wait 1")))
        await until(lambda: len(engine.jobs._open) == 2)
        chat = asyncio.create_task(client.chat(ChatRequest([ChatMessage("user", "hello")])))
        await until(lambda: len(engine.jobs._open) == 3)
        engine.painter.step.release(4)
        assert await chat == "hello"
        assert not second.done()
        engine.painter.step.release(4)
        assert await first
        assert await second


async def test_a_full_queue_says_when_to_come_back() -> None:
    async with running(capacity=1) as engine, engine.client() as client:
        tasks = [asyncio.create_task(collect(engine, asking("wait")))]
        await until(lambda: engine.jobs._running)
        tasks.append(asyncio.create_task(collect(engine, asking("wait"))))
        await until(lambda: len(engine.jobs._open) == 2)
        with pytest.raises(QueueFull) as caught:
            await collect(engine, asking("one too many"))
        assert caught.value.retry_after is not None
        assert caught.value.retry_after >= 1
        chat = asyncio.create_task(client.chat(ChatRequest([ChatMessage("user", "hello")])))
        engine.painter.step.release(8)
        assert await chat == "hello"  # the lanes do not fill each other
        await asyncio.gather(*tasks)


async def test_requests_while_loading_and_after_a_failure() -> None:
    loading = threading.Event()
    async with running(loading=loading) as engine, engine.client() as client:
        assert not await client.ready()
        with pytest.raises(ModelLoading, match="being loaded"):
            await collect(engine, asking("a fox"))
        with pytest.raises(ModelLoading):
            await client.models()
        loading.set()
        await until(lambda: engine.frontend._models)
        assert await client.ready()
    for fault, sentence in (
        (LoadFailed("The painter is missing."), "painter is missing"),
        (ValueError("x"), "log says"),
    ):
        async with running(fault=fault) as engine, engine.client() as client:
            await until(lambda: engine.frontend.failure)
            assert not await client.ready()
            with pytest.raises(ModelLoading, match=sentence):
                await collect(engine, asking("a fox"))


async def test_whoever_reads_that_the_models_are_ready_may_ask(models: Path) -> None:
    loading = threading.Event()
    pair = [Source(str(models / name), "", local=True) for name in ("painter", "planner")]
    async with running(loading=loading, real=partial(load, *pair)) as engine:

        def ask(_: object, __: str, line: EventDict) -> EventDict:
            if line["event"] == "models.ready":
                line["may_ask"] = engine.frontend._models is not None
            return line

        with capture_logs([ask]) as logged:
            loading.set()
            await until(lambda: any(line["event"] == "models.ready" for line in logged), 60)
    (ready,) = [line for line in logged if line["event"] == "models.ready"]
    assert ready["may_ask"]
    assert ready["device"] == "cpu"
    assert ready["seconds"] > 0


async def test_a_closing_engine_takes_nothing_new_and_ends_what_runs() -> None:
    async with running() as engine:
        task = asyncio.create_task(collect(engine, asking("wait")))
        await until(lambda: engine.jobs._running)
        engine.jobs.close()
        with pytest.raises(ModelLoading, match="shutting down"):
            await collect(engine, asking("a fox"))
        assert not engine.jobs.idle.is_set()
        engine.jobs.cancel_all()
        with pytest.raises((ModelLoading, Unavailable)):
            await task
        assert engine.jobs.idle.is_set()


async def test_a_comment_is_sent_each_second() -> None:
    async with (
        running() as engine,
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(engine.socket))) as session,
        session.post("http://engine/v1/images/generations", json={"prompt": "wait", "stream": True}) as response,
        asyncio.timeout(4),
    ):
        comments = 0
        while comments < 3:
            comments += (await response.content.readline()).startswith(b":")
