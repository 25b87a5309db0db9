"""Which device and number format this machine offers; imports torch, so for the model thread alone."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Device:
    """A torch device's name, the format that models run in there, and the chip's name.

    `free` and `total` are bytes of the memory that is the device's own, before anything is loaded; None where models
    share the host's.
    """

    name: str
    dtype: torch.dtype
    chip: str = ""
    free: int | None = None
    total: int | None = None


def choose_device(dtype: str = "auto") -> Device:
    """CUDA before Apple's GPU before the CPU; half precision where the hardware is made for it, or the named format."""
    asked: torch.dtype | None = None if dtype == "auto" else getattr(torch, dtype)
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        own = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        return Device("cuda", asked or own, torch.cuda.get_device_name(), free, total)
    if torch.backends.mps.is_available():
        return Device("mps", asked or torch.float16, "Apple GPU")
    return Device("cpu", asked or torch.float32, "CPU")
