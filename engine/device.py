"""Which device and number format this machine offers; imports torch, so for the model thread alone."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Device:
    """A torch device's name, and the format that models run in there."""

    name: str
    dtype: torch.dtype


def choose_device() -> Device:
    """CUDA before Apple's GPU before the CPU; half precision where the hardware is made for it."""
    if torch.cuda.is_available():
        return Device("cuda", torch.bfloat16)
    if torch.backends.mps.is_available():
        return Device("mps", torch.float16)
    return Device("cpu", torch.float32)
