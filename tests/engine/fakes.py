"""An engine whose models are a few lines of Python: the real queue, jobs, thread, app and socket around them."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import uvicorn

from engine.api.address import Address
from engine.api.client import EngineClient
from engine.api.messages import Completed, Model, ModelFacts, PartialImage, Progress
from engine.batching.eta import Eta
from engine.batching.model_thread import ModelThread
from engine.frontend import Frontend
from engine.http.listener import UnixListener
from engine.http.server import create_app
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.job import Job, Lane, Reporter
from engine.jobs.queue import JobQueue
from engine.jobs.registry import Jobs
from engine.jobs.requests import Answer, Conversation, Delta, Painting
from engine.loading import Models
from engine.models.safety import Safety
from engine.painting.painter_spec import PainterSpec

FAKE_SPEC = PainterSpec("fake", {"square": "64x64"}, multiple=8, smallest=16, largest=128, steps=4, guidance=None)


class FakePainter:
    """Does what the prompt says: fail, memory, cuda, wait (for a `step.release()` each step), slow (seconds a step).

    Any other prompt is painted at once.
    """

    def __init__(self) -> None:
        self.spec = FAKE_SPEC
        self.step = threading.Semaphore(0)
        self.painted: list[str] = []
        self.steps_done = 0
        self.memory_freed = 0

    def measure(self, is_idle: Callable[[], bool]) -> None:
        pass

    def make_room(self, work: Painting | Conversation) -> bool:
        return False

    def paint(self, work: Painting, reporter: Reporter) -> None:
        self.steps_done = 0
        if work.prompt == "fail":
            raise ValueError("a bug")
        if work.prompt == "memory":
            raise MemoryError
        if work.prompt == "cuda":
            raise RuntimeError("CUDA out of memory. Tried to allocate 20 GiB")
        for step in range(1, work.steps + 1):
            if work.prompt.startswith("slow"):
                time.sleep(float(work.prompt.removeprefix("slow")))
            if work.prompt.startswith("wait"):
                assert self.step.acquire(timeout=20)
            self.steps_done = step
            reporter.tell(Progress(step, work.steps))
            if work.previews and step == work.steps // 2:
                reporter.tell(PartialImage(b"preview"))
        self.painted.append(work.prompt)
        for index, seed in enumerate(work.seeds):
            reporter.tell(Completed(f"{work.prompt} {seed}".encode(), index, work.size, seed, work.steps, "fake"))


class FakePlanner:
    name = "fake-planner"
    slots = 1

    def answer(self, work: Conversation, reporter: Reporter) -> None:
        text = work.request.messages[-1].text
        reporter.tell(Delta(text))
        reporter.tell(Answer(text, "stop", 1, 1))


class FakeModels:
    def __init__(self) -> None:
        self.painter = FakePainter()
        self.planner = FakePlanner()
        self.safety = Safety("off")
        self.device, self.chip, self.seconds = "fake", "fake", 0.0

    def free_memory(self) -> None:
        self.painter.memory_freed += 1

    def memory(self) -> dict[str, int]:
        return {"total": 100, "peak": 40}

    def describe(self) -> list[Model]:
        return [Model("fake", limner=ModelFacts("painter", sizes=FAKE_SPEC.sizes)), Model("fake-planner")]


class FakeEngine:
    """The parts of a running engine that a test looks at."""

    def __init__(self, socket: Path, jobs: Jobs, frontend: Frontend, models: FakeModels, eta: Eta) -> None:
        self.socket = socket
        self.jobs = jobs
        self.frontend = frontend
        self.painter = models.painter
        self._eta = eta

    def client(self) -> EngineClient:
        return EngineClient(Address("http://engine", self.socket))

    @property
    def rows(self) -> dict[str, dict[int, float]]:
        """Measured seconds by size and rows."""
        return self._eta._timing._steps

    async def until_idle(self) -> None:
        async with asyncio.timeout(5):
            while self.jobs._open or self.jobs._running:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    *,
    capacity: int = 64,
    loading: threading.Event | None = None,
    fault: Exception | None = None,
    real: Callable[[], Models] | None = None,
) -> AsyncIterator[FakeEngine]:
    """Run an engine on a Unix socket.

    `loading` holds the models back until it is set, `fault` is raised in their place, `real` loads others.
    """
    models = FakeModels()
    queue: JobQueue[Job] = JobQueue(Lane.CHAT, Lane.IMAGES, capacity=capacity)

    def load() -> Models:
        if loading:
            loading.wait(20)
        if fault:
            raise fault
        return real() if real else cast(Models, models)

    with tempfile.TemporaryDirectory() as folder:
        listener = UnixListener(Path(folder) / "s")
        eta = Eta()
        heartbeat = Heartbeat()
        jobs = Jobs(queue, eta, heartbeat)
        frontend = Frontend(jobs, lambda sentence: None)
        config = uvicorn.Config(
            create_app(frontend, None), log_config=None, lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve([listener.sock]))  # serve() would take over pytest's signals
        model_thread = ModelThread(load, queue, frontend, heartbeat)
        model_thread.start()
        while not loading and not fault and frontend._models is None:
            await asyncio.sleep(0.001)
        try:
            yield FakeEngine(listener.path, jobs, frontend, models, eta)
        finally:
            if loading:
                loading.set()
            jobs.cancel_all()
            queue.close()
            models.painter.step.release(1000)
            server.should_exit = True
            await serving
            assert await asyncio.to_thread(model_thread.join, 5)
