"""The engine's own thread, queue and gate around a given pipeline, without a socket, and the plain pipeline beside."""

from __future__ import annotations

import copy
import io
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import torch

from engine.api.errors import EngineError
from engine.api.messages import Progress
from engine.batching.model_thread import ModelThread
from engine.chatting.planner import Planner
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.job import Event, Job, Lane
from engine.jobs.queue import JobQueue
from engine.jobs.requests import Conversation, Painting
from engine.jobs.timing import Step
from engine.loading import Models, quieten
from engine.models.fitting import Fit
from engine.painting.capabilities import painter_spec_of
from engine.painting.embeddings import Embeddings
from engine.painting.painter import Painter

LONGEST_S = 600.0


def prepare() -> None:
    """One thread, so that runs compare on a machine that others use too; holds for the calling thread."""
    quieten()
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)


class Studio:
    """Runs work through the engine, each for a user of its own. `plain` is the same pipeline, untouched."""

    def __init__(self, pipeline: Any, name: str, planner: Planner | None = None) -> None:
        pipeline.set_progress_bar_config(disable=True)
        self.plain = copy.deepcopy(pipeline)
        self._ready = threading.Event()
        self._failure = ""
        self._queue: JobQueue[Job] = JobQueue(Lane.CHAT, Lane.IMAGES)
        self._ended: dict[Job, float] = {}
        self._changed = threading.Condition()
        self._heard: Callable[[Job, Event], None] = lambda job, event: None

        def load() -> Models:
            prepare()
            painter = Painter(pipeline, painter_spec_of(pipeline, name, None), provenance=False)
            painter.pipelines.embeddings = Embeddings(0)  # the plain pipeline encodes its words each time, too
            painter.warm_up()
            painter.measure()
            return Models(painter, cast(Planner, planner), cast(Fit, None))

        self._core = ModelThread(load, self._queue, self, Heartbeat())
        self._core.start()
        if not self._ready.wait(LONGEST_S) or self._failure:
            raise SystemExit(f"bench: the engine does not start. {self._failure}")

    def run(self, works: Sequence[Painting | Conversation]) -> list[float]:
        """Do all at once; return how long each took, in seconds from now."""
        began = time.perf_counter()
        jobs = [self._push(work) for work in works]
        return [end - began for end in self._wait(jobs)]

    def run_late(self, first: Painting, late: Painting) -> float:
        """Paint the first, and the other from its first step on; return the seconds that the late one took."""
        pushed: list[tuple[Job, float]] = []

        def after_a_step(job: Job, event: Event) -> None:
            if isinstance(event, Progress) and not pushed:
                pushed.append((self._push(late), time.perf_counter()))

        self._heard = after_a_step
        self._wait([self._push(first)])
        self._heard = lambda job, event: None
        ((job, began),) = pushed
        return self._wait([job])[0] - began

    def on_event(self, heard: Callable[[Job, Event], None]) -> None:
        """Call this, on the model thread, for each event."""
        self._heard = heard

    def close(self) -> None:
        self._queue.close()
        self._core.join(60)

    def _push(self, work: Painting | Conversation) -> Job:
        job = Job(work)
        self._queue.push(job)
        return job

    def _wait(self, jobs: Sequence[Job]) -> list[float]:
        with self._changed:
            if not self._changed.wait_for(lambda: all(job in self._ended for job in jobs), LONGEST_S):
                raise SystemExit("bench: the engine is stuck.")
            return [self._ended.pop(job) for job in jobs]

    def ready(self, models: Models) -> None:
        self._ready.set()

    def failed(self, sentence: str) -> None:
        self._failure = sentence
        self._ready.set()

    def started(self, job: Job) -> None:
        pass

    def event(self, job: Job, event: Event) -> None:
        self._heard(job, event)

    def stepped(self, step: Step) -> None:
        pass

    def ended(self, job: Job, error: EngineError | None, overhead_seconds: float) -> None:
        if error is not None:
            raise SystemExit(f"bench: a request failed: {error}")
        with self._changed:
            self._ended[job] = time.perf_counter()
            self._changed.notify_all()


def paint_plainly(pipeline: Any, work: Painting, on_step: Callable[[int], None] = lambda step: None) -> None:
    """Paint with the pipeline's own call, up to the PNG file."""

    def on_step_end(_: Any, step: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        on_step(step)
        return {}

    (image,) = pipeline(
        prompt=work.prompt,
        width=work.width,
        height=work.height,
        num_inference_steps=work.steps,
        guidance_scale=work.guidance,
        generator=torch.Generator("cpu").manual_seed(work.seeds[0]),
        callback_on_step_end=on_step_end,
    ).images
    image.save(io.BytesIO(), "PNG")


Answer = TypeVar("Answer")


def alternate(
    repeats: int, ours: Callable[[int], Answer], baseline: Callable[[int], Answer]
) -> tuple[list[Answer], list[Answer]]:
    """Call both with the number of the turn, so many times; who goes first changes from turn to turn."""
    found: tuple[list[Answer], list[Answer]] = ([], [])
    for turn in range(repeats):
        for way in ((0, 1), (1, 0))[turn % 2]:
            found[way].append((ours, baseline)[way](turn))
    return found


def in_turn(pipeline: Any, works: Sequence[Painting]) -> list[float]:
    """Paint one after the other, as they came; return how long each took, in seconds from now."""
    began = time.perf_counter()
    ends = []
    for work in works:
        paint_plainly(pipeline, work)
        ends.append(time.perf_counter() - began)
    return ends


def in_turn_late(pipeline: Any, first: Painting, late: Painting) -> float:
    """Paint the first and then the other, which comes at the first one's first step; return how long that one took."""
    came: list[float] = []
    paint_plainly(pipeline, first, lambda step: came.append(time.perf_counter()))
    paint_plainly(pipeline, late)
    return time.perf_counter() - came[0]
