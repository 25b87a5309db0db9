"""Brings a pipeline's parts to where engine.api.placement has decided that they are to be."""

from __future__ import annotations

from typing import Any

import torch

from engine.api.placement import Placement, Where
from engine.models.device import Device


def settle(pipeline: Any, placement: Placement, device: Device) -> Any:
    """Bring a pipeline to where its weights are to be, and return it."""
    if placement.where is Where.PARTS:
        pipeline.enable_model_cpu_offload(device=device.name)
        return pipeline
    return pipeline.to(device.name)


def modules_of(pipeline: Any) -> list[torch.nn.Module]:
    """Return a pipeline's parts that have weights."""
    return [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
