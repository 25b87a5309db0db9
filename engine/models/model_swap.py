"""Swaps the language model and the painter on a device that is too small for both.

Invariant: after a swap the painter's weights are where they were before it, so a picture may be amid its steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from engine.api.light_structlog import structlog
from engine.batching.task import current_task

log = structlog.get_logger()


@contextmanager
def alone_on_device(resting: Any, working: Any) -> Iterator[None]:
    """Hold the device for one of two pipelines whose parts come to it one at a time; the other's leave it.

    The task that calls this is not interleaved with others meanwhile, so that no two denoisers are there at once.
    """
    task = current_task()
    if task is not None:
        task.exclusive = True
    resting.maybe_free_model_hooks()
    try:
        yield
    finally:
        working.maybe_free_model_hooks()
        if task is not None:
            task.exclusive = False


class ModelSwap:
    """`parts` are the painter's modules, of which the language model may be one."""

    def __init__(self, planner: torch.nn.Module, parts: Sequence[torch.nn.Module], device: str) -> None:
        self._planner = planner
        self._others = [part for part in parts if part is not planner]
        self._device = torch.device(device)
        self._home = torch.device("cpu")

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold the device for the language model. The task that calls this is not interleaved with others meanwhile."""
        task = current_task()
        away = [part for part in self._others if self._is_here(part)]
        stays = self._is_here(self._planner)
        if task is not None:
            task.exclusive = True
        self._move(away, self._home)
        self._move([self._planner], self._device)
        try:
            yield
        finally:
            if not stays:
                self._move([self._planner], self._home)
            self._move(away, self._device)
            if task is not None:
                task.exclusive = False

    def _is_here(self, part: torch.nn.Module) -> bool:
        return next(part.parameters()).device.type == self._device.type

    def _move(self, parts: Sequence[Any], device: torch.device) -> None:
        for part in parts:
            part.to(device)
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
