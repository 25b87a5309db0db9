"""Merges the arguments of several denoiser calls into those of one batch, and cuts the batch's output into rows again.

Invariant: rows keep their order, and nothing that belongs to one call reaches another's rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from diffusers.utils import BaseOutput
from torch.nn.functional import pad
from torch.utils._pytree import tree_flatten, tree_unflatten

TIMES = frozenset({"timestep", "t"})
"""Arguments that may hold one value for the whole batch, and are given one per row before they are joined."""
POSITIONS = frozenset({"img_ids", "txt_ids"})
"""Arguments of which one set serves the whole batch, with or without a batch axis: they must be equal."""


@dataclass(frozen=True, slots=True)
class Family:
    """The arguments of a family of denoisers that are no tensors with the batch as their first axis."""

    lists: Mapping[str, bool] = field(default_factory=dict)
    """Arguments with an entry per row; True where the entries must agree in shape."""
    padded: Mapping[str, str] = field(default_factory=dict)
    """Texts (rows, tokens, channels) of any length, and the name of each one's mask (rows, tokens)."""


FAMILIES = {
    "ZImageTransformer2DModel": Family(lists={"x": True, "cap_feats": False}),
    "QwenImageTransformer2DModel": Family(
        lists={"img_shapes": True}, padded={"encoder_hidden_states": "encoder_hidden_states_mask"}
    ),
}
"""Families that need one, by the denoiser's class."""


def merge_argument(name: str, values: Sequence[Any], rows: int, family: Family) -> Any:
    """Return one argument for all calls, given each call's value; the first call has `rows` rows.

    Of tensors without a batch axis, and of other values, the first call's is taken: calls of one key have the same.
    """
    if name in family.lists:
        return [entry for value in values for entry in value]
    first, tree = tree_flatten(values[0])
    leaves = [first, *(tree_flatten(value)[0] for value in values[1:])]
    joined = [
        torch.cat(same) if is_batched(name, same[0], rows) else same[0]  # one leaf of every call
        for same in zip(*leaves, strict=True)
    ]
    return tree_unflatten(joined, tree)


def merge_texts(texts: Sequence[torch.Tensor], masks: Sequence[torch.Tensor | None]) -> tuple[torch.Tensor, Any]:
    """Join texts (rows, tokens, channels) at the longest one's length.

    Return them and a mask (rows, tokens) that is False where padding was added; None where no mask is needed.
    """
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


def rows_of(output: Any, begin: int, end: int, total: int) -> Any:
    """Return the rows from `begin` to `end` of an output for `total` rows.

    It may be a tensor, a list with an entry per row, or a diffusers output or tuple of such. Raises ValueError for a
    tensor of another number of rows.
    """
    if isinstance(output, list) and len(output) == total:
        return output[begin:end]
    if isinstance(output, BaseOutput):
        return type(output)(**{name: rows_of(part, begin, end, total) for name, part in output.items()})
    if type(output) in (tuple, list):
        return type(output)(rows_of(part, begin, end, total) for part in output)
    if isinstance(output, torch.Tensor) and output.shape[:1] != (total,):
        raise ValueError(f"an output of shape {tuple(output.shape)} for {total} rows")
    return output[begin:end] if isinstance(output, torch.Tensor) else output


def is_batched(name: str, leaf: Any, rows: int) -> bool:
    """Tell whether the first axis of this part of an argument is the batch of `rows` rows."""
    if not isinstance(leaf, torch.Tensor) or leaf.ndim == 0:
        return False
    return leaf.ndim > 2 if name in POSITIONS else leaf.shape[0] == rows


def per_row(time: Any, sample: Any) -> torch.Tensor:
    """Return timesteps (rows,), where a pipeline may give one for all rows of the sample."""
    device = sample[0].device
    times = time if isinstance(time, torch.Tensor) else torch.tensor([time], device=device)
    return times if times.numel() == len(sample) else times.reshape(1).expand(len(sample))


def shape_of(tensor: torch.Tensor) -> tuple[tuple[int, ...], torch.dtype]:
    """Return the shape and the number format."""
    return (tuple(tensor.shape), tensor.dtype)
