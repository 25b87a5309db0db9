"""What a pipeline calls after each denoising step: it tells of the progress, and sends previews where they are due."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.api.messages import PartialImage, Progress
from engine.painting.guidance import TENSORS, end_guidance
from engine.painting.previews import Decoder, Preview

if TYPE_CHECKING:
    import torch

    from engine.jobs.job import Reporter
    from engine.jobs.requests import Painting
    from engine.painting.latent_blend import LatentBlend


class StepCallback:
    """Follows one call of a pipeline, the `call`th of the `calls` that a Painting takes; the first one has previews.

    `size` is the width and height in pixels at which the pipeline paints; `shown` previews came before the first step.
    Where `guided` is less than the steps, those behind so many have no guidance.
    Each report raises Cancelled where nobody wants the picture any more, which ends the pipeline's call.
    """

    def __init__(
        self,
        pipeline: Any,
        work: Painting,
        reporter: Reporter,
        decoder: Decoder,
        size: tuple[int, int],
        *,
        call: int = 0,
        calls: int = 1,
        blend: LatentBlend | None = None,
        shown: int = 0,
        guided: int | None = None,
    ) -> None:
        self._preview = Preview(pipeline, replace(work, previews=work.previews if call == 0 else 0), decoder, shown)
        self._reporter, self._blend = reporter, blend
        self._guided = work.run_steps if guided is None else guided
        self.tensors = list(TENSORS) if self._guided < work.run_steps else None
        """What the pipeline is to hand over behind each step, where that is more than it does by itself."""
        self._size = size
        self._done = call * work.run_steps
        self._steps = calls * work.run_steps
        self._previews = shown
        self.last_step = 0.0
        """When the last step's report was done, in seconds of `time.perf_counter`; 0 before the first."""

    def on_step_end(self, pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        """Take `callback_on_step_end`; the pipeline goes on with the tensors that it returns."""
        changed, latents = {}, tensors["latents"]
        if self._blend is not None:
            changed["latents"] = latents = self._blend.after_step(pipeline, latents)
        if self.tensors and step + 1 == self._guided:
            changed["prompt_embeds"] = end_guidance(pipeline, tensors["prompt_embeds"])
        self.on_step(step, timestep, latents)
        return changed

    def on_step(self, step: int, timestep: Any, latents: torch.Tensor) -> None:
        """Take the older `callback`."""
        # Some noise schedulers take more steps than they were asked for; the last ones are then not counted.
        self._reporter.tell(Progress(min(self._done + step + 1, self._steps), self._steps))
        picture = self._preview.after(step, latents, *self._size)
        if picture is not None:
            self._reporter.tell(PartialImage(picture, self._previews))
            self._previews += 1
        self.last_step = time.perf_counter()
