"""The diffusion pipeline: paints what a Painting says and tells of each step.

Invariant: the same Painting, alone in the engine, gives the same pixels: all noise comes from CPU generators.
"""

from __future__ import annotations

import inspect
import io
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image

from engine.api.messages import Completed, PartialImage, Progress
from engine.presets import PainterFacts, Preset, preset_of
from engine.previews import Preview
from engine.work import Painting

TRUE_GUIDANCE = 2.0

if TYPE_CHECKING:
    from engine.device import Device
    from engine.job import Reporter
    from engine.source import Source


class Painter:
    """Any text-to-image pipeline that diffusers' AutoPipeline knows; its arguments are found in its signature."""

    def __init__(self, pipeline: Any, preset: Preset) -> None:
        self.preset = preset
        self._pipeline = pipeline
        self._accepts = frozenset(inspect.signature(pipeline.__call__).parameters)
        pipeline.set_progress_bar_config(disable=True)

    @classmethod
    def load(cls, source: Source, device: Device) -> Painter:
        """Load from safetensors alone: other formats run code when they are read."""
        from diffusers import AutoPipelineForText2Image  # takes seconds, so not before the engine listens

        pipeline = AutoPipelineForText2Image.from_pretrained(
            source.place, dtype=device.dtype, use_safetensors=True, local_files_only=source.local
        )
        return cls(pipeline.to(device.name), preset_of(pipeline, source.name, source.facts(PainterFacts)))

    def paint(self, work: Painting, reporter: Reporter) -> None:
        """Tell of Progress, PartialImages, and one Completed for each seed. Raises Cancelled at the next step.

        The pictures are painted together where the pipeline can, else one after the other.
        """
        together = "num_images_per_prompt" in self._accepts
        groups = [work.seeds] if together else [(seed,) for seed in work.seeds]
        for number, seeds in enumerate(groups):
            steps = _Steps(self._pipeline, work, reporter, self._painted(work), number, len(groups))
            images = self._pipeline(**self._arguments(work, seeds, steps)).images
            for index, (seed, image) in enumerate(zip(seeds, images, strict=True), start=number):
                reporter.tell(self._completed(work, index, seed, image))

    def _arguments(self, work: Painting, seeds: tuple[int, ...], steps: _Steps) -> dict[str, Any]:
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
            "callback_on_step_end": steps.on_step_end,
            "callback": steps.on_step,  # the older name, in the few pipelines that have not moved on
        }
        return {name: value for name, value in wanted.items() if value is not None and name in self._accepts}

    def _dials(self, work: Painting) -> dict[str, float | None]:
        """Return the guidance under the name that it has here.

        Flux knows two: its distilled guidance, and a true one that makes a negative prompt count, at twice the time.
        """
        if self.preset.dial != "guidance_scale":
            return {self.preset.dial: work.guidance}
        return {
            "guidance_scale": work.guidance,
            "true_cfg_scale": TRUE_GUIDANCE if work.negative and work.guidance else None,
        }

    def _painted(self, work: Painting) -> tuple[int, int]:
        """Return the width and height at which the pipeline paints."""
        return work.width // self.preset.enlarge, work.height // self.preset.enlarge

    def _completed(self, work: Painting, index: int, seed: int, image: Image.Image) -> Completed:
        if image.size != (work.width, work.height):
            image = image.resize((work.width, work.height), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        image.save(file, "PNG")
        return Completed(
            b64_json=file.getvalue(),
            index=index,
            size=work.size,
            seed=seed,
            steps=work.steps,
            model=self.preset.name,
            created_at=int(time.time()),
        )


class _Steps:
    """Follows one run of the pipeline, the `run`th of `runs`: progress after each step, and a preview after some."""

    def __init__(
        self, pipeline: Any, work: Painting, reporter: Reporter, size: tuple[int, int], run: int, runs: int
    ) -> None:
        self._preview = Preview(pipeline, replace(work, previews=work.previews if run == 0 else 0))
        self._reporter = reporter
        self._size = size
        self._done = run * work.steps
        self._steps = runs * work.steps
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
