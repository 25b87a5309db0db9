"""A device that runs out of memory amid the work: the real thread, gate and pipeline, with a UNet that refuses rows."""

from __future__ import annotations

import functools
import io
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import pytest
import structlog
import torch
from PIL import Image

from engine.api.errors import EngineError, OutOfMemory
from engine.api.messages import ChatMessage, ChatRequest, Completed, Progress
from engine.batching.batch_size import BatchSize, BatchSizes
from engine.batching.model_thread import ModelThread
from engine.chatting.planner import Planner
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.job import Event, Job, Lane
from engine.jobs.queue import JobQueue
from engine.jobs.requests import Answer, Conversation, Painting, Start
from engine.jobs.timing import Step
from engine.loading import Models
from engine.models.fitting import Fit
from engine.models.model_swap import ModelSwap
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter
from harness import tiny_pipelines as tiny

SIZE = "64x64"


class Limited:
    """A module's forward on a device that holds so many rows at a time."""

    def __init__(self, module: Any) -> None:
        self.rows = 1000
        self.refused: list[int] = []
        self.computed: list[int] = []
        self._forward = module.forward
        functools.update_wrapper(self, module.forward)  # the gate reads its signature
        module.forward = self

    def __call__(self, sample: torch.Tensor, *rest: Any, **named: Any) -> Any:
        if len(sample) > self.rows:
            self.refused.append(len(sample))
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        self.computed.append(len(sample))
        return self._forward(sample, *rest, **named)


class Bench:
    """The engine's thread around a tiny painter, and what each job came to."""

    def __init__(self, cap: int, planner: Any = None) -> None:
        pipeline = tiny.sd15()
        pipeline.set_progress_bar_config(disable=True)
        self.pipeline = pipeline
        self.unet = Limited(pipeline.unet)
        self.decode = pipeline.vae.decode
        self.painter = Painter(pipeline, painter_spec_of(pipeline, "tiny", None), provenance=False)
        assert self.painter.gate is not None
        self.batch_sizes: BatchSizes = self.painter.gate.batch_sizes
        self.batch_sizes._known[SIZE] = BatchSize(cap, 1.0, cap, 1.0)
        self.queue: JobQueue[Job] = JobQueue(Lane.CHAT, Lane.IMAGES)
        self.events: dict[Job, list[Event]] = {}
        self.ends: queue.Queue[tuple[Job, EngineError | None]] = queue.Queue()
        self.order: list[str] = []

        def load() -> Models:
            torch.set_grad_enabled(False)
            return Models(self.painter, cast(Planner, planner), cast(Fit, None))

        self.model_thread = ModelThread(load, self.queue, self, Heartbeat())

    def run(self, *works: Painting | Conversation) -> list[tuple[list[Event], EngineError | None]]:
        jobs = [Job(work, user=str(number)) for number, work in enumerate(works)]
        for job in jobs:
            self.events[job] = []
            self.queue.push(job)
        ends = dict(self.ends.get(timeout=60) for _ in jobs)
        return [(self.events[job], ends[job]) for job in jobs]

    def ready(self, models: Models) -> None: ...
    def failed(self, sentence: str) -> None: ...
    def started(self, job: Job) -> None: ...
    def stepped(self, step: Step) -> None: ...

    def event(self, job: Job, event: Event) -> None:
        self.events[job].append(event)
        self.order.append(job.lane.value)

    def ended(self, job: Job, error: EngineError | None, overhead_seconds: float) -> None:
        self.ends.put((job, error))


def rows(made: Bench) -> int:
    """Return the cap that is known."""
    batch_size = made.batch_sizes.find(SIZE)
    assert batch_size
    return batch_size.rows


@contextmanager
def bench(cap: int, planner: Any = None) -> Iterator[Bench]:
    torch.manual_seed(0)
    made = Bench(cap, planner)
    with structlog.testing.capture_logs():
        made.model_thread.start()
        yield made
        made.queue.close()
        assert made.model_thread.join(20)


def work(seed: int, steps: int = 3) -> Painting:
    return Painting("a red fox", 64, 64, steps, (seed,), guidance=5.0)


def pictures(events: list[Event]) -> list[bytes]:
    return [event.b64_json for event in events if isinstance(event, Completed)]


