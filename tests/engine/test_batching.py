"""Requests that share forwards against the plain pipeline, family by family, with real classes of random weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from engine.abilities import preset_of
from engine.api.errors import EngineError
from engine.api.messages import ImageRequest, StartImage
from engine.batching import Gate
from engine.job import Event, Job, Lane
from engine.knee import Knee
from engine.painter import Painter, _Steps
from engine.pipelines import accepted
from engine.queue import JobQueue
from engine.run import Run, current_run
from engine.runs import Runs
from engine.work import Painting
from tests.engine import tiny
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
REFERENCES = {"klein"}
"""A picture to look at makes the sequence longer, so those with one share among themselves."""


class Cap:
    """Knees that were measured beforehand, the same at every size."""

    def __init__(self, rows: int = 16) -> None:
        self._knee = Knee(rows, 1.0, rows, 1.0)

    def measure(self, size: str, rows: int, forward: Callable[[int], None]) -> Knee:
        return self._knee

    def find(self, size: str) -> Knee:
        return self._knee


class Silent:
    def tell(self, event: Event) -> None:
        run = current_run()
        if run is not None and hasattr(event, "step"):
            run.done = event.step

    def check(self) -> None:
        pass


class Studio:
    """A tiny pipeline behind a gate, its pictures as tensors, and what each forward held."""

    def __init__(self, family: str, cap: int = 16) -> None:
        torch.manual_seed(0)
        pipeline = FAMILIES[family]()
        if family == "sana":
            pipeline.encode_prompt = _without_instruction(pipeline.encode_prompt)
        self.painter = Painter(pipeline, replace(preset_of(pipeline, family, None), smallest=SIDE))
        self.module = self.painter._pipelines.denoiser
        gate = self.painter._gate
        assert gate is not None
        self.gate: Gate = gate
        self.gate.knees = Cap(cap)  # type: ignore[assignment]
        self.runs = Runs(JobQueue(Lane.CHAT, Lane.IMAGES))
        self.pictures: dict[Job, torch.Tensor] = {}
        self.groups: list[list[Job]] = []
        self._together = self.gate._together
        self.gate._together = self._note  # type: ignore[method-assign]

    def _note(self, calls: Any) -> Any:
        runs = [run for run in self.runs._runs for call in calls if run.call is call]
        self.groups.append([run.job for run in runs])
        return self._together(calls)

    def plan(self, **options: Any) -> Painting:
        start = options.pop("start", None)
        return self.painter.preset.plan(ImageRequest(**{"size": f"{SIDE}x{SIDE}", **options}), 0, start)

    def paint(self, work: Painting) -> torch.Tensor:
        pipeline = self.painter._pipelines.of(work)
        steps = _Steps(pipeline, work, Silent(), self.painter._decoder, self.painter._painted(work), 0, 1)
        arguments = self.painter._arguments(pipeline, work, work.seeds, steps)
        if "use_resolution_binning" in accepted(pipeline):
            arguments["use_resolution_binning"] = False  # Sana would paint a megapixel, and shrink it
        picture: torch.Tensor = pipeline(**arguments, output_type="pt").images
        return picture

    def begin(self, work: Painting) -> Run:
        job = Job(work)

        def body() -> EngineError | None:
            try:
                self.pictures[job] = self.paint(work)
            except EngineError as error:
                return error
            return None

        self.runs.begin(job, body)
        return self.runs._runs[-1]

    def difference(self, works: list[Painting]) -> float:
        """Paint all alone, then together, one joining at each step; return the largest difference of any pixel."""
        plain = [self.paint(work) for work in works]
        assert self.groups == []
        begun: list[Run] = []
        while len(begun) < len(works) or len(self.runs):
            if len(begun) < len(works):
                begun.append(self.begin(works[len(begun)]))
            self.runs.step()
            self.runs.take_ended()
        return max(float((self.pictures[run.job] - alone).abs().max()) for run, alone in zip(begun, plain, strict=True))


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
        if studio.painter._pipelines.mask is not None:
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


@pytest.mark.parametrize("family", FAMILIES)
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
