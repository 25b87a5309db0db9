"""Requests that share forwards against the plain pipeline, family by family, with real classes of random weights."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from structlog.testing import capture_logs

from engine.api.errors import Cancelled, EngineError, Internal
from engine.api.messages import ImageRequest, StartImage
from engine.batching.batch_size import BatchSize, BatchSizes
from engine.batching.gate import Call, Gate, gated, identity
from engine.batching.model_thread import JobReporter
from engine.batching.step_loop import StepLoop
from engine.batching.task import Task, current_task
from engine.jobs.heartbeat import Heartbeat
from engine.jobs.job import Event, Job, Lane, NullReporter
from engine.jobs.queue import JobQueue
from engine.jobs.requests import Painting
from engine.painting.arguments import call_arguments
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter import Painter
from engine.painting.pipelines import accepted
from engine.painting.steps import StepCallback
from harness import tiny_pipelines as tiny
from tests.engine.pictures import drawing, file, window

EXACT = 1e-5
"""Rounding alone: sums over a batch of another size are added up in another order."""
AMPLIFIED = 2e-4
"""The same where a family makes rounding larger. Sana's linear attention divides by a sum over all pixels that has no
softmax to keep it from nothing; DDIM divides each step's estimate by the root of a noise level near nothing."""
FAMILIES = {**tiny.FAMILIES, **tiny.MORE}
TOLERANCE = {"sana": AMPLIFIED, "ddim": AMPLIFIED}
SIDE = 64
WITHOUT_START = {"sana"}
REFERENCES = {"klein", "kontext"}
"""A picture to look at makes the sequence longer, so those with one share among themselves."""


class Cap:
    """BatchSizes that were measured beforehand, the same at every size."""

    def __init__(self, rows: int = 16) -> None:
        self._batch_size = BatchSize(rows, 1.0, rows, 1.0)

    def measure(self, size: str, rows: int, forward: Callable[[int], None]) -> BatchSize:
        return self._batch_size

    def find(self, size: str) -> BatchSize:
        return self._batch_size


class StepCounter(NullReporter):
    def tell(self, event: Event) -> None:
        task = current_task()
        if task is not None and hasattr(event, "step"):
            task.steps_done = event.step


class Studio:
    """A tiny pipeline behind a gate, its pictures as tensors, and what each forward held."""

    def __init__(self, family: str, cap: int = 16) -> None:
        torch.manual_seed(0)
        pipeline = FAMILIES[family]()
        if family == "sana":
            pipeline.encode_prompt = _without_instruction(pipeline.encode_prompt)
        self.painter = Painter(pipeline, replace(painter_spec_of(pipeline, family, None), smallest=SIDE))
        self.module = self.painter.pipelines.denoiser
        gate = self.painter.gate
        assert gate is not None
        self.gate: Gate = gate
        self.gate.batch_sizes = Cap(cap)  # type: ignore[assignment]
        self.loop = StepLoop(JobQueue(Lane.CHAT, Lane.IMAGES), Heartbeat())
        self.pictures: dict[Job, torch.Tensor] = {}
        self.groups: list[list[Job]] = []
        self._together = self.gate._together
        self.gate._together = self._note  # type: ignore[method-assign]

    def _note(self, calls: Any) -> Any:
        tasks = [task for task in self.loop._tasks for call in calls if task.call is call]
        self.groups.append([task.job for task in tasks])
        return self._together(calls)

    def plan(self, **options: Any) -> Painting:
        start = options.pop("start", None)
        return self.painter.spec.plan(ImageRequest(**{"size": f"{SIDE}x{SIDE}", **options}), 0, start)

    def paint(self, work: Painting) -> torch.Tensor:
        pipeline = self.painter.pipelines.of(work)
        spec = self.painter.spec
        callback = StepCallback(pipeline, work, StepCounter(), self.painter.decoder, spec.pipeline_size(work))
        arguments = call_arguments(pipeline, spec, work, work.seeds, callback, self.painter.pipelines.embeddings)
        if "use_resolution_binning" in accepted(pipeline):
            arguments["use_resolution_binning"] = False  # Sana would paint a megapixel, and shrink it
        picture: torch.Tensor = pipeline(**arguments, output_type="pt").images
        return picture

    def begin(self, work: Painting) -> Task:
        job = Job(work)

        def body() -> EngineError | None:
            try:
                self.pictures[job] = self.paint(work)
            except EngineError as error:
                return error
            except FloatingPointError as error:
                return Internal(str(error))
            return None

        self.loop.begin(job, body)
        return self.loop._tasks[-1]

    def difference(self, works: list[Painting]) -> float:
        """Paint all alone, then together, one joining at each step; return the largest difference of any pixel."""
        plain = [self.paint(work) for work in works]
        assert self.groups == []
        begun: list[Task] = []
        while len(begun) < len(works) or len(self.loop):
            if len(begun) < len(works):
                begun.append(self.begin(works[len(begun)]))
            self.loop.step()
            self.loop.take_ended()
        return max(
            float((self.pictures[task.job] - alone).abs().max()) for task, alone in zip(begun, plain, strict=True)
        )


