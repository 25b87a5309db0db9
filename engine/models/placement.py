"""The placement of both models' weights while they do not compute: on the device, or in the host's memory.

Invariant: what computes at one time fits the device, as far as sizes tell that are known before anything is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from engine.api.model_catalog import WORKING, Where, memory_needs, where_fits
from engine.models.device import Device


@dataclass(frozen=True, slots=True)
class Placement:
    """`cap` is the most rows that a batch may have; None where memory sets no limit. `why` is one sentence."""

    where: Where = Where.TOGETHER
    cap: int | None = None
    why: str = "the models share the host's memory"


def place(painter: Mapping[str, int], planner: int, device: Device) -> Placement | None:
    """Return the fastest placement that fits; None where none does.

    `painter` has the bytes of each of its parts, `planner` those of the language model: 0 where it is one of them.
    """
    if device.free is None:
        return Placement()
    if where := where_fits(painter, planner, device.free):
        cap = None if where is Where.TOGETHER else 1
        return Placement(where, cap, _why(where, memory_needs(painter, planner), device.free))
    return None


def settle(pipeline: Any, placement: Placement, device: Device) -> Any:
    """Bring a pipeline to where its weights are to be, and return it."""
    if placement.where is Where.PARTS:
        pipeline.enable_model_cpu_offload(device=device.name)
        return pipeline
    return pipeline.to(device.name)


def modules_of(pipeline: Any) -> list[torch.nn.Module]:
    """Return a pipeline's parts that have weights."""
    return [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]


def least(painter: Mapping[str, int], planner: int) -> int:
    """Return how many free bytes the device must have at least."""
    return max([*painter.values(), planner]) + WORKING


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"


def _why(where: Where, needs: Mapping[Where, int], free: int) -> str:
    whole = (
        f"{gigabytes(needs[Where.TOGETHER])} of weights and {gigabytes(WORKING)} to work with, {gigabytes(free)} free"
    )
    return (
        whole
        + {
            Where.TOGETHER: ": all stays on the device",
            Where.TURNS: ": the language model and the painter take turns, and one picture is painted at a time",
            Where.PARTS: ": the models' parts take turns, and one picture is painted at a time",
        }[where]
    )