def test_a_batch_that_does_not_fit_is_halved_and_computed_again() -> None:
    with bench(cap=16) as made:
        alone = [pictures(made.run(work(seed))[0][0]) for seed in range(8)]
        made.unet.rows = 5
        made.unet.computed.clear()
        with structlog.testing.capture_logs() as logs:
            together = made.run(*(work(seed) for seed in range(8)))
        assert [error for _, error in together] == [None] * 8
        assert [[event.step for event in events if isinstance(event, Progress)] for events, _ in together] == (
            [[1, 2, 3]] * 8
        )  # nothing was begun anew
        for (events, _), expected in zip(together, alone, strict=True):
            assert close(pictures(events)[0], expected[0])
        assert made.unet.refused
        assert max(made.unet.computed) == 4
        assert sum(made.unet.computed) == 8 * 3 * 2
        told = [entry for entry in logs if entry["event"] == "batch.out_of_memory"]
        assert [entry["cap"] for entry in told] == sorted((entry["cap"] for entry in told), reverse=True)
        assert all(entry["log_level"] == "warning" and entry["size"] == SIZE for entry in told)
        assert rows(made) == 4
        made.unet.refused.clear()
        made.run(*(work(seed) for seed in range(4)))
        assert made.unet.refused == []  # the new cap holds


def close(one: bytes, other: bytes) -> bool:
    """Tell whether two pictures differ by at most one level."""
    pixels = [np.asarray(Image.open(io.BytesIO(file))).astype(int) for file in (one, other)]
    return bool(np.abs(pixels[0] - pixels[1]).max() <= 1)


def test_a_picture_that_does_not_fit_alone_fails_as_out_of_memory_and_no_other() -> None:
    with bench(cap=4) as made:
        made.unet.rows = 1
        with structlog.testing.capture_logs() as logs:
            (failed, error), (_, other) = made.run(work(1), work(2))
        assert isinstance(error, OutOfMemory)
        assert isinstance(other, OutOfMemory)
        assert pictures(failed) == []
        assert rows(made) == 1
        assert any(entry["event"] == "job.retried" for entry in logs)
        made.unet.rows = 2
        ((events, error),) = made.run(work(1))
        assert error is None  # and it goes on working
        assert len(pictures(events)) == 1


def test_memory_that_runs_out_while_decoding_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with bench(cap=8) as made:
        ((expected, _),) = made.run(work(1))
        failures = [3]

        def decode(*given: Any, **named: Any) -> Any:
            if failures[0]:
                failures[0] -= 1
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return made.decode(*given, **named)

        monkeypatch.setattr(made.pipeline.vae, "decode", decode)
        ((events, error),) = made.run(work(1))
        assert error is None
        assert pictures(events) == pictures(expected)
        assert rows(made) == 1
        failures[0] = 1
        ((events, error),) = made.run(work(1))
        assert isinstance(error, OutOfMemory)  # the cap is at 1


def test_a_picture_that_was_given_is_not_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with bench(cap=8) as made:
        count = [0]

        def decode(*given: Any, **named: Any) -> Any:
            count[0] += 1
            if count[0] == 2:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return made.decode(*given, **named)

        monkeypatch.setattr(made.pipeline.vae, "decode", decode)
        start = Start(Image.new("RGB", (64, 64), "gray"))
        two = Painting("a red fox", 64, 64, 3, (1, 2), guidance=5.0, start=start, strength=1.0)
        ((events, error),) = made.run(two)
        assert isinstance(error, OutOfMemory)
        assert len(pictures(events)) == 1


class Talker:
    """A language model that takes turns with the painter, and notes where the painter's weights are meanwhile."""

    name = "talker"
    slots = 1

    def __init__(self, tokens: int = 5) -> None:
        self.tokens = tokens
        self.home: list[bool] = []
        self.turn: Any = None

    def answer(self, work: Conversation, reporter: Any) -> None:
        with self.turn():
            for _ in range(self.tokens):
                reporter.check()
                self.home.append(Weights.is_home)
            reporter.tell(Answer("words", "stop", 1, self.tokens))


class Weights(torch.nn.Module):
    """The painter's weights on a device of the tests' own, called cuda."""

    is_home = False

    def to(self, device: torch.device) -> Weights:  # type: ignore[override]
        Weights.is_home = device.type == "cpu"
        return self

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        yield type("Place", (), {"device": torch.device("cpu" if Weights.is_home else "cuda")})


def test_no_step_is_computed_while_the_language_model_holds_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    Weights.is_home = False
    talker, painter = Talker(), Weights()
    planner = Weights()
    planner.to = lambda device: planner  # type: ignore[method-assign]
    talker.turn = ModelSwap(planner, [painter], "cuda")
    with bench(cap=4, planner=talker) as made:
        away: list[bool] = []
        forward = made.unet._forward

        def watched(*given: Any, **named: Any) -> Any:
            away.append(Weights.is_home)
            return forward(*given, **named)

        made.unet._forward = watched
        chat = Conversation(ChatRequest([ChatMessage("user", "a boat")]))
        ends = made.run(work(1, 6), chat, work(2, 6), chat)
        assert [error for _, error in ends] == [None] * 4
        assert talker.home == [True] * 10
        assert away
        assert not any(away)
        assert not Weights.is_home
