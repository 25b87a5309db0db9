"""The diffusion pipelines: paint what a Painting says and tell of each step.

Invariant: the same Painting, alone in the engine, gives the same pixels: all noise comes from CPU generators.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
import torch
from PIL import Image

from engine.api.errors import Cancelled
from engine.api.messages import Completed, ImageRequest, Lack, PartialImage, Progress
from engine.batching.batch_size import BatchSizes
from engine.batching.gate import gated, identity
from engine.batching.task import Task
from engine.jobs.job import Job
from engine.jobs.requests import Conversation, Painting, Start
from engine.models.placement import Placement, settle
from engine.models.tuning import Tuning
from engine.painting.capabilities import painter_spec_of
from engine.painting.painter_spec import PainterFacts, PainterSpec
from engine.painting.pipelines import Pipelines, accepted, strength_argument
from engine.painting.png_writer import Writer, finish
from engine.painting.previews import Decoder, Preview
from engine.painting.provenance import describe
from engine.painting.start_image import fit

TRUE_GUIDANCE = 2.0
REFERENCE_SIDE = 64
"""Pixels of the shorter side below which Flux.2 takes no picture."""

if TYPE_CHECKING:
    from engine.jobs.job import Event, Reporter
    from engine.models.device import Device
    from engine.models.source import Source

log = structlog.get_logger()


class Painter:
    """Any text-to-image pipeline that diffusers' AutoPipeline knows; its arguments are found in its signature.

    With `provenance`, each picture's file says how it was made; with `fetch`, a decoder of previews may be fetched.
    """

    def __init__(
        self,
        pipeline: Any,
        spec: PainterSpec,
        *,
        provenance: bool = True,
        measured: Path | None = None,
        cap: int | None = None,
        fetch: bool = False,
    ) -> None:
        """`measured` is the file that remembers what was measured on this machine; `cap` limits a batch's rows."""
        self.spec = spec
        self._decoder = Decoder(pipeline, fetch=fetch)
        self.score: Callable[[Image.Image], float | None] = lambda _: None
        """The picture check, set once the painter is warm; it raises what ends the request."""
        self._pipelines = Pipelines(pipeline)
        self._provenance = provenance
        self._writer = Writer()
        denoiser = self._pipelines.denoiser
        self._gate = gated(denoiser, BatchSizes(identity(denoiser, spec.name), measured, cap))

    @classmethod
    def load(
        cls,
        source: Source,
        device: Device,
        *,
        provenance: bool = True,
        measured: Path | None = None,
        placement: Placement = Placement(),  # noqa: B008, it is frozen
        tuning: Tuning = Tuning(),  # noqa: B008
    ) -> Painter:
        """Load from safetensors alone: other formats run code when they are read."""
        from diffusers import AutoPipelineForText2Image  # takes seconds, so not before the engine listens

        pipeline = AutoPipelineForText2Image.from_pretrained(
            source.place, dtype=device.dtype, use_safetensors=True, local_files_only=source.local
        )
        spec = painter_spec_of(pipeline, source.name, source.facts(PainterFacts))
        pipeline = settle(pipeline, placement, device)
        tuning.apply(pipeline, device)
        return cls(
            pipeline,
            spec,
            provenance=provenance,
            measured=measured,
            cap=placement.cap,
            fetch=not source.local,
        )

    @property
    def pipeline(self) -> Any:
        """The text-to-image pipeline."""
        return self._pipelines.words

    def measure(self) -> None:
        """Find out how many rows of the usual size a forward is worth; other sizes follow when they first could share.

        The pipeline is run up to its first forward, which is then repeated.
        """
        square = ImageRequest("a boat", size=self.spec.sizes["square"])
        work = self.spec.plan(square, 0)
        if self._gate is None or self._gate.batch_sizes.explain(work.size):
            return
        task = Task(Job(work), lambda: self.paint(work, _Heard()))
        with suppress(Cancelled):
            task.resume()
            if task.call is not None:
                task.call.cap(work.size)
            task.resume(Cancelled("This was a measurement."))

    def make_room(self, work: Painting | Conversation) -> bool:
        """Halve the cap of batches after memory ran out at this work; False where they cannot be smaller."""
        return isinstance(work, Painting) and self._gate is not None and self._gate.batch_sizes.make_room(work.size)

    def warm_up(self) -> None:
        """Paint a little at the smallest size in each way: what is slow the first time, or does not work, shows now.

        What does not work beyond painting from words goes into the spec's `lacks`.
        """
        side = max(self.spec.smallest, self.spec.multiple)
        heard = _Heard()
        work = Painting("a boat", side, side, steps=2, seeds=(0,), guidance=self.spec.guidance, previews=1)
        self.paint(work, heard)
        found: list[Lack] = [] if heard.previewed else ["preview"]
        blank = Image.new("RGB", (side, side), "gray")
        if not self._works(replace(work, start=Start(blank))):
            found += ["start"]
        if "start" in found or not self._pipelines.heeds_strength:
            found += ["strength"]
        if not self._works(replace(work, start=Start(blank, Image.new("L", (side, side), "white")))):
            found += ["mask"]
        self.spec = replace(self.spec, lacks=(*self.spec.lacks, *found))

    def _works(self, work: Painting) -> bool:
        pipeline = self._pipelines.of(work)
        if pipeline is None:
            return False
        try:
            self.paint(replace(work, skipped=1 if "strength" in accepted(pipeline) else 0), _Heard())
        except Exception as error:  # any pipeline may come; one that paints from words alone is still worth having
            log.info("painter.lacks", pipeline=type(pipeline).__name__, reason=str(error))
            return False
        return True

    def paint(self, work: Painting, reporter: Reporter) -> None:
        """Tell of Progress, PartialImages, and one Completed for each seed. Raises Cancelled at the next step.

        The pictures are painted together where the pipeline can, else one after the other: so also from a start image,
        because some pipelines then draw the noise of all from the first one's generator.
        """
        pipeline = self._pipelines.of(work)
        together = work.start is None and "num_images_per_prompt" in accepted(pipeline)
        groups = [work.seeds] if together else [(seed,) for seed in work.seeds]
        for number, seeds in enumerate(groups):
            steps = _Steps(pipeline, work, reporter, self._decoder, self._painted(work), number, len(groups))
            images = pipeline(**self._arguments(pipeline, work, seeds, steps)).images
            finished = [self._finished(work, image) for image in images]
            files = [self._written(pipeline, work, seed, image) for seed, image in zip(seeds, finished, strict=True)]
            scores = [self.score(image) for image in finished]
            for index, (seed, file, score) in enumerate(zip(seeds, files, scores, strict=True), start=number):
                reporter.tell(self._completed(work, index, seed, finish(file), score))

    def _arguments(self, pipeline: Any, work: Painting, seeds: tuple[int, ...], steps: _Steps) -> dict[str, Any]:
        width, height = self._painted(work)
        wanted = {
            "prompt": work.prompt,
            "width": width,
            "height": height,
            "num_inference_steps": work.steps,
            "num_images_per_prompt": len(seeds),
            "generator": [torch.Generator("cpu").manual_seed(seed) for seed in seeds],
            "negative_prompt": work.negative,
            **self._dials(work),
            **self._start(pipeline, work),
            "callback_on_step_end": steps.on_step_end,
            "callback": steps.on_step,  # the older name, in the few pipelines that have not moved on
        }
        accepts = accepted(pipeline)
        return {name: value for name, value in wanted.items() if value is not None and name in accepts}

    def _dials(self, work: Painting) -> dict[str, float | None]:
        """Return the guidance under the name that it has here.

        Flux knows two: its distilled guidance, and a true one that makes a negative prompt count, at twice the time.
        """
        if self.spec.dial != "guidance_scale":
            return {self.spec.dial: work.guidance}
        return {
            "guidance_scale": work.guidance,
            "true_cfg_scale": TRUE_GUIDANCE if work.negative and work.guidance else None,
        }

    def _start(self, pipeline: Any, work: Painting) -> dict[str, Any]:
        """Return the start image, and the mask, at the size at which the pipeline paints."""
        if work.start is None:
            return {}
        size, mask = self._painted(work), work.start.mask
        if "strength" not in accepted(pipeline):  # only looked at, so it may be larger than what is painted
            times = math.ceil(REFERENCE_SIDE / min(size))
            size = (size[0] * times, size[1] * times)
        return {
            "image": fit(work.start.picture, size),
            "mask_image": fit(mask, size) if mask is not None else None,
            "strength": strength_argument(pipeline, work),
        }

    def _painted(self, work: Painting) -> tuple[int, int]:
        """Return the width and height at which the pipeline paints."""
        return work.width // self.spec.enlarge, work.height // self.spec.enlarge

    def _finished(self, work: Painting, image: Image.Image) -> Image.Image:
        if image.size != (work.width, work.height):
            image = image.resize((work.width, work.height), Image.Resampling.LANCZOS)
        if work.start is not None and work.start.mask is not None:
            # What the mask keeps is kept to the pixel; the autoencoder alone would already change it a little.
            image = Image.composite(image, work.start.picture, work.start.mask)
        return image

    def _written(self, pipeline: Any, work: Painting, seed: int, image: Image.Image) -> Future[bytes]:
        """Begin the picture's file."""
        sampler = type(pipeline.scheduler).__name__.removesuffix("Scheduler")
        text = describe(work, seed, self.spec.name, sampler) if self._provenance else None
        return self._writer.begin(image, text)

    def _completed(self, work: Painting, index: int, seed: int, file: bytes, score: float | None) -> Completed:
        return Completed(
            b64_json=file,
            index=index,
            size=work.size,
            seed=seed,
            steps=work.steps,
            model=self.spec.name,
            created_at=int(time.time()),
            nsfw_score=score,
        )


