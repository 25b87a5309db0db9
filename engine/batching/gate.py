"""Step-level continuous batching for unmodified diffusers pipelines.

A gate stands where a pipeline calls its UNet or transformer. There a task stops; calls of one key are computed as one
batch, whatever step, noise scheduler, guidance or start image each has, and every task goes on with its own rows.

Invariant: a call's output does not depend on the calls that it shares a forward with, beyond the rounding of sums. A
call alone is passed on untouched. LoRAs are switched before each forward: no call is computed with another one's.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch
from torch.utils._pytree import tree_flatten
from torch.utils.weak import WeakTensorKeyDictionary

from engine.api.light_structlog import structlog
from engine.batching.batch_size import BatchSizes
from engine.batching.merge import (
    FAMILIES,
    POSITIONS,
    TIMES,
    Family,
    is_batched,
    merge_argument,
    merge_texts,
    per_row,
    rows_of,
    shape_of,
)
from engine.batching.task import current_task
from engine.device_memory import free_caches
from engine.errors import is_out_of_memory
from engine.jobs.requests import Loras

log = structlog.get_logger()


class Gate:
    """Stands in for a module's `forward`; outside tasks it only passes on, and nothing else of the module changes."""

    def __init__(
        self, module: torch.nn.Module, batch_sizes: BatchSizes, switch: Callable[[Loras], None] = lambda _: None
    ) -> None:
        """`switch` lets the module compute with these LoRAs, and no others, from now on."""
        self.batch_sizes = batch_sizes
        self.switch = switch
        self.real = module.forward
        self.signature = inspect.signature(self.real)
        self.family = FAMILIES.get(type(module).__name__, Family())
        self.unbatchable: set[Hashable] = set()
        """Keys of calls that failed as a batch and not alone."""
        self.digests = WeakTensorKeyDictionary()

        @functools.wraps(self.real)
        def forward(*args: Any, **kwargs: Any) -> Any:
            task = current_task()
            if task is None:
                return self.real(*args, **kwargs)
            loras = task.job.painting.loras
            call = None if _in_thread_local_context() else self._read(args, kwargs, loras)
            return self.compute(loras, *args, **kwargs) if call is None else task.wait_for(call)

        module.forward = forward

    def compute(self, loras: Loras, *args: Any, **kwargs: Any) -> Any:
        """Compute one forward with these LoRAs."""
        self.switch(loras)
        return self.real(*args, **kwargs)

    def _read(self, args: tuple[Any, ...], kwargs: dict[str, Any], loras: Loras) -> Call | None:
        try:
            return Call(self, args, kwargs, loras)
        except (TypeError, ValueError, AttributeError, IndexError) as error:  # an unknown family's; computed as it is
            log.debug("call.unknown", reason=str(error))
            return None

    def run(self, calls: Sequence[Call], size: str = "") -> list[Any]:
        """Compute calls of one key; return for each its output, or the exception that it raises when alone.

        Where memory runs out, the cap for pictures of this size is halved, and the calls are computed in two batches.
        """
        if len(calls) == 1:
            return [calls[0].alone()]
        try:
            return self._together(calls)
        except Exception as error:  # one of them may be at fault, or this module takes no such batch
            is_full, reason = is_out_of_memory(error), str(error)
        rows = sum(call.rows for call in calls)
        if is_full:  # dealt with here, where the exception holds no tensors any more
            log.warning(
                "batch.out_of_memory", size=size, rows=rows, cap=self.batch_sizes.halve(size, rows), reason=reason
            )
            free_caches()
            half = len(calls) // 2
            return [*self.run(calls[:half], size), *self.run(calls[half:], size)]
        log.warning("batch.failed", rows=[call.rows for call in calls], reason=reason)
        outputs = [call.alone() for call in calls]
        if not any(isinstance(output, Exception) for output in outputs):
            self.unbatchable.add(calls[0].key)
        return outputs

    def repeat(self, call: Call, times: int) -> None:
        """Compute a call as if it had come so many times, to its end, for a measurement."""
        output = self._together([call] * times)[0] if times > 1 else self.compute(call.loras, *call.args, **call.kwargs)
        next(leaf for leaf in tree_flatten(output)[0] if isinstance(leaf, torch.Tensor)).flatten()[0].item()

    def _together(self, calls: Sequence[Call]) -> list[Any]:
        first = calls[0]
        padded = self.family.padded
        merged = {
            name: merge_argument(name, [call.named[name] for call in calls], first.rows, self.family)
            for name in first.named
            if name not in padded
        }
        for name, mask in padded.items():
            merged[name], merged[mask] = merge_texts(
                [call.named[name] for call in calls], [call.masks[mask] for call in calls]
            )
        output = self.compute(first.loras, **merged)
        ends = list(itertools.accumulate(call.rows for call in calls))
        parts = [rows_of(output, end - call.rows, end, ends[-1]) for call, end in zip(calls, ends, strict=True)]
        return [part.to_tuple() if call.as_tuple else part for call, part in zip(calls, parts, strict=True)]

    def digest(self, tensor: torch.Tensor) -> Hashable:
        """Return what equals another tensor's digest only where shapes, formats and values are equal."""
        known = self.digests.get(tensor)
        if known is None or known[0] != tensor._version:
            values = tensor.detach().to("cpu").contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
            known = self.digests[tensor] = (tensor._version, (tuple(tensor.shape), tensor.dtype, values))
        digest: Hashable = known[1]
        return digest


