"""Steps and guidance with which a pipeline paints well, told by its class, its configuration and its name."""

from __future__ import annotations

import inspect
from typing import Any

HABITS: dict[str, tuple[int, float]] = {
    "StableDiffusionPipeline": (30, 7.5),
    "StableDiffusionXLPipeline": (30, 5.0),
    "StableDiffusion3Pipeline": (28, 4.5),
    "QwenImagePipeline": (30, 4.0),
    "ZImagePipeline": (28, 4.0),
}
"""Steps and guidance, from the model cards, where they differ from the pipeline's own defaults."""

FAST_HABITS: dict[str, tuple[int, float]] = {
    "Flux2KleinPipeline": (4, 1.0),
    "ZImagePipeline": (9, 0.0),
}
FAST = (4, 0.0)
"""The same for models distilled to a few steps."""
FAST_NAMES = ("turbo", "schnell", "lightning")


def habits(pipeline: Any, name: str) -> tuple[int, float | None]:
    """Return (steps, guidance)."""
    kind = type(pipeline).__name__
    if _is_fast(pipeline, name):
        return FAST_HABITS.get(kind, FAST)
    if kind in HABITS:
        return HABITS[kind]
    defaults = inspect.signature(pipeline.__call__).parameters
    guidance = defaults.get(dial(pipeline))
    return defaults["num_inference_steps"].default, guidance.default if guidance else None


def dial(pipeline: Any) -> str:
    """Return the name of guidance here.

    Qwen-Image guides by `true_cfg_scale`; in Flux that is a second, optional dial, off by default.
    """
    parameters = inspect.signature(pipeline.__call__).parameters
    true_guidance = parameters.get("true_cfg_scale")
    if true_guidance and ("guidance_scale" not in parameters or true_guidance.default > 1):
        return "true_cfg_scale"
    return "guidance_scale"


def _is_fast(pipeline: Any, name: str) -> bool:
    """Tell a distilled model by its configuration where that knows, else by its name."""
    if pipeline.config.get("is_distilled"):
        return True
    if type(pipeline).__name__ == "FluxPipeline":
        return is_schnell(pipeline)
    # The -turbo models of Stable Diffusion share their class with the full ones; their noise scheduler tells.
    scheduler = getattr(pipeline, "scheduler", None)
    if type(scheduler).__name__ == "EulerAncestralDiscreteScheduler":
        return bool(setting(scheduler, "timestep_spacing") == "trailing")
    return any(word in name.lower() for word in FAST_NAMES)


def is_schnell(pipeline: Any) -> bool:
    """Tell the Flux that was distilled until no guidance was left."""
    return type(pipeline).__name__ == "FluxPipeline" and not setting(pipeline.transformer, "guidance_embeds")


def setting(component: Any, name: str) -> Any:
    """Return what a component's configuration says, None where it does not."""
    return component.config.get(name) if component is not None else None
