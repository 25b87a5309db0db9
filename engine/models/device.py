"""Which device and number format this machine offers; imports torch, so for the model thread alone."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Device:
    """A torch device's name, the format that models run in there, and the chip's name.

    `free` and `total` are bytes of the memory that the device may use, before anything is loaded; None on a CPU. On
    Apple's chips that memory is the host's.
    """

    name: str
    dtype: torch.dtype
    chip: str = ""
    free: int | None = None
    total: int | None = None


def choose_device(dtype: str = "auto") -> Device:
    """CUDA before Intel's GPU, Apple's and the CPU; the named format, or half precision where the hardware has it."""
    asked: torch.dtype | None = None if dtype == "auto" else getattr(torch, dtype)
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        own = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        return Device("cuda", asked or own, torch.cuda.get_device_name(), free, total)
    if torch.xpu.is_available():
        free, total = torch.xpu.mem_get_info()
        return Device("xpu", asked or torch.bfloat16, torch.xpu.get_device_name(), free, total)
    if torch.backends.mps.is_available():
        total = torch.mps.recommended_max_memory()
        return Device("mps", asked or torch.float16, "Apple GPU", total - torch.mps.driver_allocated_memory(), total)
    return Device("cpu", asked or torch.float32, "CPU")