def _without_instruction(encode_prompt: Callable[..., Any]) -> Callable[..., Any]:
    """Sana puts a page of advice before each prompt; the tiny tokenizer would make thousands of tokens of it."""
    return lambda *args, **options: encode_prompt(*args, **{**options, "complex_human_instruction": None})


@pytest.fixture(scope="module", autouse=True)
def quiet_thread(gradients: None) -> Iterator[None]:
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    yield
    torch.set_grad_enabled(True)


def mixed(studio: Studio, family: str) -> list[Painting]:
    """Return requests of different steps, guidance, seeds and number; with and without a start image and a mask."""
    given: list[dict[str, Any]] = [
        {"prompt": "a red fox", "num_inference_steps": 7, "seed": 1},
        {"prompt": "a boat on a lake", "num_inference_steps": 3, "seed": 2, "negative_prompt": "bad"},
        {"prompt": "cat", "num_inference_steps": 9, "seed": 3, "guidance_scale": 6.0, "n": 2},
        {"prompt": "one dog and a hen", "num_inference_steps": 5, "seed": 4, "guidance_scale": 1.0},
        {"prompt": "blue", "num_inference_steps": 6, "seed": 5, "negative_prompt": "red, green and worse"},
    ]
    if family not in WITHOUT_START:
        picture = file(drawing((SIDE, SIDE)))
        given += [{"prompt": "a hill", "num_inference_steps": 8, "seed": 6, "start": StartImage(picture, 0.7)}]
        given += [{"prompt": "two hills", "num_inference_steps": 9, "seed": 8, "start": StartImage(picture, 0.5)}]
        if studio.painter.pipelines.inpainting is not None:
            start = StartImage(picture, 0.9, window((SIDE, SIDE)))
            given += [{"prompt": "a tree", "num_inference_steps": 8, "seed": 7, "start": start}]
    return [studio.plan(**options) for options in given]


@pytest.mark.parametrize("family", FAMILIES)
def test_sharing_changes_no_picture(family: str) -> None:
    studio = Studio(family)
    works = mixed(studio, family)
    difference = studio.difference(works)
    print(f"{family}: {difference:.1e}, forwards shared by {[len(group) for group in studio.groups]}")
    assert difference <= TOLERANCE.get(family, EXACT)
    assert max(len(group) for group in studio.groups) >= 3
    kinds = [{_kind(job.painting) for job in group} for group in studio.groups if len(group) > 1]
    assert set.union(*kinds) == {_kind(work) for work in works}
    if family not in {*WITHOUT_START, *REFERENCES}:
        assert set.union(*(kind for kind in kinds if len(kind) > 1)) == {_kind(work) for work in works}


def _kind(work: Painting) -> str:
    if work.start is None:
        return "words"
    return "start" if work.start.mask is None else "mask"


