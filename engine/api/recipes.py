"""Recipes: how models that were distilled to a few steps are put together from files on the hub, and how they are run.

Each is after its model's card. A recipe becomes a pipeline's folder (engine.models.recipes), so nothing else knows it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is taken from where, and the steps and guidance of a request that sets none."""

    steps: int
    guidance: float
    side: int
    """Pixels of the square that it paints best."""
    base: str
    """The pipeline on the hub that all parts come from which are not named here."""
    denoiser: str = ""
    """A file in the model's own repository with all weights of the UNet; empty where the base's own are meant."""
    lora: str = ""
    """A LoRA in the model's own repository, which is added to the base's weights when these are loaded, in full."""
    autoencoder: str = ""
    """A tiny autoencoder on the hub in place of the base's: on a CPU the large one would take as long as the steps."""
    scheduler: str = ""
    """The noise scheduler's class, with what of its configuration differs; empty keeps the base's."""
    scheduler_options: Mapping[str, str | float | bool | None] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """Parts of the base that are neither fetched nor loaded."""


SDXL_LIGHTNING = Recipe(
    steps=4,
    guidance=0.0,
    side=1024,
    base="stabilityai/stable-diffusion-xl-base-1.0",
    denoiser="sdxl_lightning_4step_unet.safetensors",
    scheduler="EulerDiscreteScheduler",
    scheduler_options={"timestep_spacing": "trailing"},
)
QWEN_IMAGE_LIGHTNING = Recipe(
    steps=8,
    guidance=1.0,  # the pipeline's true_cfg_scale: one forward a step
    side=1024,
    base="Qwen/Qwen-Image",
    lora="Qwen-Image-Lightning-8steps-V2.0-bf16.safetensors",
    scheduler="FlowMatchEulerDiscreteScheduler",
    scheduler_options={
        "use_dynamic_shifting": True,
        "time_shift_type": "exponential",
        "base_shift": math.log(3),  # at every size the shift of 3 that it was distilled with
        "max_shift": math.log(3),
        "shift": 1.0,
        "shift_terminal": None,
    },
)
LCM_DREAMSHAPER = Recipe(
    steps=4,
    guidance=8.0,
    side=512,
    base="SimianLuo/LCM_Dreamshaper_v7",
    autoencoder="madebyollin/taesd",
    left_out=("safety_checker", "feature_extractor"),  # the engine has a check of its own
)
