"""Brings a pipeline's parts to where engine.api.placement has decided that they are to be."""

from __future__ import annotations

from typing import Any

import torch

from engine.api.placement import Format, Placement, Where
from engine.models.device import Device


def straight_to(device: Device, weights: Format = Format.FULL) -> dict[str, Any]:
    """Return what `from_pretrained` takes for each weight to go to a device as it is read.

    Else weights of another dtype than the model's are all in the host's memory first, converted. For other formats than
    the full one each library has a way of its own, and on Apple's chips nobody has tried it.
    """
    return {} if device.name in ("cpu", "mps") or weights is not Format.FULL else {"device_map": device.name}


def settle(pipeline: Any, placement: Placement, device: Device) -> Any:
    """Bring a pipeline to where its weights are to be, as far as they are not there yet, and return it."""
    if placement.where is Where.PARTS:
        pipeline.enable_model_cpu_offload(device=device.name)
        return pipeline
    return pipeline.to(device.name)


def modules_of(pipeline: Any) -> list[torch.nn.Module]:
    """Return a pipeline's parts that have weights."""
    return [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