class _Heard:
    """A reporter of work that nobody asked for: all that counts is whether a preview came."""

    def __init__(self) -> None:
        self.previewed = False

    def tell(self, event: Event) -> None:
        self.previewed |= isinstance(event, PartialImage)

    def check(self) -> None:
        pass


class _Steps:
    """Follows one run of the pipeline, the `run`th of `runs`: progress after each step, and a preview after some."""

    def __init__(
        self,
        pipeline: Any,
        work: Painting,
        reporter: Reporter,
        decoder: Decoder,
        size: tuple[int, int],
        run: int,
        runs: int,
    ) -> None:
        self._preview = Preview(pipeline, replace(work, previews=work.previews if run == 0 else 0), decoder)
        self._reporter = reporter
        self._size = size
        self._done = run * work.run_steps
        self._steps = runs * work.run_steps
        self._previews = 0

    def on_step_end(self, pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self.on_step(step, timestep, tensors["latents"])
        return {}

    def on_step(self, step: int, timestep: Any, latents: torch.Tensor) -> None:
        # Some noise schedulers take more steps than they were asked for; the last ones are then not counted.
        self._reporter.tell(Progress(min(self._done + step + 1, self._steps), self._steps))
        picture = self._preview.after(step, latents, *self._size)
        if picture is not None:
            self._reporter.tell(PartialImage(picture, self._previews))
            self._previews += 1
