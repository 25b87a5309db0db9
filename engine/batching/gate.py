"""Step-level continuous batching for unmodified diffusers pipelines.

A gate stands where a pipeline calls its UNet or transformer. There a run stops; calls that agree are computed as one
batch, whatever step, noise scheduler, guidance or start image each has, and every run goes on with its own rows.

Invariant: what a call gets out does not depend on which calls it shares a forward with, beyond the rounding of sums.
A call alone is passed on untouched.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
import torch
from diffusers.utils import BaseOutput
from torch.nn.functional import pad
from torch.utils._pytree import tree_flatten, tree_unflatten
from torch.utils.weak import WeakTensorKeyDictionary

from engine.batching.batch_size import BatchSizes
from engine.batching.task import current_task
from engine.device_memory import free_caches
from engine.errors import is_out_of_memory

TIMES = frozenset({"timestep", "t"})
"""Arguments that may hold one value for the whole batch, and are given one per row before they are joined."""
POSITIONS = frozenset({"img_ids", "txt_ids"})
"""Arguments of which one set serves the whole batch, with or without a batch axis: they must be equal."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Family:
    """What a denoiser's arguments do that tensors with the batch in front do not.

    `lists` have an entry per row, which must agree in shape unless the name maps to False. `padded` are texts (rows,
    tokens, channels) of any length, by name, with the name of their mask.
    """

    lists: Mapping[str, bool] = field(default_factory=dict)
    padded: Mapping[str, str] = field(default_factory=dict)


FAMILIES = {
    "ZImageTransformer2DModel": Family(lists={"x": True, "cap_feats": False}),
    "QwenImageTransformer2DModel": Family(
        lists={"img_shapes": True}, padded={"encoder_hidden_states": "encoder_hidden_states_mask"}
    ),
}


