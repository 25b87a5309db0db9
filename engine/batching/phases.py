"""Seconds of a job by phase: what its request waited for, measured on the model thread, as the job sees them.

Invariant: where steps are shared, each job counts the whole step; so a job's phases add up to its own time at most.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from engine.batching.task import current_task
from engine.jobs.phases import Phase


@contextmanager
def phase(name: Phase) -> Iterator[None]:
    """Count these seconds to a phase of the task that computes; outside tasks count nothing."""
    began = time.perf_counter()
    try:
        yield
    finally:
        add_seconds(name, time.perf_counter() - began)


def add_seconds(name: Phase, seconds: float) -> None:
    """Count seconds to a phase of the task that computes."""
    if (task := current_task()) is not None:
        task.phases[name] = task.phases.get(name, 0.0) + seconds
