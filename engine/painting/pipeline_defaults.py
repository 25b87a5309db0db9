"""The steps and the guidance of a request that sets none, by the pipeline's class, configuration and name."""

from __future__ import annotations

import inspect
from typing import Any

DEFAULTS: dict[str, tuple[int, float]] = {
    "StableDiffusionPipeline": (30, 7.5),
    "StableDiffusionXLPipeline": (30, 5.0),
    "StableDiffusion3Pipeline": (28, 4.5),
    "QwenImagePipeline": (30, 4.0),
    "ZImagePipeline": (28, 4.0),
}
"""Steps and guidance, from the model cards, where they differ from the pipeline's own defaults."""

DISTILLED_DEFAULTS: dict[str, tuple[int, float]] = {
    "Flux2KleinPipeline": (4, 1.0),
    "ZImagePipeline": (9, 0.0),
}
DISTILLED = (4, 0.0)
"""The same for models distilled to a few steps."""
DISTILLED_NAMES = ("turbo", "schnell", "lightning")


def default_steps_and_guidance(pipeline: Any, name: str) -> tuple[int, float | None]:
    """Return (steps, guidance)."""
    kind = type(pipeline).__name__
    if _is_distilled(pipeline, name):
        return DISTILLED_DEFAULTS.get(kind, DISTILLED)
    if kind in DEFAULTS:
        return DEFAULTS[kind]
    defaults = inspect.signature(pipeline.__call__).parameters
    guidance = defaults.get(guidance_argument(pipeline))
    return defaults["num_inference_steps"].default, guidance.default if guidance else None


def guidance_argument(pipeline: Any) -> str:
    """Return what the pipeline calls its guidance.

    Qwen-Image guides by `true_cfg_scale`; in Flux that is a second, optional guidance, off by default.
    """
    parameters = inspect.signature(pipeline.__call__).parameters
    true_guidance = parameters.get("true_cfg_scale")
    if true_guidance and ("guidance_scale" not in parameters or true_guidance.default > 1):
        return "true_cfg_scale"
    return "guidance_scale"


def _is_distilled(pipeline: Any, name: str) -> bool:
    """Tell a distilled model by its configuration where that knows, else by its name."""
    if pipeline.config.get("is_distilled"):
        return True
    if type(pipeline).__name__ == "FluxPipeline":
        return is_schnell(pipeline)
    # The -turbo models of Stable Diffusion share their class with the full ones; their noise scheduler tells.
    scheduler = getattr(pipeline, "scheduler", None)
    if type(scheduler).__name__ == "EulerAncestralDiscreteScheduler":
        return bool(config_value(scheduler, "timestep_spacing") == "trailing")
    return any(word in name.lower() for word in DISTILLED_NAMES)


def is_schnell(pipeline: Any) -> bool:
    """Tell the Flux that was distilled until no guidance was left."""
    return type(pipeline).__name__ == "FluxPipeline" and not config_value(pipeline.transformer, "guidance_embeds")


def config_value(component: Any, name: str) -> Any:
    """Return what a component's configuration says, None where it does not."""
    return component.config.get(name) if component is not None else None
