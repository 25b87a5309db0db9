"""Which device and number format this machine offers; imports torch, so for the model thread alone."""

from __future__ import annotations

import os
import resource
import sys
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


def memory() -> dict[str, int]:
    """Return bytes of memory by kind: total, free, allocated by tensors, and the most of that since the last call.

    Where models share the host's memory, the total and the most that this process ever had.
    """
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        found = {"allocated": torch.cuda.memory_allocated(), "peak": torch.cuda.max_memory_allocated()}
        torch.cuda.reset_peak_memory_stats()
        return {"total": total, "free": free, **found}
    if torch.backends.mps.is_available():
        return {"total": torch.mps.recommended_max_memory(), "allocated": torch.mps.current_allocated_memory()}
    most, unit = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 1 if sys.platform == "darwin" else 1024
    return {"total": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), "peak": most * unit}


def free_caches() -> None:
    """Give back what the device's allocator holds on to."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()