@pytest.mark.parametrize(
    "family", [one if one in ("sd15", "flux") else pytest.param(one, marks=pytest.mark.full) for one in FAMILIES]
)
def test_the_comparison_would_notice_swapped_timesteps(family: str) -> None:
    studio = Studio(family)
    real = studio.gate.real

    def swapped(*args: Any, **kwargs: Any) -> Any:
        for name in {"timestep", "t"} & kwargs.keys():
            times = kwargs[name]
            if isinstance(times, torch.Tensor) and times.ndim and len(set(times.tolist())) > 1:
                kwargs[name] = times.flip(0)
        return real(*args, **kwargs)

    studio.gate.real = swapped
    assert studio.difference(mixed(studio, family)) > 10 * TOLERANCE.get(family, EXACT)


def works_of(studio: Studio, count: int, steps: int = 4) -> list[Painting]:
    return [studio.plan(prompt=f"a hen {number}", num_inference_steps=steps, seed=number) for number in range(count)]


def all_ended(studio: Studio) -> list[Task]:
    ended: list[Task] = []
    while len(studio.loop):
        studio.loop.step()
        ended += studio.loop.take_ended()
    return ended


def test_one_alone_is_passed_on_untouched() -> None:
    studio = Studio("sd15")
    (work,) = works_of(studio, 1)
    plain = studio.paint(work)
    task = studio.begin(work)
    all_ended(studio)
    assert torch.equal(studio.pictures[task.job], plain)
    assert studio.groups == []


def test_a_fault_in_a_shared_forward_ends_only_the_one_at_fault() -> None:
    studio = Studio("sd15")
    works = works_of(studio, 3)
    plain = [studio.paint(work) for work in works]
    real, tasks = studio.gate.real, [studio.begin(work) for work in works]
    bad = tasks[1].call
    assert isinstance(bad, Call)
    marker = bad.kwargs["encoder_hidden_states"].clone()

    def faulty(*args: Any, **kwargs: Any) -> Any:
        states = kwargs["encoder_hidden_states"]
        if any(torch.equal(states[row : row + 2], marker) for row in range(0, len(states), 2)):
            raise FloatingPointError("this one is at fault")
        return real(*args, **kwargs)

    studio.gate.real = faulty
    all_ended(studio)
    assert str(tasks[1].error) == "this one is at fault"
    assert tasks[0].error is tasks[2].error is None
    assert {tasks.index(task) for task in tasks if task.job in studio.pictures} == {0, 2}
    for index in (0, 2):
        assert float((studio.pictures[tasks[index].job] - plain[index]).abs().max()) <= EXACT


def test_a_module_that_takes_no_batch_paints_one_by_one() -> None:
    studio = Studio("sd15")
    works = works_of(studio, 3)
    plain = [studio.paint(work) for work in works]
    real = studio.gate.real

    def narrow(*args: Any, **kwargs: Any) -> Any:
        sample = args[0] if args else kwargs["sample"]
        if len(sample) > 2:
            raise RuntimeError("made for a batch of two")
        return real(*args, **kwargs)

    studio.gate.real = narrow
    tasks = [studio.begin(work) for work in works]
    with capture_logs() as log:
        all_ended(studio)
    assert [entry["event"] for entry in log].count("batch.failed") == 1  # it is tried once
    assert all(torch.equal(studio.pictures[task.job], alone) for task, alone in zip(tasks, plain, strict=True))


def test_who_is_cancelled_leaves_at_its_step_and_the_others_go_on() -> None:
    studio = Studio("sd15")
    works = works_of(studio, 3, steps=6)
    plain = [studio.paint(work) for work in works]
    tasks = [studio.begin(work) for work in works]
    studio.loop.step()
    studio.loop.step()
    tasks[1].job.cancelled = True
    ended = all_ended(studio)
    assert isinstance(tasks[1].error, Cancelled)
    assert tasks[1].steps_done == 2
    assert [len(group) for group in studio.groups] == [3, 3, 2, 2, 2, 2]
    assert len(ended) == 3
    for index in (0, 2):
        assert float((studio.pictures[tasks[index].job] - plain[index]).abs().max()) <= EXACT


@pytest.mark.parametrize("family", ["flux", "klein"])
def test_pictures_of_equal_area_and_another_shape_share_nothing(family: str) -> None:
    """Their tokens are as many; only the positions tell them apart."""
    studio = Studio(family)
    wide, tall = (
        studio.plan(prompt="a hen", num_inference_steps=3, seed=1, size=size) for size in ("128x64", "64x128")
    )
    assert studio.difference([wide, tall]) == 0
    assert studio.groups == []


