"""What a pipeline is called with for a Painting.

Invariant: an argument is given only where the pipeline's signature has it; all noise comes from CPU generators.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from PIL import Image

from engine.jobs.requests import Painting
from engine.painting.embeddings import Embeddings
from engine.painting.long_prompts import embed_long
from engine.painting.painter_spec import PainterSpec
from engine.painting.pipelines import accepted, strength_argument
from engine.painting.start_image import fit
from engine.painting.steps import StepCallback

TRUE_GUIDANCE = 2.0
"""Flux's second guidance, where a negative prompt is to count."""
REFERENCE_SIDE = 64
"""Pixels of the shorter side below which Flux.2 takes no picture."""


def call_arguments(
    pipeline: Any,
    spec: PainterSpec,
    work: Painting,
    seeds: tuple[int, ...],
    callback: StepCallback,
    embeddings: Embeddings,
) -> dict[str, Any]:
    """Return the arguments of one call, which paints a picture for each of these seeds."""
    width, height = spec.pipeline_size(work)
    wanted: dict[str, Any] = {
        "prompt": work.prompt,
        "width": width,
        "height": height,
        "max_area": width * height,  # Kontext would paint a megapixel of whatever size it is asked for
        "num_inference_steps": work.steps,
        "num_images_per_prompt": len(seeds),
        "generator": [torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        "negative_prompt": work.negative,
        **_guidance(spec, work),
        **embeddings.recall(
            (type(pipeline), work.prompt, work.negative),
            lambda: embed_long(pipeline, work.prompt, work.negative),
            work.loras,
        ),
        **_start(pipeline, spec, work),
        "callback_on_step_end": callback.on_step_end,
        "callback_on_step_end_tensor_inputs": callback.tensors,
        "callback": callback.on_step,  # the older name, in the few pipelines that have not moved on
    }
    if "prompt_embeds" in wanted:  # in the place of the words
        wanted |= {"prompt": None, "negative_prompt": None}
    accepts = accepted(pipeline)
    return {name: value for name, value in wanted.items() if value is not None and name in accepts}


def _guidance(spec: PainterSpec, work: Painting) -> dict[str, float | None]:
    """Return the guidance under the name that it has here.

    Flux knows two: its distilled guidance, and a true one that makes a negative prompt count, at twice the time.
    """
    if spec.guidance_argument != "guidance_scale":
        return {spec.guidance_argument: work.guidance}
    return {
        "guidance_scale": work.guidance,
        "true_cfg_scale": TRUE_GUIDANCE if work.negative and work.guidance else None,
    }


def _start(pipeline: Any, spec: PainterSpec, work: Painting) -> dict[str, Any]:
    """Return the start image, and the mask, at the size at which the pipeline paints."""
    if work.start is None:
        return {}
    size, mask = spec.pipeline_size(work), work.start.mask
    if "strength" not in accepted(pipeline):  # only looked at, so it may be larger than what is painted
        size = _seen(size)
    picture = fit(work.start.picture, size)
    references = [fit(each, _seen(each.size)) for each in work.start.references]
    return {
        "image": [picture, *references] if references else picture,
        "mask_image": mask.resize(size, Image.Resampling.NEAREST) if mask is not None else None,
        "strength": strength_argument(pipeline, work),
        "_auto_resize": False,  # Kontext would scale the picture to a size of its own, beside the painted one
    }


def _seen(size: tuple[int, int]) -> tuple[int, int]:
    """Return a size of the same shape at which a pipeline that only looks at a picture takes it."""
    times = math.ceil(REFERENCE_SIDE / min(size))
    return size[0] * times, size[1] * times