class Gate:
    """Stands in for a module's `forward`; outside runs it only passes on, and nothing else of the module changes."""

    def __init__(self, module: torch.nn.Module, batch_sizes: BatchSizes) -> None:
        self.batch_sizes = batch_sizes
        self.real = module.forward
        self.signature = inspect.signature(self.real)
        self.family = FAMILIES.get(type(module).__name__, Family())
        self.apart: set[Hashable] = set()
        self.digests = WeakTensorKeyDictionary()

        @functools.wraps(self.real)
        def forward(*args: Any, **kwargs: Any) -> Any:
            run = current_task()
            call = None if run is None or _in_thread_local_context() else self._read(args, kwargs)
            return self.real(*args, **kwargs) if run is None or call is None else run.wait_for(call)

        module.forward = forward

    def _read(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call | None:
        try:
            return Call(self, args, kwargs)
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
            self.apart.add(calls[0].key)
        return outputs

    def repeat(self, call: Call, times: int) -> None:
        """Compute a call as if it had come so many times, to its end, for a measurement."""
        output = self._together([call] * times)[0] if times > 1 else self.real(*call.args, **call.kwargs)
        next(leaf for leaf in tree_flatten(output)[0] if isinstance(leaf, torch.Tensor)).flatten()[0].item()

    def _together(self, calls: Sequence[Call]) -> list[Any]:
        first = calls[0]
        merged = {name: self._join(name, calls) for name in first.named}
        for name, mask in self.family.padded.items():
            merged[name], merged[mask] = _pad(
                [call.named[name] for call in calls], [call.masks[mask] for call in calls]
            )
        output = self.real(**merged)
        ends = list(itertools.accumulate(call.rows for call in calls))
        parts = [_rows_of(output, end - call.rows, end, ends[-1]) for call, end in zip(calls, ends, strict=True)]
        return [part.to_tuple() if call.as_tuple else part for call, part in zip(calls, parts, strict=True)]

    def _join(self, name: str, calls: Sequence[Call]) -> Any:
        values = [call.named[name] for call in calls]
        if name in self.family.lists:
            return [entry for value in values for entry in value]
        if name in self.family.padded:
            return None  # by _pad
        first, tree = tree_flatten(values[0])
        leaves = [first, *(tree_flatten(value)[0] for value in values[1:])]
        joined = [
            torch.cat(same) if _is_batched(name, same[0], calls[0].rows) else same[0]
            for same in zip(*leaves, strict=True)
        ]
        return tree_unflatten(joined, tree)

    def digest(self, tensor: torch.Tensor) -> Hashable:
        """Return what equals another tensor's digest only where shapes, formats and values are equal."""
        known = self.digests.get(tensor)
        if known is None or known[0] != tensor._version:
            values = tensor.detach().to("cpu").contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
            known = self.digests[tensor] = (tensor._version, (tuple(tensor.shape), tensor.dtype, values))
        digest: Hashable = known[1]
        return digest


class Call:
    """A forward that a run waits for. Calls with equal `key` can share one; `rows` is its part of the batch.

    The key holds shapes and formats without the batch, the arguments' structure, and every value that is not of a row:
    a LoRA's scale in `cross_attention_kwargs`, positions, whether guidance is given.
    """

    def __init__(self, gate: Gate, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.gate, self.args, self.kwargs = gate, args, kwargs
        named = gate.signature.bind(*args, **kwargs).arguments
        sample = next(iter(named.values()))
        self.rows = len(sample)
        self.as_tuple = named.pop("return_dict", True) is False
        parameters, masks = gate.signature.parameters, gate.family.padded.values()
        self.masks = {name: named.pop(name, None) for name in masks}
        self.named = {
            name: _per_row(value, sample) if name in TIMES else value
            for name, value in sorted(named.items())
            if value is not parameters[name].default
        }
        self.key: Hashable = (id(gate), *((name, self._trait(name, value)) for name, value in self.named.items()))

    def cap(self, size: str) -> int:
        """Return how many rows its batch may have, for a picture of this size; measure where that is not known."""
        if self.key in self.gate.apart:
            return self.rows
        try:
            return self.gate.batch_sizes.measure(size, self.rows, lambda times: self.gate.repeat(self, times)).rows
        except Exception as error:  # this module takes no batch, or not this call
            log.warning("painter.knee_failed", size=size, reason=str(error))
            self.gate.apart.add(self.key)
            return self.rows

    def known_cap(self, size: str) -> int | None:
        """Return the same where it is known."""
        if self.key in self.gate.apart:
            return self.rows
        batch_size = self.gate.batch_sizes.find(size)
        return batch_size.rows if batch_size else None

    def alone(self) -> Any:
        """Return the output, or the exception that is raised."""
        try:
            return self.gate.real(*self.args, **self.kwargs)
        except Exception as error:
            return error

    def _trait(self, name: str, value: Any) -> Hashable:
        """Return what must agree of an argument."""
        family = self.gate.family
        if name in family.lists:
            same = family.lists[name]
            return tuple({_shape(entry) if isinstance(entry, torch.Tensor) else repr(entry) for entry in value if same})
        if name in family.padded:
            return (value.shape[2:], value.dtype)
        leaves, tree = tree_flatten(value)
        return (str(tree), *(self._leaf(name, leaf) for leaf in leaves))

    def _leaf(self, name: str, leaf: Any) -> Hashable:
        if not isinstance(leaf, torch.Tensor):
            return repr(leaf)
        if name in POSITIONS:
            return self.gate.digest(leaf if leaf.ndim < 3 else leaf[:1])
        return _shape(leaf[:1]) if _is_batched(name, leaf, self.rows) else self.gate.digest(leaf)


def _shape(tensor: torch.Tensor) -> Hashable:
    return (tuple(tensor.shape), tensor.dtype)


def _is_batched(name: str, leaf: Any, rows: int) -> bool:
    if not isinstance(leaf, torch.Tensor) or leaf.ndim == 0:
        return False
    return leaf.ndim > 2 if name in POSITIONS else leaf.shape[0] == rows


def _per_row(time: Any, sample: Any) -> torch.Tensor:
    """Return one time per row, where a pipeline gives one for all."""
    device = sample[0].device
    times = time if isinstance(time, torch.Tensor) else torch.tensor([time], device=device)
    return times if times.numel() == len(sample) else times.reshape(1).expand(len(sample))


def _pad(texts: Sequence[torch.Tensor], masks: Sequence[torch.Tensor | None]) -> tuple[torch.Tensor, Any]:
    """Join texts at the longest one's length, and mask what was added; no mask where none is needed."""
    longest = max(text.shape[1] for text in texts)
    if all(mask is None and text.shape[1] == longest for text, mask in zip(texts, masks, strict=True)):
        return torch.cat(list(texts)), None
    given = [
        torch.ones(text.shape[:2], dtype=torch.bool, device=text.device) if mask is None else mask.bool()
        for text, mask in zip(texts, masks, strict=True)
    ]
    return (
        torch.cat([pad(text, (0, 0, 0, longest - text.shape[1])) for text in texts]),
        torch.cat([pad(mask, (0, longest - mask.shape[1])) for mask in given]),
    )


def _rows_of(output: Any, begin: int, end: int, total: int) -> Any:
    """Return these rows of a merged output of any form."""
    if isinstance(output, list) and len(output) == total:
        return output[begin:end]
    if isinstance(output, BaseOutput):
        return type(output)(**{name: _rows_of(part, begin, end, total) for name, part in output.items()})
    if type(output) in (tuple, list):
        return type(output)(_rows_of(part, begin, end, total) for part in output)

    if isinstance(output, torch.Tensor) and output.shape[:1] != (total,):
        raise ValueError(f"an output of shape {tuple(output.shape)} for {total} rows")
    return output[begin:end] if isinstance(output, torch.Tensor) else output


def _in_thread_local_context() -> bool:
    """Tell whether the caller is within a context that would leak into other runs of this thread if it stopped here.

    Gradients are off for the whole thread, so `torch.no_grad` changes nothing and may be left in any order.
    """
    return torch.is_inference_mode_enabled() or torch._C._is_any_autocast_enabled() or torch.is_grad_enabled()


def gated(module: Any, batch_sizes: BatchSizes) -> Gate | None:
    """Put a gate before a pipeline's denoiser; None, and the reason in the log, where its calls cannot be joined."""
    reason = _reason_apart(module)
    if reason is None:
        return Gate(module, batch_sizes)
    log.info("painter.one_at_a_time", reason=reason)
    return None


def identity(module: Any, model: str) -> str:
    """Return all that changes how fast a denoiser computes: model, device, number format, library, threads."""
    if not isinstance(module, torch.nn.Module):
        return model
    some = next(module.parameters())
    device = torch.cuda.get_device_name(some.device) if some.is_cuda else f"{some.device}, {torch.get_num_threads()}"
    size = sum(parameter.numel() for parameter in module.parameters())
    compiled = any(part._compiled_call_impl is not None for part in module.modules())
    facts = (model, type(module).__name__, size, device, some.dtype, torch.__version__, *["compiled"] * compiled)
    return "; ".join(map(str, facts))


def _reason_apart(module: Any) -> str | None:
    if not isinstance(module, torch.nn.Module):
        return "it has no UNet and no transformer"
    parts = list(module.modules())
    registries: list[Any] = [part._diffusers_hook for part in parts if hasattr(part, "_diffusers_hook")]
    if any(hasattr(part, "_hf_hook") for part in parts) or any(registry.hooks for registry in registries):
        return "hooks move or cache its parts"
    if hasattr(module, "_orig_mod") or module._compiled_call_impl is not None:
        return "it is compiled as a whole, for fixed shapes"
    return None
