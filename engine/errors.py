"""What loading and memory raise, in words for people and for the code that retries; below all rooms of the engine."""

from __future__ import annotations


class LoadFailed(Exception):
    """The models cannot be loaded; `str()` is one sentence for a person."""


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether a device or the host ran out; torch has a class for CUDA's alone, so the rest goes by the words."""
    words = str(error).lower()
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)
    )