def test_a_lora_s_scale_is_part_of_the_key() -> None:
    studio = Studio("sd15")
    tasks = [studio.begin(work) for work in works_of(studio, 2)]
    calls = [task.call for task in tasks]
    assert isinstance(calls[0], Call)
    assert isinstance(calls[1], Call)
    assert calls[0].key == calls[1].key
    scaled = Call(studio.gate, calls[1].args, {**calls[1].kwargs, "cross_attention_kwargs": {"scale": 0.5}})
    assert scaled.key != calls[0].key
    studio.loop.stop()


def test_a_module_keeps_its_face_behind_the_gate() -> None:
    module = tiny.unet(cross_attention_dim=32, attention_head_dim=8)
    before = (module.config, module.dtype, module.device, inspect.signature(module.forward), len(module.state_dict()))
    assert gated(module, BatchSizes()) is not None
    after = (module.config, module.dtype, module.device, inspect.signature(module.forward), len(module.state_dict()))
    assert before == after


def _offloaded(module: Any) -> Any:
    from accelerate.hooks import ModelHook, add_hook_to_module

    return add_hook_to_module(module, ModelHook())


def _compiled(module: Any) -> Any:
    module.compile()
    return module


@pytest.mark.parametrize(
    ("change", "reason"), [(_offloaded, "hooks"), (_compiled, "compiled"), (torch.compile, "compiled")]
)
def test_what_cannot_be_joined_is_left_alone_and_says_why(change: Callable[[Any], Any], reason: str) -> None:
    module = change(tiny.unet(cross_attention_dim=32, attention_head_dim=8))
    forward = module.forward
    with capture_logs() as log:
        assert gated(module, BatchSizes()) is None
    assert reason in log[0]["reason"]
    assert module.forward == forward
    assert gated(None, BatchSizes()) is None


def test_an_offloaded_painter_paints_one_after_the_other() -> None:
    torch.manual_seed(0)
    pipeline = tiny.sd15()
    _offloaded(pipeline.unet)
    painter = Painter(pipeline, painter_spec_of(pipeline, "sd15", None))
    assert painter.gate is None
    queue: JobQueue[Job] = JobQueue(Lane.CHAT, Lane.IMAGES)
    loop = StepLoop(queue, Heartbeat())
    jobs = [Job(painter.spec.plan(ImageRequest("a hen", size="64x64", num_inference_steps=n), 1)) for n in (5, 2)]
    for job in jobs:
        queue.push(job)
    order: list[Job] = []
    while len(order) < 2:
        while (taken := queue.take(loop.may_begin)) is not None:
            loop.begin(taken, partial(painter.paint, taken.painting, JobReporter(Deaf(), taken)))
        assert sum(not task.pending_io for task in loop._tasks) <= 1  # besides, a file may be written
        loop.step()
        order += [task.job for task in loop.take_ended()]
    assert [job.painting.steps for job in order] == [2, 5]  # the short one came first, being both there


class Deaf:
    """A model_thread.Observer that does nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def test_the_batch_size_of_the_usual_size_is_measured_at_the_start(tmp_path: Path) -> None:
    def painter() -> Painter:
        torch.manual_seed(0)
        pipeline = tiny.sd15()
        return Painter(pipeline, painter_spec_of(pipeline, "sd15", None), measured=tmp_path)

    with capture_logs() as log:
        painter().measure()
        again = painter()
        again.warm_up()
        again.measure()
    batch_sizes = [entry for entry in log if entry["event"] == "painter.batch_size"]
    assert len(batch_sizes) == 2
    assert batch_sizes[0] == batch_sizes[1]
    assert batch_sizes[0]["size"] == "64x64"
    assert "rows give" in batch_sizes[0]["why"]
    other = identity(tiny.unet(cross_attention_dim=32, attention_head_dim=8).to(torch.bfloat16), "sd15")
    assert other != identity(painter().pipelines.denoiser, "sd15")