class Call:
    """A forward that a task waits for. Calls with equal `key` can share one; `rows` is its part of the batch.

    The key holds the LoRAs, shapes and formats without the batch, the arguments' structure, and every value that is not
    of a row: positions, whether guidance is given.
    """

    def __init__(self, gate: Gate, args: tuple[Any, ...], kwargs: dict[str, Any], loras: Loras = ()) -> None:
        self.gate, self.args, self.kwargs, self.loras = gate, args, kwargs, loras
        named = gate.signature.bind(*args, **kwargs).arguments
        sample = next(iter(named.values()))
        self.rows = len(sample)
        self.as_tuple = named.pop("return_dict", True) is False
        parameters, masks = gate.signature.parameters, gate.family.padded.values()
        self.masks = {name: named.pop(name, None) for name in masks}
        self.named = {
            name: per_row(value, sample) if name in TIMES else value
            for name, value in sorted(named.items())
            if value is not parameters[name].default
        }
        self.key: Hashable = (
            id(gate),
            loras,
            *((name, self._trait(name, value)) for name, value in self.named.items()),
        )

    def cap(self, size: str) -> int:
        """Return how many rows its batch may have, for a picture of this size; measure where that is not known."""
        if self.key in self.gate.unbatchable:
            return self.rows
        try:
            return self.gate.batch_sizes.measure(size, self.rows, functools.partial(self.gate.repeat, self)).rows
        except Exception as error:
            self._refuse_batches(size, error)
            return self.rows

    def measure_when_idle(self, size: str, is_idle: Callable[[], bool]) -> None:
        """Measure the cap thoroughly while `is_idle`, where it is not known conclusively."""
        try:
            repeat = functools.partial(self.gate.repeat, self)
            self.gate.batch_sizes.measure_when_idle(size, self.rows, repeat, is_idle)
        except Exception as error:
            self._refuse_batches(size, error)

    def known_cap(self, size: str) -> int | None:
        """Return the same where it is known."""
        if self.key in self.gate.unbatchable:
            return self.rows
        batch_size = self.gate.batch_sizes.find(size)
        return batch_size.rows if batch_size else None

    def _refuse_batches(self, size: str, error: Exception) -> None:
        """Compute such calls alone from now on: this module takes no batch, or not this call."""
        log.warning("painter.batch_size_failed", size=size, reason=str(error))
        self.gate.unbatchable.add(self.key)

    def alone(self) -> Any:
        """Return the output, or the exception that is raised."""
        try:
            return self.gate.compute(self.loras, *self.args, **self.kwargs)
        except Exception as error:
            return error

    def _trait(self, name: str, value: Any) -> Hashable:
        """Return what must agree of an argument."""
        family = self.gate.family
        if name in family.lists:
            same = family.lists[name]
            return tuple(
                {shape_of(entry) if isinstance(entry, torch.Tensor) else repr(entry) for entry in value if same}
            )
        if name in family.padded:
            return (value.shape[2:], value.dtype)
        leaves, tree = tree_flatten(value)
        return (str(tree), *(self._leaf(name, leaf) for leaf in leaves))

    def _leaf(self, name: str, leaf: Any) -> Hashable:
        if not isinstance(leaf, torch.Tensor):
            return repr(leaf)
        if name in POSITIONS:
            return self.gate.digest(leaf if leaf.ndim < 3 else leaf[:1])
        return shape_of(leaf[:1]) if is_batched(name, leaf, self.rows) else self.gate.digest(leaf)


def _in_thread_local_context() -> bool:
    """Tell whether the caller is within a context that would leak into other tasks of this thread if it stopped here.

    Gradients are off for the whole thread, so `torch.no_grad` changes nothing and may be left in any order.
    """
    return torch.is_inference_mode_enabled() or torch._C._is_any_autocast_enabled() or torch.is_grad_enabled()


def gated(module: Any, batch_sizes: BatchSizes, switch: Callable[[Loras], None] = lambda _: None) -> Gate | None:
    """Put a gate before a pipeline's denoiser; None, and the reason in the log, where its calls cannot be joined."""
    reason = _reason_not_batched(module)
    if reason is None:
        return Gate(module, batch_sizes, switch)
    log.info("painter.one_at_a_time", reason=reason)
    return None


def identity(module: Any, model: str) -> str:
    """Return all that changes how fast a denoiser computes: model, device, number formats, library, threads."""
    if not isinstance(module, torch.nn.Module):
        return model
    some = next(module.parameters())
    device = torch.cuda.get_device_name(some.device) if some.is_cuda else f"{some.device}, {torch.get_num_threads()}"
    size = sum(parameter.numel() for parameter in module.parameters())
    formats = sorted({type(parameter).__name__ for parameter in module.parameters()} - {"Parameter"})
    compiled = any(part._compiled_call_impl is not None for part in module.modules())
    more = [*formats, *["compiled"] * compiled]
    facts = (model, type(module).__name__, size, device, some.dtype, torch.__version__, *more)
    return "; ".join(map(str, facts))


def _reason_not_batched(module: Any) -> str | None:
    if not isinstance(module, torch.nn.Module):
        return "it has no UNet and no transformer"
    parts = list(module.modules())
    registries: list[Any] = [part._diffusers_hook for part in parts if hasattr(part, "_diffusers_hook")]
    if any(hasattr(part, "_hf_hook") for part in parts) or any(registry.hooks for registry in registries):
        return "hooks move or cache its parts"
    if hasattr(module, "_orig_mod") or module._compiled_call_impl is not None:
        return "it is compiled as a whole, for fixed shapes"
    return None
