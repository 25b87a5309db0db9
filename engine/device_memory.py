"""The memory of the device that models are on: how much there is, and giving back what the allocator keeps.

Imports torch, so it is for the model thread alone.
"""

from __future__ import annotations

import os
import resource
import sys

import torch

from engine.api.host_memory import available_bytes


def memory() -> dict[str, int]:
    """Return bytes of memory by kind: total, free, allocated by tensors, and the most of that since the last call.

    Where models share the host's memory, the total and the most that this process ever had.
    """
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        usage = {"allocated": torch.cuda.memory_allocated(), "peak": torch.cuda.max_memory_allocated()}
        torch.cuda.reset_peak_memory_stats()
        return {"total": total, "free": free, **usage}
    if torch.backends.mps.is_available():
        return {"total": torch.mps.recommended_max_memory(), "allocated": torch.mps.current_allocated_memory()}
    most, unit = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 1 if sys.platform == "darwin" else 1024
    return {"total": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), "peak": most * unit}


def spare_memory() -> int:
    """Return bytes of CUDA memory that tensors can still take: free ones, and those that the allocator keeps."""
    free, _ = torch.cuda.mem_get_info()
    return int(free + torch.cuda.memory_reserved() - torch.cuda.memory_allocated())


def free_bytes(device: str) -> int:
    """Return bytes of memory that tensors on this device can still take."""
    if device == "cuda":
        return spare_memory()
    if device == "xpu":
        return int(torch.xpu.mem_get_info()[0])
    if device == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return available_bytes()


def wait_for_device() -> None:
    """Wait until all that was launched is computed, so that its seconds count where they belong."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def free_caches() -> None:
    """Give back what the device's allocator holds on to."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()
