"""A loaded pipeline's capabilities, read off its signature and configuration: sizes, limits, and what it ignores."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any

from engine.api.light_structlog import structlog
from engine.api.messages import Lack, parse_size
from engine.painting.guidance import PIPELINES
from engine.painting.painter_spec import PainterFacts, PainterSpec
from engine.painting.pipeline_defaults import (
    config_value,
    default_steps_and_guidance,
    guidance_argument,
    is_schnell,
)

log = structlog.get_logger()

RATIOS = {"square": 1.0, "portrait": 7 / 9, "landscape": 9 / 7, "tall": 4 / 7, "wide": 7 / 4}
"""Width by height, after the buckets that SDXL and its successors were trained on."""
ROUND_TO = 64
"""Models of 512 pixels and more were trained on multiples of this."""

REFERENCES = {
    "Flux2KleinPipeline": 4,
    "Flux2KleinKVPipeline": 4,
    "Flux2Pipeline": 4,
    "QwenImageEditPlusPipeline": 3,
}
"""How many pictures a pipeline looks at, from the model cards, as far as a request may hold; others take one."""


def references(pipeline: Any) -> int:
    """Return how many pictures a pipeline that takes pictures takes at most."""
    return REFERENCES.get(type(pipeline).__name__, 1)


def painter_spec_of(pipeline: Any, name: str, facts: PainterFacts | None) -> PainterSpec:
    """Return the spec of a loaded pipeline: what its limner.json says, else what its class and configuration tell."""
    facts = facts or PainterFacts()
    multiple = _multiple(pipeline) * facts.enlarge
    native = max(parse_size(facts.sizes["square"])) if "square" in facts.sizes else _native(pipeline)
    steps, guidance = default_steps_and_guidance(pipeline, name)
    sizes = _sizes(native, multiple) | facts.sizes
    return PainterSpec(
        name=facts.name or name,
        sizes=sizes,
        multiple=multiple,
        smallest=max(multiple, native // 4 // multiple * multiple),
        largest=2 * max(side for size in sizes.values() for side in parse_size(size)),  # each shape can be upscaled
        steps=facts.steps or steps,
        guidance=guidance if facts.guidance is None else facts.guidance,
        guidance_argument=guidance_argument(pipeline),
        guidance_end=_guidance_end(pipeline, facts),
        enlarge=facts.enlarge,
        lacks=tuple(dict.fromkeys((*_lacks(pipeline), *facts.lacks))),
        one_size=facts.one_size or facts.enlarge > 1,  # pairs that were exported before their cards said so
    )


def _guidance_end(pipeline: Any, facts: PainterFacts) -> float:
    if facts.guidance_end < 1 and type(pipeline).__name__ not in PIPELINES:
        log.warning("painter.guidance_end_unheeded", pipeline=type(pipeline).__name__, heeding=PIPELINES)
        return 1.0
    return facts.guidance_end


def _lacks(pipeline: Any) -> Iterator[Lack]:
    """Name what text-to-image does not heed here, as far as the pipeline's signature and configuration tell."""
    accepts = inspect.signature(pipeline.__call__).parameters
    if "generator" not in accepts:
        yield "seed"
    if not {"callback_on_step_end", "callback"} & accepts.keys():
        yield "progress"
    if "negative_prompt" not in accepts:
        yield "negative"
    if "num_inference_steps" not in accepts:
        yield "steps"
    distilled = pipeline.config.get("is_distilled") or is_schnell(pipeline)
    if distilled or guidance_argument(pipeline) not in accepts:
        yield "guidance"


def _multiple(pipeline: Any) -> int:
    """Pixels by which a size may grow: the autoencoder's scale, times the patches that some transformers pack."""
    scale: int = getattr(pipeline, "vae_scale_factor", 8)
    patch = config_value(_denoiser(pipeline), "patch_size")
    packed = config_value(getattr(pipeline, "image_processor", None), "vae_scale_factor")
    return max(packed or 0, scale * (patch if isinstance(patch, int) else 1))


def _native(pipeline: Any) -> int:
    """Return the side in pixels that the model was trained for."""
    latents = getattr(pipeline, "default_sample_size", None) or config_value(_denoiser(pipeline), "sample_size")
    if isinstance(latents, (list, tuple)):
        latents = max(latents)
    side = latents * pipeline.vae_scale_factor if latents else 1024
    multiple = _multiple(pipeline)
    return max(multiple, round(side / multiple) * multiple)


def _sizes(native: int, multiple: int) -> dict[str, str]:
    """Return a size of about native x native pixels for each shape."""
    unit = math.lcm(multiple, ROUND_TO) if native >= 512 else multiple

    def side(pixels: float) -> int:
        return max(unit, round(pixels / unit) * unit)

    return {shape: f"{side(native * ratio**0.5)}x{side(native / ratio**0.5)}" for shape, ratio in RATIOS.items()}


def _denoiser(pipeline: Any) -> Any:
    return getattr(pipeline, "transformer", None) or getattr(pipeline, "unet", None)
